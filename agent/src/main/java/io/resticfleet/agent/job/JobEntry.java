package io.resticfleet.agent.job;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import java.time.Instant;
import java.util.Optional;

/**
 * A job as the journal holds it.
 *
 * @param scheduleVersion of the set its schedule was taken from; 0 if the server sent it with the job
 * @param parent the job that needed this one and runs it
 * @param startedAt absent until it has begun
 * @param endSequence of the result that told its end; absent until then
 */
record JobEntry(
        String jobId,
        JobKind kind,
        JobTrigger trigger,
        Optional<Schedule> schedule,
        Optional<Instant> dueAt,
        long scheduleVersion,
        Optional<String> parent,
        Phase phase,
        Optional<Instant> startedAt,
        Optional<Long> endSequence) {

    /** How far it has come. */
    enum Phase {
        /** Fired by cron; the server was asked, or will be. */
        WAITING,
        QUEUED,
        RUNNING,
        ENDED
    }

    /** A schedule that came due. */
    static JobEntry fired(String runId, Schedule schedule, Instant dueAt, long scheduleVersion) {
        return new JobEntry(
                runId,
                schedule.kind(),
                JobTrigger.CRON,
                Optional.of(schedule),
                Optional.of(dueAt),
                scheduleVersion,
                Optional.empty(),
                Phase.WAITING,
                Optional.empty(),
                Optional.empty());
    }

    /** A run that made no snapshot, tried again. */
    static JobEntry again(Retries.Retry retry) {
        return new JobEntry(
                retry.jobId(),
                retry.schedule().kind(),
                JobTrigger.RETRY,
                Optional.of(retry.schedule()),
                Optional.of(retry.dueAt()),
                retry.scheduleVersion(),
                Optional.empty(),
                Phase.WAITING,
                Optional.empty(),
                Optional.empty());
    }

    /** What the server asked for. */
    static JobEntry asked(ToAgent.CommandRun command) {
        return new JobEntry(
                command.jobId(),
                command.kind(),
                command.trigger(),
                command.schedule(),
                command.dueAt(),
                0,
                Optional.empty(),
                Phase.QUEUED,
                Optional.empty(),
                Optional.empty());
    }

    /** What another job needs first. */
    static JobEntry needed(String jobId, JobKind kind, String parent) {
        return new JobEntry(
                jobId,
                kind,
                JobTrigger.AUTO,
                Optional.empty(),
                Optional.empty(),
                0,
                Optional.of(parent),
                Phase.QUEUED,
                Optional.empty(),
                Optional.empty());
    }

    Optional<String> scheduleId() {
        return schedule.map(Schedule::id);
    }

    boolean ended() {
        return phase == Phase.ENDED;
    }

    JobEntry in(Phase newPhase) {
        return new JobEntry(
                jobId, kind, trigger, schedule, dueAt, scheduleVersion, parent, newPhase, startedAt, endSequence);
    }

    /** As the server wants it run, which may differ from what came due. */
    JobEntry with(Optional<Schedule> newSchedule) {
        return new JobEntry(
                jobId,
                kind,
                trigger,
                newSchedule.or(() -> schedule),
                dueAt,
                scheduleVersion,
                parent,
                phase,
                startedAt,
                endSequence);
    }

    JobEntry started(Instant at) {
        return new JobEntry(
                jobId,
                kind,
                trigger,
                schedule,
                dueAt,
                scheduleVersion,
                parent,
                Phase.RUNNING,
                Optional.of(at),
                endSequence);
    }

    JobEntry ended(long sequence) {
        return new JobEntry(
                jobId,
                kind,
                trigger,
                schedule,
                dueAt,
                scheduleVersion,
                parent,
                Phase.ENDED,
                startedAt,
                Optional.of(sequence));
    }
}
