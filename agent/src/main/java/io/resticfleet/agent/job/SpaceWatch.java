package io.resticfleet.agent.job;

import io.resticfleet.agent.restore.FreeSpace;
import io.resticfleet.agent.restore.Place;
import io.resticfleet.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Keeps a restore from filling a disk, before it begins and while it runs. Not safe for use by more than one thread. */
final class SpaceWatch {

    private final FreeSpace space;

    /** Bytes that are needed, by a place on each disk. */
    private final Map<Path, Long> needed = new LinkedHashMap<>();

    private Optional<Path> stoppedAt = Optional.empty();

    /** @param needed bytes by directory or file, which need not exist */
    SpaceWatch(FreeSpace space, Map<Path, Long> needed) throws IOException {
        this.space = space;
        var disks = new HashMap<FileStore, Path>();
        for (var each : needed.entrySet()) {
            var place = Place.closest(each.getKey());
            var first = disks.computeIfAbsent(Files.getFileStore(place), disk -> place);
            this.needed.merge(first, each.getValue(), Long::sum);
        }
    }

    /** The failure if there is not enough space. */
    Optional<Outcome> lack() throws IOException {
        for (var each : needed.entrySet()) {
            var now = space.of(each.getKey());
            if (now.usable() - each.getValue() < now.floor()) {
                return Optional.of(Outcome.failed(
                        ErrorCode.NO_SPACE,
                        "nothing was restored: " + size(each.getValue()) + " are needed at " + each.getKey() + " and "
                                + size(now.floor()) + " must stay free there, but only " + size(now.usable())
                                + " are free"));
            }
        }
        return Optional.empty();
    }

    /** Whether restic has to be stopped; true from then on. Half of what must stay free is there for what was not foreseen. */
    boolean isScarce() {
        for (var place : needed.keySet()) {
            try {
                var now = space.of(place);
                if (stoppedAt.isEmpty() && now.usable() < now.floor() / 2) {
                    stoppedAt = Optional.of(place);
                }
            } catch (IOException e) {
                continue; // restic fails by itself
            }
        }
        return stoppedAt.isPresent();
    }

    /** Where the disk became too full, so that restic was stopped. */
    Optional<Path> stoppedAt() {
        return stoppedAt;
    }

    private static String size(long bytes) {
        return bytes < 1L << 30
                ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1L << 20))
                : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
    }
}
