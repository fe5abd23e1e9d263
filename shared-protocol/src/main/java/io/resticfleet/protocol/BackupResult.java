package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Optional;

/**
 * What a backup read and stored; 0 if restic reports none.
 *
 * @param dataAdded bytes new to the repository, before compression
 * @param dataAddedPacked bytes new to the repository as stored; absent from restic before 0.17
 * @param totalDuration seconds
 * @param errorCount files that could not be read
 * @param snapshotsKept by the schedule's retention; absent if that did not run
 * @param snapshotsRemoved by the schedule's retention; absent if that did not run
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record BackupResult(
        long filesNew,
        long filesChanged,
        long filesUnmodified,
        long dirsNew,
        long dirsChanged,
        long dirsUnmodified,
        long dataAdded,
        Optional<Long> dataAddedPacked,
        long totalFilesProcessed,
        long totalBytesProcessed,
        double totalDuration,
        long errorCount,
        Optional<Long> snapshotsKept,
        Optional<Long> snapshotsRemoved)
        implements JobResult {

    public BackupResult {
        filesNew = Limit.count(filesNew);
        filesChanged = Limit.count(filesChanged);
        filesUnmodified = Limit.count(filesUnmodified);
        dirsNew = Limit.count(dirsNew);
        dirsChanged = Limit.count(dirsChanged);
        dirsUnmodified = Limit.count(dirsUnmodified);
        dataAdded = Limit.count(dataAdded);
        dataAddedPacked = Limit.count(dataAddedPacked);
        totalFilesProcessed = Limit.count(totalFilesProcessed);
        totalBytesProcessed = Limit.count(totalBytesProcessed);
        totalDuration = Double.isFinite(totalDuration) ? Math.max(0, totalDuration) : 0;
        errorCount = Limit.count(errorCount);
        snapshotsKept = Limit.count(snapshotsKept);
        snapshotsRemoved = Limit.count(snapshotsRemoved);
    }

    /** These figures, with the number of files that could not be read. */
    public BackupResult withErrors(long count) {
        return with(count, snapshotsKept, snapshotsRemoved);
    }

    /** These figures, with what the schedule's retention did. */
    public BackupResult withRetention(ForgetResult retention) {
        return with(errorCount, Optional.of(retention.snapshotsKept()), Optional.of(retention.snapshotsRemoved()));
    }

    private BackupResult with(long errors, Optional<Long> kept, Optional<Long> removed) {
        return new BackupResult(
                filesNew,
                filesChanged,
                filesUnmodified,
                dirsNew,
                dirsChanged,
                dirsUnmodified,
                dataAdded,
                dataAddedPacked,
                totalFilesProcessed,
                totalBytesProcessed,
                totalDuration,
                errors,
                kept,
                removed);
    }
}
