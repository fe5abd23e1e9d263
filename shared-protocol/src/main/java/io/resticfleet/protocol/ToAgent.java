package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A message from the server to one agent. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public sealed interface ToAgent {

    /**
     * The first message on every connection: the agent must prove its identity within 10 s. {@code nonce} is used only
     * once.
     */
    @JsonTypeName("challenge")
    record Challenge(int protocolVersion, String nonce) implements ToAgent {}

    /**
     * The agent is authenticated.
     *
     * @param heartbeatSeconds interval of the agent's heartbeats; the connection is closed after three intervals of
     *     silence
     * @param epoch random mark of the server's database, replaced when it is restored from a copy; absent from older
     *     servers
     * @param storedSequence highest {@link ToServer.Result#sequence} of this agent that is durable on the server;
     *     absent if there is none, and from older servers
     * @param pins SHA-256 of the public key of the server's certificate, in hexadecimal, followed by that of its next
     *     certificate if one is prepared; absent if the server does not terminate TLS itself. An agent that pins keys
     *     pins these from now on
     * @param features capabilities that older servers lack, such as {@link Protocol#RETENTION_PLANS}; absent from those
     */
    @JsonTypeName("welcome")
    record Welcome(
            String serverVersion,
            int heartbeatSeconds,
            Instant serverTime,
            Optional<String> epoch,
            Optional<Long> storedSequence,
            Optional<List<String>> pins,
            Optional<List<String>> features)
            implements ToAgent {}

    /**
     * The agent is not accepted; the connection closes.
     *
     * @param code {@link #HOST_DELETED} or {@link #REPLACED}: the agent stops running its schedules; others leave them
     *     running
     * @param permanent reconnecting soon cannot succeed: the agent waits an hour
     */
    @JsonTypeName("reject")
    record Reject(String code, String detail, boolean permanent) implements ToAgent {

        /** The operator deleted this host. */
        public static final String HOST_DELETED = "host_deleted";

        /** Another machine has taken the place of this one. Sent to agents with {@link Protocol#REPLACEMENT}. */
        public static final String REPLACED = "replaced";

        /** Whether the agent stops running its schedules. */
        public boolean endsSchedules() {
            return code.equals(HOST_DELETED) || code.equals(REPLACED);
        }
    }

    /**
     * All schedules of the host. Replaces the previous set.
     *
     * <p>The agent stores it, applies it, then answers {@link ToServer.ScheduleAck}. It never applies a version lower
     * than its current one, and acknowledges the current one instead.
     *
     * @param schedules may be empty: the host then has no schedules
     * @param acceptedRuns for each schedule at most the last run that an operator accepted although it saved less than
     *     expected; absent from older servers
     */
    @JsonTypeName("schedule.set")
    record ScheduleSet(long version, List<Schedule> schedules, Optional<List<JobId>> acceptedRuns) implements ToAgent {

        /** So many runs of a schedule since its last complete one can be accepted, the latest; earlier ones are ignored. */
        public static final int MAX_ACCEPTABLE = 5;

        /** A set without accepted runs. */
        public ScheduleSet(long version, List<Schedule> schedules) {
            this(version, schedules, Optional.empty());
        }
    }

    /** Asks for the agent's schedule set and repository: the server was restored from an older copy and adopts them. */
    @JsonTypeName("schedule.ask")
    record ScheduleAsk() implements ToAgent {}

    /**
     * A repository of a host.
     *
     * @param known as {@link ConfigUpdate#repositoryKnown}
     * @param whole whether this host looks after all of it, and lists the snapshots of all hosts
     */
    record HostRepository(
            RepositoryId repositoryId,
            Repository repository,
            boolean known,
            @JsonDeserialize(using = FalseIfAbsent.class) boolean whole) {}

    /**
     * The host's repositories, and the host name of its snapshots.
     *
     * @param hostname restic's {@code --host}, whatever the machine's own name is
     * @param repositoryKnown the repository is known to hold snapshots: if it is missing, that is an error, and it must
     *     not be created again
     * @param repositoryId the server's id of the repository; absent from older servers
     * @param repositories all of the host's, the one of the other fields first; absent from older servers
     * @param pause no schedule runs until it ends; absent if the host is not paused, and from older servers
     */
    @JsonTypeName("config.update")
    record ConfigUpdate(
            String hostname,
            Repository repository,
            boolean repositoryKnown,
            Optional<RepositoryId> repositoryId,
            Optional<List<HostRepository>> repositories,
            Optional<Pause> pause)
            implements ToAgent {

        /** This, with another access to its first repository. */
        public ConfigUpdate with(Repository other) {
            return new ConfigUpdate(hostname, other, repositoryKnown, repositoryId, repositories, pause);
        }

        /** Whether this host looks after all of its first repository. */
        public boolean whole() {
            return repositories.orElse(List.of()).stream()
                    .anyMatch(one -> one.whole()
                            && repositoryId.filter(one.repositoryId()::equals).isPresent());
        }

        /** This, with one of its repositories as the first; empty if the host has no such repository. */
        public Optional<ConfigUpdate> at(RepositoryId id) {
            return repositories
                    .orElseGet(() -> repositoryId.stream()
                            .map(first -> new HostRepository(first, repository, repositoryKnown, false))
                            .toList())
                    .stream()
                    .filter(one -> one.repositoryId().equals(id))
                    .findFirst()
                    .map(one -> new ConfigUpdate(
                            hostname, one.repository(), one.known(), Optional.of(id), repositories, pause));
        }
    }

    /**
     * Run a job. Runs it once, however often this arrives. Also the answer to {@link ToServer.ScheduleFire} with the
     * same id.
     *
     * @param order what to do
     * @param dueAt the due time; absent unless a due time triggered it
     * @param repositoryId the repository the job is for, as in {@link ConfigUpdate}; absent from older servers
     */
    @JsonTypeName("command.run")
    record CommandRun(
            JobId jobId,

            @JsonUnwrapped @JsonDeserialize(using = JobOrder.Reader.class)
            JobOrder order,

            JobTrigger trigger,
            Optional<Instant> dueAt,
            Optional<RepositoryId> repositoryId)
            implements ToAgent {}

    /** Keep the run waiting: the repository is busy. {@link CommandRun} or {@link CommandRefuse} follows. */
    @JsonTypeName("command.hold")
    record CommandHold(JobId jobId, String reason) implements ToAgent {}

    /** Do not start the run. Its due time is reported as missed, for this reason. */
    @JsonTypeName("command.refuse")
    record CommandRefuse(JobId jobId, String reason) implements ToAgent {}

    /** Cancel a job. Has no effect if it has ended or is unknown. */
    @JsonTypeName("command.cancel")
    record CommandCancel(JobId jobId) implements ToAgent {}

    /**
     * Asks about the machine, without changing anything there. Sent only to an agent whose hello has the feature of what
     * is asked; answered by one {@link ToServer.Answer}, or by none if the connection ends or the question is cancelled.
     *
     * @param id 1 to 64 characters, unique on this connection
     * @param limitMs time limit in ms from its arrival at the agent; 1 to 60,000
     */
    @JsonTypeName("question")
    record Question(
            String id,
            long limitMs,

            @JsonUnwrapped @JsonDeserialize(using = Ask.Reader.class)
            Ask what) implements ToAgent {

        private static final int MAX_ID_LENGTH = 64;
        private static final long MAX_LIMIT_MS = 60_000;

        /** @throws IllegalArgumentException if the id or the limit is out of its range */
        public Question {
            if (id.isEmpty() || id.length() > MAX_ID_LENGTH) {
                throw new IllegalArgumentException("a question's id has 1 to " + MAX_ID_LENGTH + " characters");
            }
            if (limitMs < 1 || limitMs > MAX_LIMIT_MS) {
                throw new IllegalArgumentException("a question's time limit is 1 to " + MAX_LIMIT_MS + " ms");
            }
        }
    }

    /**
     * Asks for all files of a snapshot. The agent sends them as a listing to the transfer's address, or answers {@link
     * ToServer.TreeFailed}. Dropped when the connection ends. Sent only to an agent whose hello has the feature {@link
     * Protocol#TREE_INDEX}, one after the other.
     *
     * @param request 1 to 64 characters, unique on this connection
     * @param repositoryId one of the host's; absent for its first
     * @param snapshotId full id
     */
    @JsonTypeName("tree.wanted")
    record TreeWanted(String request, Optional<RepositoryId> repositoryId, String snapshotId, TransferToken transfer)
            implements ToAgent {

        private static final int MAX_REQUEST_LENGTH = 64;

        /** @throws IllegalArgumentException if an id is none */
        public TreeWanted {
            if (request.isEmpty() || request.length() > MAX_REQUEST_LENGTH) {
                throw new IllegalArgumentException("a request has 1 to " + MAX_REQUEST_LENGTH + " characters");
            }
            Snapshot.checkFullId(snapshotId);
        }
    }

    /** Cancels a question. Has no effect if it was answered or is unknown. */
    @JsonTypeName("question.cancel")
    record QuestionCancel(String id) implements ToAgent {}

    /**
     * Asks for the list of the host's snapshots, once on a connection. Sent only to an agent whose hello has the feature
     * {@link Protocol#SNAPSHOT_PIECES}.
     */
    @JsonTypeName("snapshots.ask")
    record SnapshotsAsk() implements ToAgent {}

    /**
     * The server's list differs from the offered one. Answered by {@link SnapshotsPiece}s with the difference,
     * numbered from 1. Sent again after the last piece if other buckets differ too.
     *
     * @param report of the offer
     * @param buckets some that differ, 0 to 255
     * @param known keys of all snapshots that the server has in these buckets, see {@link SnapshotChecksums}
     */
    @JsonTypeName("snapshots.wanted")
    record SnapshotsWanted(long report, List<Integer> buckets, List<String> known) implements ToAgent {}

    /**
     * The pieces of a report up to this number are durable on the server.
     *
     * @param number 0 if the server had the same list
     * @param complete whether the server now has the whole list. In JSON left out if false, and absent from older servers
     */
    @JsonTypeName("snapshots.stored")
    record SnapshotsStored(
            long report,
            long number,

            @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonDeserialize(using = FalseIfAbsent.class)
            boolean complete)
            implements ToAgent {}

    /**
     * The answer to {@link ToServer.RetentionAsk}.
     *
     * @param remove full ids of the snapshots to remove, at most {@link Protocol#MAX_REMOVED}; the next run removes more
     * @param held why none is removed although some could be, for people; absent if none is held back
     */
    @JsonTypeName("retention.plan")
    record RetentionPlan(JobId jobId, List<String> remove, Optional<String> held) implements ToAgent {

        /** @throws IllegalArgumentException if there are too many */
        public RetentionPlan {
            Limit.check(remove, Protocol.MAX_REMOVED);
        }
    }

    /**
     * The answer to {@link ToServer.CredentialsAsk}: the repository as this job may open it, for this job only. Never stored.
     *
     * @param repository absent if the job is to use what the host has
     * @param refused why the job gets none, for people; absent if it does
     */
    @JsonTypeName("credentials.grant")
    record CredentialsGrant(JobId jobId, Optional<Repository> repository, Optional<String> refused)
            implements ToAgent {}

    /** Every {@link ToServer.Result} up to this sequence is durable on the server. */
    @JsonTypeName("event.ack")
    record EventAck(long sequence) implements ToAgent {}

    /** Every line of this job's log up to this number is durable on the server. */
    @JsonTypeName("log.ack")
    record LogAck(JobId jobId, long sequence) implements ToAgent {}

    /**
     * Another agent has the same identity, as on a machine and its clone. Ids that both would derive from the same data
     * must differ from now on.
     *
     * @param since when the server detected the clone; constant while both agents exist
     */
    @JsonTypeName("twin.notice")
    record CloneNotice(Instant since) implements ToAgent {}

    /**
     * Upgrade to this version, whose jar the server offers. Answered by {@link ToServer.UpgradeReport}s; at the end the
     * agent restarts. Ignored while an upgrade is in progress.
     *
     * @param version newer than the agent's own; refused otherwise
     * @param sha256 of the jar, 64 digits
     * @param size of the jar in bytes
     */
    @JsonTypeName("agent.upgrade")
    record AgentUpgrade(String version, String sha256, long size) implements ToAgent {}

    /** The server could not use a message of the agent. */
    @JsonTypeName("error")
    record Error(String code, String detail) implements ToAgent {}
}
