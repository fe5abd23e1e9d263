package io.resticfleet.agent.link;

import io.resticfleet.protocol.ToServer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;

/**
 * The messages that wait for the connection, in their order of sending: answers, results, logs, the latest progress.
 * Results and logs wait in their {@link MessageSource}s. Safe for use by many threads.
 */
final class SendQueue {

    private static final int MAX_QUEUED = 1_000;

    private final ArrayDeque<ToServer> answers = new ArrayDeque<>();
    private Optional<ToServer.JobProgress> progress = Optional.empty();

    /** Adds a message; returns false, and drops it, if 1,000 are waiting. */
    synchronized boolean add(ToServer message) {
        return answers.size() < MAX_QUEUED && answers.add(message);
    }

    /** Replaces the progress that waits, if there is any. */
    synchronized void replace(ToServer.JobProgress newest) {
        progress = Optional.of(newest);
    }

    /** Removes the next of the messages that were added; empty if there is none. */
    synchronized Optional<ToServer> poll() {
        return Optional.ofNullable(answers.poll());
    }

    /**
     * Removes the next message; empty if there is none at present.
     *
     * @param sources of messages that must arrive, most important first
     */
    Optional<ToServer> poll(List<MessageSource> sources) {
        var answer = poll();
        if (answer.isPresent()) {
            return answer;
        }
        for (var source : sources) {
            var message = source.next();
            if (message.isPresent()) {
                return message;
            }
            if (!source.allSent()) {
                break; // it waits for an acknowledgement, and less important sources wait too
            }
        }
        return pollProgress();
    }

    private synchronized Optional<ToServer> pollProgress() {
        var newest = progress.map(ToServer.class::cast);
        progress = Optional.empty();
        return newest;
    }

    /** Drops what waits here, as the connection has ended. */
    synchronized void clear() {
        answers.clear();
        progress = Optional.empty();
    }
}
