package io.resticfleet.server.job;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobResult;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import java.time.Instant;
import java.util.Optional;

/**
 * One run of one restic operation on one host.
 *
 * @param scheduleId absent for one-shots; may name a schedule that is no more
 * @param dueAt the due time; absent unless cron triggered it
 * @param createdAt when it was accepted here, or first heard of
 * @param exitCode restic's; absent if it was not run, or its end is not known
 * @param error in words, for every end but succeeded; may also hold a remark on one that succeeded
 * @param errorCode what {@code error} says, for programs: {@code cancelled} or {@code interrupted} if this server ended it,
 *     else the agent's word; absent where nothing went wrong, for missed ones, and from older agents
 * @param requestedBy user name; absent unless a person asked
 * @param repositoryId of the repository when the job was accepted, or first heard of; absent if the host had none, and for
 *     jobs of before repositories had ids at a place that no host used any more
 * @param repositoryUrl of it, without credentials, as the host's URL spelt it then; absent if the host had none
 * @param sentAt when it was handed to the agent; absent while it waits for its repository
 * @param waitingFor why it waits, in words
 */
public record Job(
        String id,
        String hostId,
        Optional<String> scheduleId,
        JobKind kind,
        JobStatus status,
        JobTrigger trigger,
        Optional<Instant> dueAt,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt,
        Optional<Integer> exitCode,
        Optional<String> error,
        Optional<ErrorCode.Reported> errorCode,
        Optional<String> snapshotId,
        Optional<JobResult> stats,
        Optional<String> requestedBy,
        @JsonIgnore Optional<String> repositoryId,
        @JsonIgnore Optional<String> repositoryUrl,
        @JsonIgnore Optional<Instant> sentAt,
        Optional<String> waitingFor) {

    /** The figures of a backup that has some. */
    public Optional<BackupResult> backupResult() {
        return stats.filter(BackupResult.class::isInstance).map(BackupResult.class::cast);
    }
}
