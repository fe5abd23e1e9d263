package io.resticfleet.server.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RepositoryId;
import java.time.Instant;
import java.util.Optional;

/**
 * A backup that made a snapshot.
 *
 * @param status succeeded or partial
 * @param error as in {@link Job}
 * @param errorCode as in {@link Job}
 * @param snapshotId 64 digits, or the first 8 of them until the snapshot is listed
 * @param repositoryId absent if its host had none when the backup was reported
 */
public record BackupRun(
        JobId id,
        JobStatus status,
        Optional<String> error,
        Optional<ErrorCode.Reported> errorCode,
        String snapshotId,
        Optional<RepositoryId> repositoryId,
        Instant finishedAt) {

    /** Whether this is recorded at it. Of a partial one, its error may contain more. */
    public boolean hasRemark(Optional<Remark> remark) {
        return status == JobStatus.SUCCEEDED
                ? remark().equals(remark)
                : remark.filter(Remark::isUnusual).isEmpty()
                        || error.filter(text -> text.contains(Remark.HELD)).isPresent();
    }

    /** What the server recorded at a backup that succeeded. */
    public Optional<Remark> remark() {
        return Remark.find(status, errorCode).map(code -> new Remark(code, error.orElse("")));
    }
}
