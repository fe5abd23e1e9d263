package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticPath;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.RestoreTarget.Kind;
import io.resticfleet.protocol.SnapshotPath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a restore is about to write.
 *
 * @param entries number of files, directories and others
 * @param bytes size of the files
 * @param needed size of the files less that of those at the target, by the selected path that they are at or below
 * @param refusal why nothing is restored; empty if there is no reason
 */
record RestorePlan(long entries, long bytes, Map<String, Long> needed, Optional<Outcome> refusal) {

    /**
     * @param root directory below which the files get their whole path
     * @param own what the agent needs to stay as it is
     */
    static RestorePlan of(Selection selection, Restore spec, Path root, Stream<Path> own) throws IOException {
        var counting = new Counting(selection, spec, root, own.toList());
        selection.each(counting::next);
        return new RestorePlan(counting.entries, counting.bytes, counting.needed, counting.refusal());
    }

    /** Reads the list of entries once. */
    private static final class Counting {
        private final Selection selection;
        private final List<Path> own;
        private final boolean fresh;
        private final LocalFiles local;
        private final NameCheck names = new NameCheck();

        /** How many entries were found for each path that is wanted, by what restic prints. */
        private final Map<String, Integer> found = new LinkedHashMap<>();

        /** The paths with names that are no UTF-8, and how many entries their patterns match. */
        private final Map<SnapshotPath, Integer> matched = new HashMap<>();

        private Optional<String> unsafe = Optional.empty();
        private long entries;
        private long bytes;
        private final Map<String, Long> needed = new HashMap<>();

        Counting(Selection selection, Restore spec, Path root, List<Path> own) {
            this.selection = selection;
            this.own = own;
            this.fresh = spec.target().kind() == Kind.NEW_FOLDER;
            this.local = new LocalFiles(root);
            spec.paths().forEach(path -> {
                if (!path.equals(SnapshotPath.ROOT)) {
                    found.put(ResticPath.printed(path.raw()), 0);
                }
                if (!ResticPath.isExact(path)) {
                    matched.put(path, 0);
                }
            });
        }

        void next(Selection.Entry entry) throws IOException {
            names.add(entry.path(), entry.type());
            if (names.problem().isPresent()) {
                unsafe = unsafe.or(names::problem);
                return;
            }
            entries++;
            found.computeIfPresent(entry.path(), (path, count) -> count + 1);
            matched.replaceAll((path, count) -> ResticPath.matches(path, entry.path()) ? count + 1 : count);
            long present = fresh ? 0 : look(entry);
            if (entry.isFile()) {
                bytes += entry.size();
                needed.merge(
                        selection.selected(entry.path()).orElse("/"), Math.max(0, entry.size() - present), Long::sum);
            }
        }

        /** The size of the file that is there. */
        private long look(Selection.Entry entry) throws IOException {
            long size = 0;
            for (var place : local.find(entry.path())) {
                own.stream()
                        .filter(place::startsWith)
                        .findFirst()
                        .ifPresent(agents -> refuse(
                                place + " is the agent's own (" + agents + "); choose the directories beside it"));
                var there = LocalFiles.at(place);
                if (entry.isDirectory()
                        && there.filter(file -> !file.isDirectory()).isPresent()) {
                    refuse(place + " is a directory in the snapshot, but "
                            + (there.get().isSymbolicLink()
                                    ? "a symbolic link on this machine, which could lead elsewhere"
                                    : "not on this machine"));
                }
                size = there.filter(file -> file.isRegularFile())
                        .map(file -> file.size())
                        .orElse(size);
            }
            return size;
        }

        private void refuse(String why) {
            unsafe = unsafe.or(() -> Optional.of(why));
        }

        private Optional<Outcome> refusal() {
            var missing = found.entrySet().stream()
                    .filter(path -> path.getValue() == 0)
                    .map(Map.Entry::getKey)
                    .toList();
            if (!missing.isEmpty()) {
                return Optional.of(Outcome.failed(
                        ErrorCode.NOT_IN_SNAPSHOT,
                        "nothing was restored, as the snapshot does not have "
                                + BackupJob.firstFive(missing, missing.size())));
            }
            var ambiguous = matched.entrySet().stream()
                    .filter(path -> path.getValue() > 1)
                    .findFirst();
            if (ambiguous.isPresent()) {
                return Optional.of(Outcome.failed(
                        ErrorCode.NOT_IN_SNAPSHOT,
                        "nothing was restored, as " + ambiguous.get().getKey()
                                + " is not UTF-8, and restic cannot tell it from "
                                + (ambiguous.get().getValue() - 1)
                                + " other names there; restore the directory that it is in"));
            }
            return unsafe.map(why -> Outcome.failed(ErrorCode.UNSAFE_TARGET, "nothing was restored: " + why));
        }
    }
}
