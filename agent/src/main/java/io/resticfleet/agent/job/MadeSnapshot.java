package io.resticfleet.agent.job;

import io.resticfleet.agent.restic.ResticEvent;
import io.resticfleet.agent.restic.ResticVersion;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.SnapshotChecksums;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A snapshot that a backup has just made.
 *
 * @param id 64 digits, or the first 8 of them
 * @param row as restic will list it, without parent and tree; absent if that is not known for certain
 */
record MadeSnapshot(String id, SnapshotFile.Totals totals, Optional<Snapshot> row) {

    private static final int SHORT_ID = 8;

    static MadeSnapshot of(String id, ResticEvent.Summary summary) {
        var figures = summary.figures();
        return new MadeSnapshot(
                id,
                new SnapshotFile.Totals(figures.totalFilesProcessed(), figures.totalBytesProcessed()),
                Optional.empty());
    }

    /** @param paths that were passed to restic; all of them were saved */
    MadeSnapshot withRow(
            ResticEvent.Summary summary,
            Schedule schedule,
            List<String> paths,
            String hostname,
            ResticVersion version) {
        boolean certain = SnapshotChecksums.isId(id)
                && schedule.tags().stream().noneMatch(tag -> tag.contains(",") || !tag.equals(tag.strip()));
        return new MadeSnapshot(
                id,
                totals,
                summary.start()
                        .filter(start -> certain)
                        .map(start -> new Snapshot(
                                id,
                                id.substring(0, SHORT_ID),
                                start,
                                hostname,
                                System.getProperty("user.name"),
                                paths.stream()
                                        .map(path -> Path.of(path).normalize().toString())
                                        .toList(),
                                Stream.concat(Stream.of(schedule.tag()), schedule.tags().stream())
                                        .toList(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of("restic " + version),
                                Optional.of(totals.files()),
                                Optional.of(totals.bytes()),
                                Optional.of(summary.figures().dataAdded()),
                                summary.figures().dataAddedPacked())));
    }

    /** Whether a listed snapshot is this one. */
    boolean hasKey(long key) {
        return SnapshotChecksums.digits(key)
                .startsWith(id.substring(0, Math.min(SnapshotChecksums.KEY_DIGITS, id.length())));
    }
}
