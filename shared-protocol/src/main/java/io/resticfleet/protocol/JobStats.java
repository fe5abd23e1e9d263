package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Optional;

/**
 * What a job did, in restic's own terms; each component is absent where it does not apply.
 *
 * @param dataAdded bytes new to the repository, before compression
 * @param dataAddedPacked bytes new to the repository as stored; restic says so since 0.17
 * @param totalDuration seconds
 * @param errorCount files that could not be read
 * @param snapshotsKept by a retention policy
 * @param snapshotsRemoved by a retention policy
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record JobStats(
        Optional<Long> filesNew,
        Optional<Long> filesChanged,
        Optional<Long> filesUnmodified,
        Optional<Long> dirsNew,
        Optional<Long> dirsChanged,
        Optional<Long> dirsUnmodified,
        Optional<Long> dataAdded,
        Optional<Long> dataAddedPacked,
        Optional<Long> totalFilesProcessed,
        Optional<Long> totalBytesProcessed,
        Optional<Double> totalDuration,
        Optional<Long> errorCount,
        Optional<Long> snapshotsKept,
        Optional<Long> snapshotsRemoved) {

    public static final JobStats NONE = new JobStats(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    /** These figures, with what a retention policy did. */
    public JobStats withRetention(long kept, long removed) {
        return new JobStats(
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
                errorCount,
                Optional.of(kept),
                Optional.of(removed));
    }
}
