package io.resticfleet.agent.job;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobSpecReader;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import java.time.Instant;
import java.util.Optional;

/**
 * A job in the journal.
 *
 * @param scheduleVersion of the schedule set that its schedule is from; 0 if the server sent the schedule with the job
 * @param repositoryId the server's id of its repository; absent if the server did not send it
 * @param parent the job that needed this one and runs it
 * @param startedAt absent until it starts
 * @param endSequence sequence of the result that reported its end; absent until then
 */
record JobEntry(
        JobId jobId,

        @JsonUnwrapped @JsonDeserialize(using = JobSpecReader.class)
        JobSpec spec,

        JobTrigger trigger,
        Optional<Instant> dueAt,
        long scheduleVersion,
        Optional<RepositoryId> repositoryId,
        Optional<JobId> parent,
        Phase phase,
        Optional<Instant> startedAt,
        Optional<Long> endSequence) {

    /** Progress of a job. */
    enum Phase {
        /** Due; waiting for the server's answer. */
        WAITING,
        QUEUED,
        RUNNING,
        ENDED
    }

    /** A run for a due time. */
    static JobEntry due(JobId runId, Schedule schedule, Instant dueAt, long scheduleVersion) {
        return new JobEntry(
                runId,
                JobSpec.of(schedule),
                JobTrigger.CRON,
                Optional.of(dueAt),
                scheduleVersion,
                Optional.empty(),
                Optional.empty(),
                Phase.WAITING,
                Optional.empty(),
                Optional.empty());
    }

    /** A further run for the due time of a failed one. */
    static JobEntry retry(Retries.Retry retry) {
        return new JobEntry(
                retry.jobId(),
                JobSpec.of(retry.schedule()),
                JobTrigger.RETRY,
                Optional.of(retry.dueAt()),
                retry.scheduleVersion(),
                Optional.empty(),
                Optional.empty(),
                Phase.WAITING,
                Optional.empty(),
                Optional.empty());
    }

    /** A job that the server ordered. */
    static JobEntry ordered(ToAgent.CommandRun command, JobSpec spec) {
        return new JobEntry(
                command.jobId(),
                spec,
                command.trigger(),
                command.dueAt(),
                0,
                command.repositoryId(),
                Optional.empty(),
                Phase.QUEUED,
                Optional.empty(),
                Optional.empty());
    }

    /** A job that another job needs, at the same repository. */
    static JobEntry needed(JobId jobId, JobSpec spec, JobEntry parent) {
        return new JobEntry(
                jobId,
                spec,
                JobTrigger.AUTO,
                Optional.empty(),
                0,
                parent.repositoryId(),
                Optional.of(parent.jobId()),
                Phase.QUEUED,
                Optional.empty(),
                Optional.empty());
    }

    JobKind kind() {
        return spec.kind();
    }

    Optional<Schedule> schedule() {
        return spec.scheduled();
    }

    Optional<ScheduleId> scheduleId() {
        return schedule().map(Schedule::id);
    }

    boolean ended() {
        return phase == Phase.ENDED;
    }

    /** This entry with the spec that the server sent, which may differ from the agent's own. */
    JobEntry with(JobSpec newSpec, Optional<RepositoryId> newRepositoryId) {
        return with(newSpec, newRepositoryId, phase, startedAt, endSequence);
    }

    JobEntry in(Phase newPhase) {
        return with(spec, repositoryId, newPhase, startedAt, endSequence);
    }

    JobEntry started(Instant at) {
        return with(spec, repositoryId, Phase.RUNNING, Optional.of(at), endSequence);
    }

    JobEntry ended(long sequence) {
        return with(spec, repositoryId, Phase.ENDED, startedAt, Optional.of(sequence));
    }

    private JobEntry with(
            JobSpec newSpec,
            Optional<RepositoryId> newRepositoryId,
            Phase newPhase,
            Optional<Instant> newStartedAt,
            Optional<Long> newEndSequence) {
        return new JobEntry(
                jobId,
                newSpec,
                trigger,
                dueAt,
                scheduleVersion,
                newRepositoryId,
                parent,
                newPhase,
                newStartedAt,
                newEndSequence);
    }
}
