package io.resticfleet.server.link;

import io.resticfleet.protocol.ToServer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds two agents that live under one identity, as on a machine and its clone.
 *
 * <p>An agent has an id of its own from its start to its end. If one says hello, then another, and then the first answers
 * a challenge that is younger than the other's hello, then both live: an agent that was started anew never speaks again
 * under the id it had before. This is known until one of them has not been here for {@link #GONE_AFTER}, or this server
 * ends; they take turns, so it is soon found out again.
 *
 * <p>Safe for use by many threads.
 */
public final class CloneDetector {

    /** Twins take turns of some minutes. */
    static final Duration GONE_AFTER = Duration.ofMinutes(30);

    private static final Logger log = LoggerFactory.getLogger(CloneDetector.class);

    /** Of one host; an agent that is started again and again is another each time. */
    private static final int MOST_AGENTS = 16;

    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final Consumer<String> onFound;
    private final Map<String, Family> families = new ConcurrentHashMap<>();

    /** The agents of one host. */
    private static final class Family {
        private final Map<String, Member> members = new ConcurrentHashMap<>();
        private Optional<Instant> foundAt = Optional.empty();
    }

    /**
     * @param helloAt on the monotonic clock, like {@code seenAt}
     * @param proven it is known to have lived beside another
     */
    private record Member(String instanceId, AgentInstance instance, long helloAt, long seenAt, boolean proven) {

        Member living() {
            return new Member(instanceId, instance, helloAt, seenAt, true);
        }

        Member seen(long now) {
            return new Member(instanceId, instance, helloAt, now, proven);
        }
    }

    /** @param onFound called with the id of a host when a second agent connects */
    CloneDetector(LongSupplier nanoTime, InstantSource clock, Consumer<String> onFound) {
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.onFound = onFound;
    }

    /** The agents that live under this host's identity, the first to come first; empty if there is but one. */
    public List<AgentInstance> of(String hostId) {
        var family = families.get(hostId);
        if (family == null) {
            return List.of();
        }
        synchronized (family) {
            return family.foundAt.isEmpty() ? List.of() : clones(family);
        }
    }

    /** When it was found out that a host has more than one agent; empty if it has not. */
    public Optional<Instant> foundAt(String hostId) {
        var family = families.get(hostId);
        if (family == null) {
            return Optional.empty();
        }
        synchronized (family) {
            return family.foundAt;
        }
    }

    /**
     * An agent has said hello.
     *
     * @return whether that shows, for the first time, that the host has more than one
     */
    public boolean greeted(AgentConnection connection, ToServer.Hello hello) {
        if (hello.instanceId().isEmpty()) {
            return false; // too old to say which it is
        }
        var family = families.computeIfAbsent(hello.hostId(), id -> new Family());
        boolean several;
        boolean found;
        synchronized (family) {
            meet(family, connection, hello);
            several = clones(family).size() > 1;
            found = family.foundAt.isEmpty() && several;
            if (found) {
                family.foundAt = Optional.of(clock.instant());
            }
        }
        if (several) {
            onFound.accept(hello.hostId());
        }
        return found;
    }

    private void meet(Family family, AgentConnection connection, ToServer.Hello hello) {
        var id = hello.instanceId().orElseThrow();
        var before = Optional.ofNullable(family.members.get(id));
        var between = family.members.values().stream()
                .filter(other -> !other.instanceId().equals(id))
                .filter(other -> before.filter(known -> known.helloAt() < other.helloAt())
                        .isPresent())
                .filter(other -> other.helloAt() < connection.challengedAt())
                .toList();
        between.forEach(other -> family.members.put(other.instanceId(), other.living()));
        long now = nanoTime.getAsLong();
        var instance = new AgentInstance(
                hello.hostname(),
                hello.bootId(),
                connection.address(),
                before.map(known -> known.instance().since()).orElseGet(clock::instant));
        boolean proven = !between.isEmpty() || before.filter(Member::proven).isPresent();
        family.members.put(id, new Member(id, instance, now, now, proven));
        if (family.members.size() > MOST_AGENTS) {
            family.members.values().stream()
                    .min(Comparator.comparingLong(Member::seenAt))
                    .ifPresent(oldest -> family.members.remove(oldest.instanceId()));
        }
    }

    /** An agent is connected. */
    void seen(AgentConnection connection) {
        var family = families.get(connection.hostId());
        if (family != null && connection.instanceId().isPresent()) {
            synchronized (family) {
                family.members.computeIfPresent(
                        connection.instanceId().get(), (id, member) -> member.seen(nanoTime.getAsLong()));
            }
        }
    }

    /** Forgets who has not been here for long; returns the hosts that have but one agent again. */
    List<String> forgetGone() {
        var alone = new ArrayList<String>();
        for (var entry : families.entrySet()) {
            var family = entry.getValue();
            synchronized (family) {
                long now = nanoTime.getAsLong();
                family.members.values().removeIf(member -> now - member.seenAt() > GONE_AFTER.toNanos());
                if (family.foundAt.isPresent() && clones(family).size() < 2) {
                    log.info("a host has but one agent again host={}", entry.getKey());
                    family.foundAt = Optional.empty();
                    alone.add(entry.getKey());
                }
            }
        }
        return alone;
    }

    private static List<AgentInstance> clones(Family family) {
        return family.members.values().stream()
                .filter(Member::proven)
                .map(Member::instance)
                .sorted(Comparator.comparing(AgentInstance::since).thenComparing(AgentInstance::address))
                .toList();
    }
}
