package io.resticfleet.server.job;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.Drill;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobResult;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One run of one restic operation on one host.
 *
 * @param scheduleId absent for one-shots; may name a deleted schedule
 * @param dueAt the due time; absent unless cron triggered it
 * @param createdAt when it was accepted here, or first reported
 * @param exitCode restic's; absent if restic did not run, or its end is unknown
 * @param error reason for every end except succeeded, as text; may also be a remark on a success. In lists, its beginning
 * @param errorCode machine-readable {@code error}: {@code cancelled} or {@code interrupted} if this server ended the
 *     job, otherwise the agent's code; absent for successes, for missed runs, and from older agents
 * @param requestedBy user name; absent unless a user started it
 * @param cancelRequestedAt absent unless a user asked to cancel it; it may have ended otherwise nevertheless
 * @param cancelRequestedBy user name
 * @param missedSinceAt first due time that a missed row covers, if it covers several
 * @param repositoryId the host's repository when the job was accepted or first reported; absent if it had none, and for
 *     jobs from before repositories had ids, at a location that no host used any more
 * @param repositoryUrl URL of that repository in the host's spelling at that time, without credentials; absent if the
 *     host had none
 * @param sentAt when it was sent to the agent; absent while it waits for its repository
 * @param waitingFor why it waits, as text
 * @param waitingSince since when it waits for other jobs
 * @param waitsForJobId the job that it waits for
 * @param copiesTo the repository that a copy writes to, beside the one that it reads; absent for other jobs
 * @param expected whether this server made it, or it matched a schedule of its host when it was first reported: only then
 *     do others wait for it
 * @param options what it does beyond its kind, as stored; absent if that is nothing
 */
public record Job(
        JobId id,
        HostId hostId,
        Optional<ScheduleId> scheduleId,
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
        Optional<Instant> cancelRequestedAt,
        Optional<String> cancelRequestedBy,
        Optional<Instant> missedSinceAt,
        @JsonIgnore Optional<RepositoryId> repositoryId,
        @JsonIgnore Optional<String> repositoryUrl,
        @JsonIgnore Optional<Instant> sentAt,
        Optional<String> waitingFor,
        Optional<Instant> waitingSince,
        Optional<JobId> waitsForJobId,
        @JsonIgnore Optional<RepositoryId> copiesTo,
        @JsonIgnore boolean expected,
        @JsonIgnore Optional<String> options) {

    /** Whether it is a prune that removes nothing, or a restore that writes nothing. */
    public boolean dryRun() {
        return (kind == JobKind.PRUNE || kind == JobKind.RESTORE)
                && options.map(JobOptions::read)
                        .filter(spec -> spec instanceof JobSpec.Prune prune && prune.dryRun()
                                || spec instanceof Restore restore && restore.dryRun())
                        .isPresent();
    }

    /** The backup schedule whose snapshot a drill without a schedule tries; empty for others. */
    public Optional<ScheduleId> drilled() {
        return kind == JobKind.DRILL
                ? options.map(JobOptions::read)
                        .flatMap(spec -> spec instanceof Drill drill ? drill.ofSchedule() : Optional.empty())
                : Optional.empty();
    }

    /** What a restore does; empty for other jobs. */
    public Optional<Restore> restore() {
        return kind == JobKind.RESTORE
                ? options.map(JobOptions::read)
                        .filter(Restore.class::isInstance)
                        .map(Restore.class::cast)
                : Optional.empty();
    }

    /** The repositories that it uses. */
    Set<RepositoryId> repositories() {
        return Stream.of(repositoryId, copiesTo).flatMap(Optional::stream).collect(Collectors.toUnmodifiableSet());
    }

    /** Whether it has been asked to stop, and has not ended yet. */
    public boolean stopping() {
        return cancelRequestedAt.isPresent() && !status.ended();
    }

    /** The statistics of a backup; empty for other jobs, or without any. */
    public Optional<BackupResult> backupResult() {
        return stats.filter(BackupResult.class::isInstance).map(BackupResult.class::cast);
    }
}
