package io.resticfleet.agent.job;

import io.resticfleet.protocol.PathReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one run of a backup read.
 *
 * @param files number of regular files, by restic
 * @param paths what was at each path that responded and existed
 */
record Reading(long files, Map<String, Found> paths) {

    /** If the last good run had fewer files than this, the next one may have any number. */
    private static final long MANY_FILES = 100;

    private static final int SHRINKS_TO = 10;

    /** What was at a path. */
    enum Found {
        FILE,
        /** With at least one regular file in it. */
        DIRECTORY,
        /** The same, as the root of a file system. */
        MOUNT_POINT,
        /** A directory or mount point with nothing but directories in it. */
        EMPTY,
        /** Anything that has no regular files, such as a symbolic link. */
        OTHER;

        private static Found of(PathReport report) {
            if (report.count().filter(PathReport.Count::noFiles).isPresent()) {
                return EMPTY;
            }
            return switch (report.kind()) {
                case FILE -> FILE;
                // without a count it cannot be listed; a count that is not cut has no regular files
                case DIRECTORY -> hasFiles(report) ? DIRECTORY : OTHER;
                case MOUNT_POINT -> hasFiles(report) ? MOUNT_POINT : OTHER;
                default -> OTHER;
            };
        }

        private static boolean hasFiles(PathReport report) {
            return report.count().flatMap(PathReport.Count::cut).isPresent();
        }
    }

    /** @param files number of files that restic read */
    static Reading of(Sources sources, long files) {
        var paths = new LinkedHashMap<String, Found>();
        var missing = sources.missing();
        sources.reports().forEach((path, report) -> {
            if (!missing.contains(path)) {
                paths.put(path, Found.of(report));
            }
        });
        return new Reading(files, paths);
    }

    List<String> empty() {
        return paths.keySet().stream()
                .filter(path -> paths.get(path) == Found.EMPTY)
                .toList();
    }

    /** Paths that are empty, and were not in the last good run. */
    List<String> emptied(Reading lastGood) {
        return empty().stream()
                .filter(path -> lastGood.paths.get(path) != Found.EMPTY)
                .toList();
    }

    /** Paths that are no mount points any more, as when a disk is not mounted. */
    List<String> unmounted(Optional<Reading> lastGood) {
        return paths.keySet().stream()
                .filter(path -> paths.get(path) == Found.DIRECTORY || paths.get(path) == Found.OTHER)
                .filter(path -> lastGood.filter(good -> good.paths.get(path) == Found.MOUNT_POINT)
                        .isPresent())
                .toList();
    }

    /** Whether restic read no file although there were some, and there were some in the last good run. */
    boolean nothing(Optional<Reading> lastGood) {
        return files == 0
                && lastGood.filter(good -> good.files == 0).isEmpty()
                && paths.values().stream()
                        .anyMatch(
                                found -> found == Found.FILE || found == Found.DIRECTORY || found == Found.MOUNT_POINT);
    }

    /** Whether there are less than a tenth of the files of the last good run. */
    boolean shrunk(Optional<Reading> lastGood) {
        return lastGood.filter(good -> good.files >= MANY_FILES && files * SHRINKS_TO < good.files)
                .isPresent();
    }

    /** Whether nothing suggests that less was read than is meant. */
    boolean isGood(Reading lastGood) {
        var good = Optional.of(lastGood);
        return emptied(lastGood).isEmpty() && unmounted(good).isEmpty() && !nothing(good) && !shrunk(good);
    }
}
