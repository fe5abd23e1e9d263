package io.resticfleet.server.question;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.link.Agents;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks agents about their machines and waits for the answers. A question without an answer ends with a {@link Reply.Failure}:
 * the agent's, or {@code offline}, {@code unsupported}, {@code busy}, {@code timeout}, {@code disconnected}, {@code cancelled}
 * or {@code stopping}. Safe for use by many threads.
 */
public final class Questions implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Questions.class);

    /** The agent's time limit, from the question's arrival there. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** The same for what restic must read a repository's index for first, which takes a while in a large one. */
    private static final Duration LIMIT_OF_READING = Duration.ofSeconds(60);

    /** Longer than the agent's limit, as the agent knows better why there is no answer. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    private static final int MAX_PER_HOST = 16;

    /** A thread may wait for each. */
    private static final int MAX_OPEN = 64;

    private final Agents agents;
    private final LongSupplier nanoTime;
    private final Map<String, Open> open = new LinkedHashMap<>();
    private long asked;

    /** @param askedAt on the monotonic clock */
    private record Open(
            String id,
            HostId hostId,
            String asker,
            AgentConnection connection,
            long askedAt,
            Duration limit,
            CompletableFuture<Reply> reply) {

        boolean isLate(long now) {
            return now - askedAt > timeout().toNanos();
        }

        Duration timeout() {
            return limit.plus(SLACK);
        }
    }

    /** @param nanoTime monotonic clock, in nanoseconds */
    public Questions(Agents agents, LongSupplier nanoTime) {
        this.agents = agents;
        this.nanoTime = nanoTime;
    }

    /**
     * Sends all questions at once and waits for the answers, or until {@link #check} ends the wait. Cancels open questions of
     * the same user to this host.
     *
     * @param asker id of a user
     * @return one reply for each question, in the same order
     */
    public List<Reply> ask(HostId hostId, String asker, List<? extends Ask> asks) {
        return begin(hostId, asker, asks).stream().map(Questions::await).toList();
    }

    private synchronized List<CompletableFuture<Reply>> begin(HostId hostId, String asker, List<? extends Ask> asks) {
        cancel(
                question -> question.hostId.equals(hostId) && question.asker.equals(asker),
                question -> new Reply.Failure("cancelled", "a newer request replaced this one"));
        return asks.stream().map(ask -> begin(hostId, asker, ask)).toList();
    }

    private CompletableFuture<Reply> begin(HostId hostId, String asker, Ask ask) {
        var connection = agents.find(hostId);
        if (connection.isEmpty()) {
            return failed("offline", "the machine is offline");
        }
        if (!connection.get().supports(ask.feature())) {
            return failed("unsupported", "the machine's agent is too old for questions; upgrade it");
        }
        if (open.size() >= MAX_OPEN || count(hostId) >= MAX_PER_HOST) {
            return failed("busy", "too many questions are open; try again");
        }
        var id = "Q" + ++asked;
        var reply = new CompletableFuture<Reply>();
        var limit = ask instanceof Ask.Folder || ask instanceof Ask.Dump ? LIMIT_OF_READING : LIMIT;
        if (!connection.get().send(new ToAgent.Question(id, limit.toMillis(), ask))) {
            return failed("offline", "the machine is offline");
        }
        open.put(id, new Open(id, hostId, asker, connection.get(), nanoTime.getAsLong(), limit, reply));
        return reply;
    }

    /** An answer; ignored if nobody waits for it, or another agent was asked. */
    public synchronized void answered(AgentConnection connection, ToServer.Answer answer) {
        var question = open.get(answer.re());
        if (question != null && question.connection == connection) {
            open.remove(answer.re());
            question.reply.complete(answer.reply());
        }
    }

    /** Ends questions that were sent on a former connection of this host. */
    public synchronized void connectionChanged(HostId hostId) {
        var present = agents.find(hostId);
        end(
                question -> question.hostId.equals(hostId)
                        && present.filter(question.connection::equals).isEmpty(),
                question -> new Reply.Failure("disconnected", "the connection to the machine ended; try again"));
    }

    /** Cancels questions whose time limit has passed. To be called every few seconds. */
    public synchronized void check() {
        long now = nanoTime.getAsLong();
        var late = cancel(
                question -> question.isLate(now),
                question -> new Reply.Failure(
                        "timeout",
                        "no answer from the machine's agent within "
                                + question.timeout().toSeconds() + " s"));
        late.forEach(question -> log.warn("an agent did not answer a question host={}", question.hostId));
    }

    /** Ends all questions, and with them the waits for answers. */
    @Override
    public synchronized void close() {
        end(question -> true, question -> new Reply.Failure("stopping", "the server is being stopped"));
    }

    private List<Open> cancel(Predicate<Open> which, Function<Open, Reply.Failure> failure) {
        var ended = end(which, failure);
        ended.forEach(question -> question.connection.send(new ToAgent.QuestionCancel(question.id)));
        return ended;
    }

    private List<Open> end(Predicate<Open> which, Function<Open, Reply.Failure> failure) {
        var ended = open.values().stream().filter(which).toList();
        ended.forEach(question -> {
            open.remove(question.id);
            question.reply.complete(failure.apply(question));
        });
        return ended;
    }

    private long count(HostId hostId) {
        return open.values().stream()
                .filter(question -> question.hostId.equals(hostId))
                .count();
    }

    private static CompletableFuture<Reply> failed(String code, String detail) {
        return CompletableFuture.completedFuture(new Reply.Failure(code, detail));
    }

    private static Reply await(CompletableFuture<Reply> reply) {
        try {
            return reply.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Reply.Failure("stopping", "the server is being stopped");
        } catch (ExecutionException e) {
            throw new IllegalStateException("a reply is never completed with an exception", e);
        }
    }
}
