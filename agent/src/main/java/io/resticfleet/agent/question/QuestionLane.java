package io.resticfleet.agent.question;

import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.thread.Signal;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.OnOff;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Answers questions, two at a time, each on its own thread that ends with it; one more thread watches time limits while
 * questions are open.
 *
 * <p>A thread that hangs in a system call cannot be stopped. At the time limit its question is answered as failed and its
 * place becomes free; it counts as stuck until it returns. While too many threads are stuck, questions are refused.
 *
 * <p>Safe for use by many threads; no method waits for an answer.
 */
public final class QuestionLane {

    private static final System.Logger log = System.getLogger(QuestionLane.class.getName());

    private static final int MAX_RUNNING = 2;
    private static final int MAX_WAITING = 16;

    /** Including stuck ones. */
    private static final int MAX_THREADS = 4;

    /** Bounds how late a time limit is noticed after the machine slept. */
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    private final PolicyFile policy;
    private final Answerer answerer;
    private final Threads threads;
    private final LongSupplier nanos;
    private final Predicate<ToServer> send;
    private final Signal changed;
    private final Queue<Asked> waiting = new ArrayDeque<>();
    private final Map<String, Asked> running = new LinkedHashMap<>();
    private int stuck;
    private long givenUp;
    private boolean watched;

    /** An open question. */
    private static final class Asked {
        private final ToAgent.Question question;
        private final long until;

        /** True once the answer is not needed any more. */
        private volatile boolean over;

        private Asked(ToAgent.Question question, long until) {
            this.question = question;
            this.until = until;
        }

        private String id() {
            return question.id();
        }
    }

    /**
     * @param policy whether questions are answered at all
     * @param nanos monotonic clock, in nanoseconds
     * @param send sends a message on the present connection; false if there is none
     */
    public QuestionLane(
            PolicyFile policy, Answerer answerer, Threads threads, LongSupplier nanos, Predicate<ToServer> send) {
        this.policy = policy;
        this.answerer = answerer;
        this.threads = threads;
        this.nanos = nanos;
        this.send = send;
        this.changed = threads.signal();
    }

    /** Accepts or refuses a question. A second one with the same id is ignored. */
    public synchronized void ask(ToAgent.Question question) {
        if (open().anyMatch(asked -> asked.id().equals(question.id()))) {
            return;
        }
        if (waiting.size() >= MAX_WAITING) {
            answer(question.id(), busy("too many questions are waiting for this machine"));
            return;
        }
        waiting.add(new Asked(
                question,
                nanos.getAsLong() + Duration.ofMillis(question.limitMs()).toNanos()));
        startNext();
        if (!watched && open().findAny().isPresent()) {
            watched = true;
            threads.start("question-limits", this::watch);
        }
        changed.raise();
    }

    /** Drops a question; it is not answered. */
    public synchronized void cancel(ToAgent.QuestionCancel cancel) {
        waiting.removeIf(asked -> asked.id().equals(cancel.id()));
        Optional.ofNullable(running.get(cancel.id())).ifPresent(asked -> asked.over = true);
    }

    /** Drops all questions, as their answers belong to the connection that ended. */
    public synchronized void disconnected() {
        waiting.clear();
        running.values().forEach(asked -> asked.over = true);
    }

    /** Number of threads that hang after their question's time limit. */
    synchronized int stuck() {
        return stuck;
    }

    private Stream<Asked> open() {
        return Stream.concat(waiting.stream(), running.values().stream());
    }

    private void startNext() {
        while (running.size() < MAX_RUNNING && running.size() + stuck < MAX_THREADS && !waiting.isEmpty()) {
            var asked = waiting.remove();
            running.put(asked.id(), asked);
            threads.start("question", () -> work(asked));
        }
        if (stuck >= MAX_THREADS) {
            waiting.forEach(asked -> answer(
                    asked.id(),
                    busy(stuck
                            + " earlier questions still hang in this machine's file system, as on a dead network mount;"
                            + " new ones are answered when one of them returns")));
            waiting.clear();
        }
    }

    private void work(Asked asked) {
        Reply reply = new Reply.Failure("failed", "the agent could not answer; see its log");
        try {
            reply = reply(asked);
        } catch (RuntimeException e) {
            log.log(Level.ERROR, "a question could not be answered", e);
        } finally {
            ended(asked, reply);
        }
    }

    private Reply reply(Asked asked) {
        boolean off = policy.current().questions().equals(Optional.of(OnOff.OFF));
        return off && asked.question.what().tellsOfMachine()
                ? new Reply.Failure(
                        "questions_off",
                        "this machine's owner does not allow questions (questions in the machine's policy)")
                : answerer.answer(asked.question.what(), () -> asked.over);
    }

    private synchronized void ended(Asked asked, Reply reply) {
        if (!running.remove(asked.id(), asked)) {
            stuck--;
            log.log(Level.INFO, "a question that was given up has returned stuck=" + stuck + " given_up=" + givenUp);
        } else if (!asked.over) {
            answer(asked.id(), reply);
        }
        startNext();
        changed.raise();
    }

    /** Ends questions at their time limit, until none is left. */
    private void watch() {
        try {
            for (var pause = giveUp(); pause.isPresent(); pause = giveUp()) {
                changed.await(pause.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The time until the next time limit; empty if no question is open, and then the watch ends. */
    private synchronized Optional<Duration> giveUp() {
        long now = nanos.getAsLong();
        waiting.stream().filter(asked -> asked.until - now <= 0).toList().forEach(asked -> {
            waiting.remove(asked);
            answer(asked.id(), new Reply.Failure("timeout", "other questions took too long; try again"));
        });
        running.values().stream()
                .filter(asked -> asked.until - now <= 0)
                .toList()
                .forEach(this::abandon);
        startNext();
        var next = open().mapToLong(asked -> asked.until - now).min();
        watched = next.isPresent();
        return next.isEmpty()
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(Math.min(next.getAsLong(), CHECK_INTERVAL.toNanos())));
    }

    private void abandon(Asked asked) {
        running.remove(asked.id());
        stuck++;
        givenUp++;
        log.log(
                Level.WARNING,
                "a question hangs and was given up: is a network mount dead? stuck=" + stuck + " given_up=" + givenUp);
        if (!asked.over) {
            answer(
                    asked.id(),
                    new Reply.Failure(
                            "timeout",
                            "no answer from the machine's file system within " + asked.question.limitMs()
                                    + " ms, as with a dead network mount (" + stuck + " now, " + givenUp
                                    + " since the agent started)"));
        }
        asked.over = true;
    }

    private void answer(String id, Reply reply) {
        send.test(new ToServer.Answer(id, reply).within(Protocol.MAX_ANSWER_BYTES));
    }

    private static Reply.Failure busy(String detail) {
        return new Reply.Failure("busy", detail);
    }
}
