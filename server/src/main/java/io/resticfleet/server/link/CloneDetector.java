package io.resticfleet.server.link;

import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HostId;
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
 * Detects several agents with one identity, as on a machine and its clone.
 *
 * <p>Each agent process has its own instance id. If one sends a hello, then another, and then the first answers a
 * challenge newer than the other's hello, both are running: a restarted agent never uses its former id again. The
 * finding lasts until one of them has not connected for {@link #GONE_AFTER}, which begins again when the server starts.
 *
 * <p>Safe for use by many threads.
 */
public final class CloneDetector {

    /** Clones displace each other every few minutes. */
    static final Duration GONE_AFTER = Duration.ofMinutes(30);

    private static final Logger log = LoggerFactory.getLogger(CloneDetector.class);

    /** Limit per host; an agent that restarts repeatedly is a new instance each time. */
    private static final int MAX_AGENTS = 16;

    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final Consumer<HostId> onFound;
    private final CloneMemory memory;
    private final Map<HostId, Family> families = new ConcurrentHashMap<>();

    /** The agents of one host. */
    private static final class Family {
        private final Map<String, Member> members = new ConcurrentHashMap<>();
        private Optional<Instant> foundAt = Optional.empty();
        private List<CloneMemory.Clone> stored = List.of();
    }

    /**
     * @param helloAt on the monotonic clock, like {@code seenAt}
     * @param proven it is known to have run at the same time as another
     */
    private record Member(String instanceId, AgentInstance instance, long helloAt, long seenAt, boolean proven) {

        Member asProven() {
            return new Member(instanceId, instance, helloAt, seenAt, true);
        }

        Member seen(long now) {
            return new Member(instanceId, instance, helloAt, now, proven);
        }
    }

    /** @param onFound called with the id of a host when a second agent connects */
    CloneDetector(LongSupplier nanoTime, InstantSource clock, Consumer<HostId> onFound, CloneMemory memory) {
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.onFound = onFound;
        this.memory = memory;
        memory.load().forEach(this::restore);
    }

    private void restore(HostId hostId, List<CloneMemory.Clone> clones) {
        var family = new Family();
        long now = nanoTime.getAsLong();
        clones.forEach(clone -> {
            family.members.put(clone.instanceId(), new Member(clone.instanceId(), clone.instance(), now, now, true));
            family.foundAt = Optional.of(clone.foundAt());
        });
        family.stored = clones;
        families.put(hostId, family);
    }

    /** Stores the clones of a host if they have changed. To be called while holding the family. */
    private void store(HostId hostId, Family family) {
        var now = family.foundAt.stream()
                .flatMap(at -> family.members.values().stream()
                        .filter(Member::proven)
                        .sorted(Comparator.comparing(Member::instanceId))
                        .map(member -> new CloneMemory.Clone(member.instanceId(), member.instance(), at)))
                .toList();
        if (!now.equals(family.stored)) {
            memory.store(hostId, now);
            family.stored = now;
        }
    }

    /** The clones of a host, oldest first; empty if it has only one agent. */
    public List<AgentInstance> of(HostId hostId) {
        var family = families.get(hostId);
        if (family == null) {
            return List.of();
        }
        synchronized (family) {
            return family.foundAt.isEmpty() ? List.of() : clones(family);
        }
    }

    /** When clones of a host were detected; empty if it has only one agent. */
    public Optional<Instant> foundAt(HostId hostId) {
        var family = families.get(hostId);
        if (family == null) {
            return Optional.empty();
        }
        synchronized (family) {
            return family.foundAt;
        }
    }

    /**
     * Evaluates a hello.
     *
     * @return whether it is the first evidence that the host has more than one agent
     */
    public boolean onHello(AgentConnection connection, Hello hello) {
        if (hello.instanceId().isEmpty()) {
            return false; // older agent without an instance id
        }
        var family = families.computeIfAbsent(hello.hostId(), id -> new Family());
        boolean several;
        boolean found;
        synchronized (family) {
            add(family, connection, hello);
            several = clones(family).size() > 1;
            found = family.foundAt.isEmpty() && several;
            if (found) {
                family.foundAt = Optional.of(clock.instant());
            }
            store(hello.hostId(), family);
        }
        if (several) {
            onFound.accept(hello.hostId());
        }
        return found;
    }

    private void add(Family family, AgentConnection connection, Hello hello) {
        var id = hello.instanceId().orElseThrow();
        var before = Optional.ofNullable(family.members.get(id));
        var between = family.members.values().stream()
                .filter(other -> !other.instanceId().equals(id))
                .filter(other -> before.filter(known -> known.helloAt() < other.helloAt())
                        .isPresent())
                .filter(other -> other.helloAt() < connection.challengedAt())
                .toList();
        between.forEach(other -> family.members.put(other.instanceId(), other.asProven()));
        long now = nanoTime.getAsLong();
        var instance = new AgentInstance(
                hello.hostname(),
                hello.bootId(),
                connection.address(),
                before.map(known -> known.instance().since()).orElseGet(clock::instant));
        boolean proven = !between.isEmpty() || before.filter(Member::proven).isPresent();
        family.members.put(id, new Member(id, instance, now, now, proven));
        if (family.members.size() > MAX_AGENTS) {
            family.members.values().stream()
                    .min(Comparator.comparingLong(Member::seenAt))
                    .ifPresent(oldest -> family.members.remove(oldest.instanceId()));
        }
    }

    /** Records that an agent is connected. */
    void seen(AgentConnection connection) {
        var family = families.get(connection.hostId());
        if (family != null && connection.instanceId().isPresent()) {
            synchronized (family) {
                family.members.computeIfPresent(
                        connection.instanceId().get(), (id, member) -> member.seen(nanoTime.getAsLong()));
            }
        }
    }

    /** Forgets the agents of a host, whose machine was replaced. */
    void forget(HostId hostId) {
        var family = families.remove(hostId);
        if (family != null) {
            synchronized (family) {
                family.members.clear();
                family.foundAt = Optional.empty();
                store(hostId, family);
            }
        }
    }

    /** Forgets agents not connected for {@link #GONE_AFTER}. Returns the hosts that have only one agent again. */
    List<HostId> forgetGone() {
        var alone = new ArrayList<HostId>();
        for (var entry : families.entrySet()) {
            var family = entry.getValue();
            synchronized (family) {
                long now = nanoTime.getAsLong();
                family.members.values().removeIf(member -> now - member.seenAt() > GONE_AFTER.toNanos());
                if (family.foundAt.isPresent() && clones(family).size() < 2) {
                    log.info("a host has only one agent again host={}", entry.getKey());
                    family.foundAt = Optional.empty();
                    alone.add(entry.getKey());
                }
                store(entry.getKey(), family);
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
