package io.resticfleet.server.upgrade;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.audit.Actor;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The upgrade of all agents, one after the other. In memory only: a restart of the server ends it, so that nothing is
 * upgraded unattended. Not thread-safe.
 */
final class Rollout {

    /**
     * The rollout's state for the API.
     *
     * @param state {@code none} since this server started, {@code running}, {@code halted} at a failure, or {@code finished}
     * @param current host that is being upgraded; null if none is
     * @param waiting the next hosts, in order
     * @param detail why it halted; null if it did not
     */
    record View(String state, Optional<HostId> current, List<HostId> waiting, Optional<String> detail) {}

    private final Deque<HostId> waiting = new ArrayDeque<>();
    private Optional<HostId> current = Optional.empty();
    private Optional<Actor> actor = Optional.empty();
    private Optional<String> halted = Optional.empty();

    boolean running() {
        return current.isPresent();
    }

    void start(Actor by, Collection<HostId> hosts) {
        waiting.clear();
        waiting.addAll(hosts);
        actor = Optional.of(by);
        halted = Optional.empty();
        current = Optional.ofNullable(waiting.poll());
    }

    boolean isAt(HostId hostId) {
        return current.filter(hostId::equals).isPresent();
    }

    Optional<HostId> current() {
        return current;
    }

    Actor actor() {
        return actor.orElseThrow();
    }

    void next() {
        current = Optional.ofNullable(waiting.poll());
    }

    /** Stops; the waiting hosts are not upgraded. */
    void halt(String reason) {
        current = Optional.empty();
        halted = Optional.of(reason);
    }

    View view() {
        var state = actor.isEmpty() ? "none" : halted.isPresent() ? "halted" : running() ? "running" : "finished";
        return new View(state, current, List.copyOf(waiting), halted);
    }
}
