package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where looking at a snapshot begins. */
final class BackedUp {

    private BackedUp() {}

    /** The deepest directory that has all of these paths, or the only one of them; the root if one is no absolute path. */
    static SnapshotPath commonPath(List<String> paths) {
        var common = Optional.<List<RawText>>empty();
        for (var path : paths) {
            var names = names(path);
            common = Optional.of(common.map(before -> common(before, names)).orElse(names));
        }
        return SnapshotPath.of(common.orElse(List.of()));
    }

    private static List<RawText> names(String path) {
        try {
            return SnapshotPath.of(path).names();
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    private static List<RawText> common(List<RawText> first, List<RawText> second) {
        var common = new ArrayList<RawText>();
        for (int i = 0; i < Math.min(first.size(), second.size()); i++) {
            if (!first.get(i).equals(second.get(i))) {
                break;
            }
            common.add(first.get(i));
        }
        return common;
    }
}
