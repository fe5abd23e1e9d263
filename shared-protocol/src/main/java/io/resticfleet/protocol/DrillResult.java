package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Optional;

/**
 * What a drill restored and compared.
 *
 * @param files number of files that were restored and found right
 * @param bytes their size
 * @param seconds that restic took; absent if that could not be measured, as when the agent was restarted meanwhile
 * @param comparedWithSource of these files, how many are unchanged on the machine since the snapshot, and were compared with
 *     it byte by byte
 * @param canaries of these files, those that the schedule names
 * @param leftOut files of the random choice that were not restored, such as those that do not fit or whose names cannot be
 *     passed on
 * @param snapshotFiles number of files in the snapshot
 * @param snapshotBytes their size
 * @param snapshotId the snapshot that was tried
 */
public record DrillResult(
        long files,
        long bytes,
        Optional<Double> seconds,
        long comparedWithSource,
        long canaries,
        long leftOut,
        long snapshotFiles,
        long snapshotBytes,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> snapshotId)
        implements JobResult {

    private static final double MAX_SECONDS = 366 * 86_400.0;

    public DrillResult {
        files = Limit.count(files);
        bytes = Limit.count(bytes);
        seconds = seconds == null ? Optional.empty() : seconds.filter(time -> time >= 0 && time <= MAX_SECONDS);
        comparedWithSource = Limit.count(comparedWithSource);
        canaries = Limit.count(canaries);
        leftOut = Limit.count(leftOut);
        snapshotFiles = Limit.count(snapshotFiles);
        snapshotBytes = Limit.count(snapshotBytes);
        snapshotId = snapshotId == null ? Optional.empty() : Limit.cut(snapshotId, Limit.NAME);
    }
}
