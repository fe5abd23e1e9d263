package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticEvent;
import io.resticfleet.agent.restic.ResticVersion;
import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.SnapshotChecksums;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A snapshot that a backup has just made.
 *
 * @param id 64 digits, or the first 8 of them
 * @param time absent if it is not known
 * @param row as restic will list it, without parent and tree; absent if that is not known for certain
 */
record MadeSnapshot(String id, Optional<Instant> time, BackupResult figures, Optional<Snapshot> row) {

    private static final int SHORT_ID = 8;
    private static final ResticVersion NAMES_ITSELF = new ResticVersion(0, 16, 0);

    /** @param startedAt when restic was started, to which its older versions set the time of the snapshot, within a second */
    static MadeSnapshot of(String id, ResticEvent.Summary summary, Optional<Instant> startedAt) {
        return new MadeSnapshot(id, summary.start().or(() -> startedAt), summary.figures(), Optional.empty());
    }

    /** @param paths that were passed to restic; all of them were saved */
    MadeSnapshot withRow(Schedule schedule, List<String> paths, String hostname, ResticVersion version) {
        boolean certain = SnapshotChecksums.isId(id)
                && schedule.tags().stream().noneMatch(tag -> tag.contains(",") || !tag.equals(tag.strip()));
        return new MadeSnapshot(
                id,
                time,
                figures,
                time.filter(known -> certain).map(known -> row(known, schedule, paths, hostname, version)));
    }

    private Snapshot row(
            Instant knownTime, Schedule schedule, List<String> paths, String hostname, ResticVersion version) {
        return new Snapshot(
                id,
                id.substring(0, SHORT_ID),
                knownTime,
                hostname,
                System.getProperty("user.name"),
                paths.stream().map(path -> Path.of(path).normalize().toString()).toList(),
                Stream.concat(Stream.of(schedule.tag()), schedule.tags().stream())
                        .toList(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("restic " + version).filter(any -> version.compareTo(NAMES_ITSELF) >= 0),
                Optional.of(figures.totalFilesProcessed()),
                Optional.of(figures.totalBytesProcessed()),
                figures.dataAddedPacked().map(any -> figures.dataAdded()),
                figures.dataAddedPacked(),
                Optional.empty());
    }

    SnapshotFile.Totals totals() {
        return new SnapshotFile.Totals(figures.totalFilesProcessed(), figures.totalBytesProcessed());
    }

    /** Whether a listed snapshot is this one. */
    boolean hasKey(long key) {
        return SnapshotChecksums.digits(key)
                .startsWith(id.substring(0, Math.min(SnapshotChecksums.KEY_DIGITS, id.length())));
    }
}
