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

/** A message from an agent to the server. The connection identifies the host, so only {@link Hello} names it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public sealed interface ToServer
        permits Hello,
                ToServer.Result,
                ToServer.PolicyReport,
                ToServer.Heartbeat,
                ToServer.ScheduleAck,
                ToServer.ScheduleHeld,
                ToServer.ScheduleFire,
                ToServer.JobProgress,
                ToServer.LogStream,
                SnapshotsOffer,
                SnapshotsPiece,
                ToServer.RetentionAsk,
                ToServer.CredentialsAsk,
                ToServer.UpgradeReport,
                ToServer.Answer,
                ToServer.TreeFailed,
                ToServer.Error {

    /**
     * A message that must arrive: stored on the agent's disk until the server has acknowledged its sequence, and sent
     * again after each reconnect. Receiving it twice is harmless.
     */
    sealed interface Result extends ToServer permits JobStarted, JobFinished, JobMissed, SnapshotsReport, Unstorable {
        /** Increases with each result of this agent, across jobs and restarts. */
        long sequence();
    }

    /** What the machine's owner allows its server. Sent after each welcome and after each change; not answered. */
    @JsonTypeName("policy.report")
    record PolicyReport(HostPolicy policy) implements ToServer {}

    /**
     * A running forget asks which snapshots to remove. The server has the list that it goes by.
     *
     * @param report of the {@link SnapshotsOffer} with the list, which was made by this job
     */
    @JsonTypeName("retention.ask")
    record RetentionAsk(JobId jobId, RepositoryId repositoryId, long report) implements ToServer {}

    /** A running job asks for the credentials of the repository's maintainer, or for the password that it is to get. */
    @JsonTypeName("credentials.ask")
    record CredentialsAsk(JobId jobId) implements ToServer {}

    /**
     * The agent is alive. Sent after the welcome, and at the interval given in it.
     *
     * @param jobs the agent's jobs, each of which holds its repository for a while longer; absent from older agents, and if
     *     there are more than {@link OpenJobs#MAX}: then all of them do
     * @param disk with the agent's state directory; absent from older agents, and if it cannot be read
     */
    @JsonTypeName("heartbeat")
    record Heartbeat(Instant wallClock, Optional<OpenJobs> jobs, Optional<DiskReport> disk) implements ToServer {}

    /**
     * The schedule set of this version is on disk and applied from now on, or was refused.
     *
     * @param version now applied; after a refusal, the one still applied
     * @param refused why the received set is not applied; absent if it is
     */
    @JsonTypeName("schedule.ack")
    record ScheduleAck(long version, Optional<String> refused) implements ToServer {
        public ScheduleAck {
            refused = Limit.cut(refused, Limit.LINE);
        }
    }

    /**
     * The answer to {@link ToAgent.ScheduleAsk}: the agent's schedule set and repository.
     *
     * @param version of the set; 0 if the agent never received one
     * @param repository with its credentials; absent if the agent never received one
     * @param repositories as in {@link ToAgent.ConfigUpdate}; absent from older agents
     */
    @JsonTypeName("schedule.held")
    record ScheduleHeld(
            long version,
            List<Schedule> schedules,
            Optional<Repository> repository,
            Optional<List<ToAgent.HostRepository>> repositories)
            implements ToServer {
        /** @throws IllegalArgumentException if there are more schedules than a set can have */
        public ScheduleHeld {
            Limit.check(schedules, Protocol.MAX_SCHEDULES);
            repositories.ifPresent(all -> Limit.check(all, Protocol.MAX_REPOSITORIES));
        }
    }

    /**
     * A schedule is due. The run is already in the agent's journal. Answered by {@link ToAgent.CommandRun},
     * {@link ToAgent.CommandHold} or {@link ToAgent.CommandRefuse}.
     *
     * @param trigger {@code retry} for a further run for the same due time; absent for {@code cron}
     */
    @JsonTypeName("schedule.fire")
    record ScheduleFire(
            JobId runId, ScheduleId scheduleId, Instant dueAt, long scheduleVersion, Optional<JobTrigger> trigger)
            implements ToServer {}

    /**
     * A job has started. Describes the job completely, as the server may not know it yet.
     *
     * @param scheduleId absent for one-shots
     * @param dueAt the due time; absent unless cron triggered it
     */
    @JsonTypeName("job.started")
    record JobStarted(
            long sequence,
            JobId jobId,
            JobKind kind,
            JobTrigger trigger,
            Optional<ScheduleId> scheduleId,
            Optional<Instant> dueAt,
            Instant startedAt)
            implements Result {}

    /**
     * Progress of a running job: only the latest, at most once a second, lost while disconnected.
     *
     * @param fractionDone bytes read, from 0.0 to 1.0 of the total; can decrease while restic is still scanning
     * @param currentFile one of the files being read; absent if there is none
     */
    @JsonTypeName("job.progress")
    record JobProgress(
            JobId jobId,
            double fractionDone,
            long filesDone,
            long totalFiles,
            long bytesDone,
            long totalBytes,
            long errorCount,
            Optional<Long> secondsRemaining,
            Optional<String> currentFile)
            implements ToServer {
        public JobProgress {
            fractionDone = Double.isFinite(fractionDone) ? fractionDone : 0;
            filesDone = Limit.count(filesDone);
            totalFiles = Limit.count(totalFiles);
            bytesDone = Limit.count(bytesDone);
            totalBytes = Limit.count(totalBytes);
            errorCount = Limit.count(errorCount);
            secondsRemaining = Limit.count(secondsRemaining);
            currentFile = Limit.cut(currentFile, Limit.LINE);
        }
    }

    /**
     * A part of a job's log.
     *
     * @param sequence number of its last line; the part is durable once {@link ToAgent.LogAck} has reached it
     * @param lines consecutive, oldest first, at least one
     */
    @JsonTypeName("log.stream")
    record LogStream(JobId jobId, long sequence, List<LogLine> lines) implements ToServer {
        private static final int MAX_LINES = 20_000;

        /** Lines beyond the limit are replaced by one that states how many they were. */
        public LogStream {
            var all = lines;
            lines = Limit.cut(all, MAX_LINES, missing -> {
                var first = all.get(all.size() - missing);
                return new LogLine(
                        first.line(), first.at(), "server", missing + " lines were dropped: too many at once");
            });
        }
    }

    /**
     * A job has ended. Always the last result of a job.
     *
     * @param startedAt absent if it ended before it started
     * @param exitCode of restic; absent if restic did not run or its exit code is unknown
     * @param error reason for the operator, for every status but succeeded; a remark if the job succeeded
     * @param errorCode code of the most severe problem in {@code error}, for programs; absent if there was no problem,
     *     and from older agents
     * @param snapshotId as printed by restic: 8 digits by 0.14, 64 by newer versions
     */
    @JsonTypeName("job.finished")
    record JobFinished(
            long sequence,
            JobId jobId,
            JobKind kind,
            JobTrigger trigger,
            Optional<ScheduleId> scheduleId,
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

        public JobFinished {
            error = Limit.cut(error, Limit.TEXT);
            snapshotId = Limit.cut(snapshotId, Limit.NAME);
        }

        /** Reads {@code stats} according to {@code kind}. */
        @JsonCreator
        static JobFinished read(
                @JsonProperty("sequence") long sequence,
                @JsonProperty("job_id") JobId jobId,
                @JsonProperty("kind") JobKind kind,
                @JsonProperty("trigger") JobTrigger trigger,
                @JsonProperty("schedule_id") Optional<ScheduleId> scheduleId,
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
     * A schedule was due and did not run. There will be no run for that due time.
     *
     * @param jobId created for this message, so that it can be sent again
     * @param since this message covers all due times of the schedule from {@code since} to {@code dueAt}; absent if it
     *     covers {@code dueAt} only
     * @param reason text for the operator
     */
    @JsonTypeName("job.missed")
    record JobMissed(
            long sequence,
            JobId jobId,
            JobKind kind,
            ScheduleId scheduleId,
            Instant dueAt,
            Optional<Instant> since,
            String reason)
            implements Result {
        public JobMissed {
            reason = Limit.cut(reason, Limit.LINE);
        }
    }

    /**
     * All snapshots of this host in the repository; only the newest if they are too many for one message. Between peers of
     * this version, {@link SnapshotsOffer} and {@link SnapshotsPiece} replace it.
     *
     * @param takenAt when restic listed them; an older report never replaces a newer one
     */
    @JsonTypeName("snapshots.report")
    record SnapshotsReport(long sequence, Instant takenAt, List<Snapshot> snapshots) implements Result {

        /** A frame has room for fewer. */
        private static final int MAX_SNAPSHOTS = 100_000;

        public SnapshotsReport {
            snapshots = snapshots.subList(0, Math.min(snapshots.size(), MAX_SNAPSHOTS));
        }
    }

    /**
     * Stands for a received result that can never be stored, as with a malformed id or a time in the year 300,000. It is
     * acknowledged and counted, as it would otherwise be sent again at each connection. Never sent itself.
     *
     * @param reason why, without values of the frame
     * @param excerpt the beginning of its frame
     */
    record Unstorable(long sequence, String reason, String excerpt) implements Result {

        public Unstorable {
            reason = Limit.cut(reason, Limit.NAME);
            excerpt = Limit.cut(excerpt, Limit.ITEMS);
        }
    }

    /**
     * State of upgrades of this agent by its server. Sent after each welcome and after each change.
     *
     * @param state {@code off}: not possible or not allowed, for the reason in {@code detail}; {@code ready};
     *     {@code working}; {@code failed}: the agent still runs its previous version. New ones may be added
     * @param version the target; absent unless working or failed
     * @param detail text for the operator
     */
    @JsonTypeName("upgrade.report")
    record UpgradeReport(String state, Optional<String> version, Optional<String> detail) implements ToServer {
        public UpgradeReport {
            state = Limit.cut(state, Limit.NAME);
            version = Limit.cut(version, Limit.NAME);
            detail = Limit.cut(detail, Limit.LINE);
        }
    }

    /**
     * The answer to a {@link ToAgent.Question}. At most {@link Protocol#MAX_ANSWER_BYTES}: a longer one is
     * replaced by a failure, never cut.
     *
     * @param re the question's id
     */
    @JsonTypeName("answer")
    record Answer(
            String re,

            @JsonUnwrapped @JsonDeserialize(using = Reply.Reader.class)
            Reply reply) implements ToServer {

        public Answer {
            re = Limit.cut(re, Limit.NAME);
        }

        /** This answer, or a failure if its frame has more bytes than {@code maxBytes}. */
        public Answer within(int maxBytes) {
            return Wire.encode(this).getBytes(StandardCharsets.UTF_8).length <= maxBytes
                    ? this
                    : new Answer(re, new Reply.Failure("answer_too_large", "the answer is too large to be sent"));
        }
    }

    /**
     * The answer to a {@link ToAgent.TreeWanted} whose listing was not sent.
     *
     * @param request of the message
     * @param code {@code questions_off}, {@code index_off}: the machine's owner does not allow it; {@code busy}: the agent is
     *     still listing another snapshot; {@code no_repository}: the machine does not use it; {@code transfer_failed}: it could
     *     not be sent to the server; one of {@link ErrorCode}, if restic fails; {@code failed}: anything else. New ones may be
     *     added
     * @param detail text for the operator
     */
    @JsonTypeName("tree.failed")
    record TreeFailed(String request, String code, String detail) implements ToServer {
        public TreeFailed {
            request = Limit.cut(request, Limit.NAME);
            code = Limit.cut(code, Limit.NAME);
            detail = Limit.cut(detail, Limit.LINE);
        }
    }

    /** The agent could not use a message of the server. */
    @JsonTypeName("error")
    record Error(String code, String detail) implements ToServer {
        public Error {
            code = Limit.cut(code, Limit.NAME);
            detail = Limit.cut(detail, Limit.LINE);
        }
    }
}
