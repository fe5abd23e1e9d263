package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A message from an agent to the server. Who sent it is known from the connection, so none but hello names its host. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public sealed interface ToServer {

    /**
     * What must arrive: kept on the agent's disk until the server has acknowledged its sequence, sent again after each
     * reconnect, and harmless when it comes twice.
     */
    sealed interface Result extends ToServer permits JobStarted, JobFinished, JobMissed, SnapshotsReport {
        /** Rises with each result of this agent, over all jobs and restarts. */
        long sequence();
    }

    /**
     * The answer to {@link ToAgent.Challenge}, and the first message on every connection.
     *
     * @param resticVersion such as {@code 0.14.0}; absent where restic is missing
     * @param bootId changes with every boot of the machine
     * @param timeZone IANA name of the machine's own zone
     * @param scheduleVersion of the schedule set held; 0 if none was ever received
     * @param wallClock what the agent's clock says
     * @param jobs ids of the jobs the agent still has to do or is doing, and of those whose end it has not yet reported
     * @param agentNonce 32 random bytes, Base64
     * @param instanceId made anew at each start of the agent, so that two agents of one identity can be told apart; absent
     *     from agents that do not say it yet
     * @param signature see {@link HelloProof}
     * @param serverEpoch of {@link ToAgent.Welcome}, as it was last told; absent if it never was. Not signed
     * @param ackedSequence the highest result that was acknowledged; absent with the epoch. Not signed
     * @param features what this agent can do that older ones cannot, such as {@link Ask#feature}; absent from older agents.
     *     Not signed: an attacker who can change it could as well drop the frames it is about
     */
    @JsonTypeName("hello")
    record Hello(
            int protocolVersion,
            String hostId,
            String agentVersion,
            Optional<String> resticVersion,
            String os,
            String arch,
            String hostname,
            String bootId,
            String timeZone,
            long scheduleVersion,
            Instant wallClock,
            List<String> jobs,
            String agentNonce,
            Optional<String> instanceId,
            String signature,
            Optional<String> serverEpoch,
            Optional<Long> ackedSequence,
            Optional<List<String>> features)
            implements ToServer {

        Hello signed(String newSignature) {
            return new Hello(
                    protocolVersion,
                    hostId,
                    agentVersion,
                    resticVersion,
                    os,
                    arch,
                    hostname,
                    bootId,
                    timeZone,
                    scheduleVersion,
                    wallClock,
                    jobs,
                    agentNonce,
                    instanceId,
                    newSignature,
                    serverEpoch,
                    ackedSequence,
                    features);
        }
    }

    /** What the machine's owner allows its server; said after each welcome, and when it has changed. Nothing answers it. */
    @JsonTypeName("policy.report")
    record PolicyReport(HostPolicy policy) implements ToServer {}

    /** The agent lives; sent as often as {@link ToAgent.Welcome} said. */
    @JsonTypeName("heartbeat")
    record Heartbeat(Instant wallClock) implements ToServer {}

    /**
     * The set of this version is on disk and obeyed from now on, or was refused.
     *
     * @param version now obeyed; if refused, the one that goes on being obeyed
     * @param refused why the set that was sent is not obeyed
     */
    @JsonTypeName("schedule.ack")
    record ScheduleAck(long version, Optional<String> refused) implements ToServer {}

    /**
     * The answer to {@link ToAgent.ScheduleAsk}: all that this machine goes by.
     *
     * @param version of the set held; 0 if none was ever received
     * @param repository with what opens it; absent if none was ever received
     */
    @JsonTypeName("schedule.held")
    record ScheduleHeld(long version, List<Schedule> schedules, Optional<Repository> repository) implements ToServer {}

    /**
     * A schedule is due; the run is in the agent's journal already. Answered with run, hold or refuse.
     *
     * @param trigger {@code retry} if the run of that due time is tried again; absent for {@code cron}
     */
    @JsonTypeName("schedule.fire")
    record ScheduleFire(
            String runId, String scheduleId, Instant dueAt, long scheduleVersion, Optional<JobTrigger> trigger)
            implements ToServer {}

    /**
     * A job has begun. Carries all that the server needs to know it, for it may never have heard of it.
     *
     * @param scheduleId absent for one-shots
     * @param dueAt the due time; absent unless cron triggered it
     */
    @JsonTypeName("job.started")
    record JobStarted(
            long sequence,
            String jobId,
            JobKind kind,
            JobTrigger trigger,
            Optional<String> scheduleId,
            Optional<Instant> dueAt,
            Instant startedAt)
            implements Result {}

    /**
     * How far a running job is; newest only, at most one a second, lost when offline.
     *
     * @param fractionDone 0.0 to 1.0 of the bytes read; restic revises it down while it is still scanning
     * @param currentFile one of those being read; absent if none
     */
    @JsonTypeName("job.progress")
    record JobProgress(
            String jobId,
            double fractionDone,
            long filesDone,
            long totalFiles,
            long bytesDone,
            long totalBytes,
            long errorCount,
            Optional<Long> secondsRemaining,
            Optional<String> currentFile)
            implements ToServer {}

    /**
     * A piece of a job's log.
     *
     * @param sequence the number of the last line in it; the piece is durable when {@link ToAgent.LogAck} has reached it
     * @param lines without gap, oldest first, at least one
     */
    @JsonTypeName("log.stream")
    record LogStream(String jobId, long sequence, List<LogLine> lines) implements ToServer {}

    /**
     * A job has ended. The last result about a job.
     *
     * @param startedAt absent if it ended before it began
     * @param exitCode restic's; absent if restic was not run or its end is not known
     * @param error in words for the operator, for every status but succeeded; there it is a remark
     * @param errorCode the gravest of what {@code error} says, for programs; absent if nothing went wrong, and from
     *     agents that do not tell it yet
     * @param snapshotId as restic gave it: 8 digits from 0.14, 64 from newer ones
     */
    @JsonTypeName("job.finished")
    record JobFinished(
            long sequence,
            String jobId,
            JobKind kind,
            JobTrigger trigger,
            Optional<String> scheduleId,
            Optional<Instant> dueAt,
            Optional<Instant> startedAt,
            Instant finishedAt,
            JobStatus status,
            Optional<Integer> exitCode,
            Optional<String> error,
            Optional<ErrorCode.Reported> errorCode,
            Optional<String> snapshotId,
            JobResult stats)
            implements Result {

        /** Reads the figures by the kind beside them. */
        @JsonCreator
        static JobFinished read(
                @JsonProperty("sequence") long sequence,
                @JsonProperty("job_id") String jobId,
                @JsonProperty("kind") JobKind kind,
                @JsonProperty("trigger") JobTrigger trigger,
                @JsonProperty("schedule_id") Optional<String> scheduleId,
                @JsonProperty("due_at") Optional<Instant> dueAt,
                @JsonProperty("started_at") Optional<Instant> startedAt,
                @JsonProperty("finished_at") Instant finishedAt,
                @JsonProperty("status") JobStatus status,
                @JsonProperty("exit_code") Optional<Integer> exitCode,
                @JsonProperty("error") Optional<String> error,
                @JsonProperty("error_code") Optional<ErrorCode.Reported> errorCode,
                @JsonProperty("snapshot_id") Optional<String> snapshotId,
                @JsonProperty("stats") ObjectNode stats) {
            return new JobFinished(
                    sequence,
                    jobId,
                    kind,
                    trigger,
                    scheduleId,
                    dueAt,
                    startedAt,
                    finishedAt,
                    status,
                    exitCode,
                    error,
                    errorCode,
                    snapshotId,
                    JobResult.read(kind, stats));
        }
    }

    /**
     * A schedule was due and did not run, and never will for that time.
     *
     * @param jobId minted for this, so that it can be told twice
     * @param since this stands for every due time of the schedule from then to {@code dueAt}; absent for that one alone
     * @param reason in words for the operator
     */
    @JsonTypeName("job.missed")
    record JobMissed(
            long sequence,
            String jobId,
            JobKind kind,
            String scheduleId,
            Instant dueAt,
            Optional<Instant> since,
            String reason)
            implements Result {}

    /**
     * All snapshots of this host that the repository holds.
     *
     * @param takenAt when restic listed them; an older report never replaces a newer one
     */
    @JsonTypeName("snapshots.report")
    record SnapshotsReport(long sequence, Instant takenAt, List<Snapshot> snapshots) implements Result {}

    /**
     * How it is with upgrades of this agent by its server; said after each welcome and whenever it changes.
     *
     * @param state {@code off}: not here, {@code detail} says why; {@code ready}; {@code working}; or {@code failed}, and the
     *     agent is what it was before. More may come
     * @param version that is or was to be; absent unless working or failed
     * @param detail in words for the operator
     */
    @JsonTypeName("upgrade.report")
    record UpgradeReport(String state, Optional<String> version, Optional<String> detail) implements ToServer {}

    /**
     * The answer to a {@link ToAgent.Question}. At most {@link Protocol#LONGEST_ANSWER_BYTES}: a longer one is
     * replaced by a failure, never cut.
     *
     * @param re the question's id
     */
    @JsonTypeName("answer")
    record Answer(
            String re,

            @JsonUnwrapped @JsonDeserialize(using = Reply.Reader.class)
            Reply reply) implements ToServer {

        /** This answer, or a failure if its frame has more bytes than that. */
        public Answer within(int mostBytes) {
            return Wire.encode(this).getBytes(StandardCharsets.UTF_8).length <= mostBytes
                    ? this
                    : new Answer(re, new Reply.Failure("answer_too_large", "the answer is too large to be sent"));
        }
    }

    /** The agent could not use a message of the server. */
    @JsonTypeName("error")
    record Error(String code, String detail) implements ToServer {}
}
