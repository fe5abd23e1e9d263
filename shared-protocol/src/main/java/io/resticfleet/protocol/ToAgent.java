package io.resticfleet.protocol;

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

    /** First message on every connection: prove who you are within 10 s, with words that were never said before. */
    @JsonTypeName("challenge")
    record Challenge(int protocolVersion, String nonce) implements ToAgent {}

    /**
     * The agent is who it says.
     *
     * @param heartbeatSeconds how often the agent shall say that it lives; silence of three of them ends the connection
     * @param epoch of the server's database: another one after it was restored from a copy; absent from older servers
     * @param storedSequence the highest {@link ToServer.Result#sequence} of this agent that is durable here; absent if
     *     none ever was, and from older servers
     * @param pins SHA-256 of the public key of the server's certificate, in hexadecimal, and that of the one it will have
     *     next, if there is one to be; absent from a server that does no TLS itself. An agent that insists on a key
     *     insists on these from now on
     */
    @JsonTypeName("welcome")
    record Welcome(
            String serverVersion,
            int heartbeatSeconds,
            Instant serverTime,
            Optional<String> epoch,
            Optional<Long> storedSequence,
            Optional<List<String>> pins)
            implements ToAgent {}

    /**
     * The agent is not let in; the connection closes.
     *
     * @param permanent trying again soon is of no use: the agent waits an hour, and goes on with the schedules it has
     */
    @JsonTypeName("reject")
    record Reject(String code, String detail, boolean permanent) implements ToAgent {}

    /**
     * Everything the agent should be doing, replacing what it was told before.
     *
     * <p>The agent stores it, obeys it, then answers {@link ToServer.ScheduleAck}. It never applies a version lower than
     * the one it holds: it acknowledges the one it holds.
     *
     * @param schedules an empty list is valid, and ends all
     */
    @JsonTypeName("schedule.set")
    record ScheduleSet(long version, List<Schedule> schedules) implements ToAgent {}

    /** Say what you hold: the server was restored from a copy and takes over what its agents have. */
    @JsonTypeName("schedule.ask")
    record ScheduleAsk() implements ToAgent {}

    /**
     * Where this host's snapshots go, and under which name.
     *
     * @param hostname what restic is given as {@code --host}, whatever the machine calls itself
     * @param repositoryKnown the repository is known to hold snapshots, so if it is not there something is wrong, and
     *     it must not be created anew
     * @param repositoryId the server's id of the repository; absent from older servers
     */
    @JsonTypeName("config.update")
    record ConfigUpdate(String hostname, Repository repository, boolean repositoryKnown, Optional<String> repositoryId)
            implements ToAgent {}

    /**
     * Do one job, once, however often this arrives. Also the answer to {@link ToServer.ScheduleFire} with the same id.
     *
     * @param order what to do
     * @param dueAt the due time; absent unless a due time triggered it
     * @param repositoryId where to, as {@link ConfigUpdate} names it; absent from older servers
     */
    @JsonTypeName("command.run")
    record CommandRun(
            String jobId,

            @JsonUnwrapped @JsonDeserialize(using = JobOrder.Reader.class)
            JobOrder order,

            JobTrigger trigger,
            Optional<Instant> dueAt,
            Optional<String> repositoryId)
            implements ToAgent {}

    /** Wait with that run: the repository is busy. A run or a refusal follows. */
    @JsonTypeName("command.hold")
    record CommandHold(String jobId, String reason) implements ToAgent {}

    /** Do not do that run: its due time ends as missed, for this reason. */
    @JsonTypeName("command.refuse")
    record CommandRefuse(String jobId, String reason) implements ToAgent {}

    /** Stop a job if it has not ended. Harmless if it has, or is not known. */
    @JsonTypeName("command.cancel")
    record CommandCancel(String jobId) implements ToAgent {}

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

        private static final int LONGEST_ID = 64;
        private static final long LONGEST_LIMIT_MS = 60_000;

        /** @throws IllegalArgumentException if the id or the limit is out of its range */
        public Question {
            if (id.isEmpty() || id.length() > LONGEST_ID) {
                throw new IllegalArgumentException("a question's id has 1 to " + LONGEST_ID + " characters");
            }
            if (limitMs < 1 || limitMs > LONGEST_LIMIT_MS) {
                throw new IllegalArgumentException("a question's time limit is 1 to " + LONGEST_LIMIT_MS + " ms");
            }
        }
    }

    /** Cancels a question. Has no effect if it was answered or is unknown. */
    @JsonTypeName("question.cancel")
    record QuestionCancel(String id) implements ToAgent {}

    /** Every {@link ToServer.Result} up to this sequence is durable here. */
    @JsonTypeName("event.ack")
    record EventAck(long sequence) implements ToAgent {}

    /** Every line of this job's log up to this number is durable here. */
    @JsonTypeName("log.ack")
    record LogAck(String jobId, long sequence) implements ToAgent {}

    /**
     * Another agent has this one's identity, as on a machine and its clone: ids that both derive from what they hold must
     * differ from now on.
     *
     * @param since when the server found out; the same for as long as both live
     */
    @JsonTypeName("twin.notice")
    record CloneNotice(Instant since) implements ToAgent {}

    /**
     * Become this version, whose jar the server of this connection offers. Answered with {@link ToServer.UpgradeReport}s;
     * at the end the agent restarts. May come again: one at a time is done.
     *
     * @param version newer than the agent's own, or it is refused
     * @param sha256 of the jar, 64 digits
     * @param size of the jar in bytes
     */
    @JsonTypeName("agent.upgrade")
    record AgentUpgrade(String version, String sha256, long size) implements ToAgent {}

    /** The server could not use a message of the agent. */
    @JsonTypeName("error")
    record Error(String code, String detail) implements ToAgent {}
}
