package io.resticfleet.server.page.files;

import io.resticfleet.protocol.SnapshotPath;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Paths of a snapshot that a user has chosen, none of them in another one. Immutable. */
final class Chosen {

    static final Chosen NOTHING = new Chosen(Map.of());

    /** Memory of a path beside its text. */
    private static final int OVERHEAD = 200;

    /** By {@link #prefix}, in the order chosen. */
    private final Map<String, SnapshotPath> paths;

    private Chosen(Map<String, SnapshotPath> paths) {
        this.paths = paths;
    }

    /** These and more. */
    Chosen with(List<SnapshotPath> more) {
        var all = new LinkedHashMap<>(paths);
        more.forEach(path -> all.putIfAbsent(prefix(path), path));
        var outermost = new LinkedHashMap<>(all);
        outermost.keySet().removeIf(prefix -> above(prefix).anyMatch(all::containsKey));
        return new Chosen(outermost);
    }

    Chosen without(List<SnapshotPath> fewer) {
        var all = new LinkedHashMap<>(paths);
        fewer.forEach(path -> all.remove(prefix(path)));
        return new Chosen(all);
    }

    /** Whether a path is one of them, or in one of them. */
    boolean has(SnapshotPath path) {
        var prefix = prefix(path);
        return paths.containsKey(prefix) || above(prefix).anyMatch(paths::containsKey);
    }

    /** In the order chosen. */
    List<SnapshotPath> paths() {
        return List.copyOf(paths.values());
    }

    int size() {
        return paths.size();
    }

    /** Memory that they take, about. */
    long bytes() {
        return paths.keySet().stream()
                .mapToLong(prefix -> OVERHEAD + 3L * prefix.length())
                .sum();
    }

    /** Its bytes, with a slash at the end. */
    private static String prefix(SnapshotPath path) {
        var bytes = new String(path.raw().bytes(), StandardCharsets.ISO_8859_1);
        return path.equals(SnapshotPath.ROOT) ? bytes : bytes + "/";
    }

    /** The prefixes of the directories that something is in. */
    private static Stream<String> above(String prefix) {
        return IntStream.range(1, prefix.length())
                .filter(end -> prefix.charAt(end - 1) == '/')
                .mapToObj(end -> prefix.substring(0, end));
    }
}
