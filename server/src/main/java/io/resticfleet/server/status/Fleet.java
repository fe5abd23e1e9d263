package io.resticfleet.server.status;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Pause;
import io.resticfleet.server.db.Change;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Expectations;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.Pauses;
import io.resticfleet.server.host.ScheduleVersions;
import io.resticfleet.server.job.JobSummaries;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.schedule.ScheduleBrief;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.web.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * The status of all hosts, computed once after each change and shared by all readers. Safe for use by many threads.
 *
 * <p>Only changed hosts are read from the database ({@link KnownFacts}); connections and the time are checked for every host.
 */
public final class Fleet {

    /** How often the connections of all hosts are checked without a reported change. */
    private static final Duration CHECK_EVERY = Duration.ofSeconds(10);

    private final Agents agents;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final NextDue nextDue = new NextDue();
    private final ReentrantLock lock = new ReentrantLock();
    private final KnownFacts facts;
    private Map<HostId, Found> found = Map.of();
    private FleetStatus status = FleetStatus.NONE;
    private Optional<Connections> connections = Optional.empty();
    private Instant from = Instant.MAX;
    private Instant until = Instant.MIN;

    /** A status with the facts and the time it was computed from. */
    private record Found(HostFacts facts, HostStatus status, Instant from) {

        /** Whether the status is still current, apart from connections. */
        boolean isCurrent(HostFacts now, Instant at) {
            return facts == now
                    && !at.isBefore(from)
                    && status.nextBackup().filter(due -> !at.isBefore(due)).isEmpty();
        }

        /** When the time alone changes the status; absent if it never does. */
        Optional<Instant> changesAt() {
            return Stream.concat(status.nextBackup().stream(), status.pause().flatMap(Pause::until).stream())
                    .min(Instant::compareTo);
        }
    }

    /** The state of connections at a check, and its time. */
    private record Connections(long changes, boolean inStartGrace, long nanos) {

        boolean isCurrent(Connections now) {
            return changes == now.changes
                    && inStartGrace == now.inStartGrace
                    && now.nanos - nanos < CHECK_EVERY.toNanos();
        }
    }

    public Fleet(
            Database db,
            Hosts hosts,
            Expectations expectations,
            Pauses pauses,
            ScheduleVersions versions,
            Schedules schedules,
            JobSummaries jobs,
            Agents agents,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.agents = agents;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.facts = new KnownFacts(
                db, new HostFactsReader(db, hosts, expectations, pauses, versions, schedules, jobs), nanoTime);
    }

    /** Whether a change can affect pages that show all hosts: their status or their latest jobs. */
    public static boolean concerns(Change change) {
        return KnownFacts.concerns(change);
    }

    /** The current status of all hosts, with every commit and connection so far. */
    public FleetStatus now() {
        lock.lock();
        try {
            var checked = new Connections(agents.changes(), agents.inStartGrace(), nanoTime.getAsLong());
            var now = clock.instant();
            boolean unchanged =
                    connections.filter(before -> before.isCurrent(checked)).isPresent();
            if (facts.update() || !unchanged || now.isBefore(from) || !now.isBefore(until)) {
                update(now, unchanged);
                connections = unchanged ? connections : Optional.of(checked);
            }
            return status;
        } finally {
            lock.unlock();
        }
    }

    /**
     * When a schedule is due next. Absent if it is manual or never due.
     *
     * @param hostZone the host's time zone, for a schedule that names none
     */
    public Optional<Instant> nextDue(ScheduleBrief schedule, ZoneId hostZone) {
        lock.lock();
        try {
            return nextDue.of(schedule, hostZone, clock.instant());
        } finally {
            lock.unlock();
        }
    }

    /** @throws Problem 404 */
    public HostStatus get(HostId hostId) {
        return now().find(hostId).orElseThrow(() -> Problem.notFound("host " + hostId));
    }

    /**
     * Computes the status again. Hosts without a change keep the same objects.
     *
     * @param sameConnections whether connections are unchanged
     */
    private void update(Instant now, boolean sameConnections) {
        boolean noneDue = !now.isBefore(from) && now.isBefore(until);
        var fresh = new HashMap<HostId, Found>(2 * facts.all().size());
        var statuses = new ArrayList<HostStatus>(facts.all().size());
        var end = Instant.MAX;
        for (var host : facts.all()) {
            var id = host.host().id();
            var known = found.get(id);
            boolean current = sameConnections && noneDue && known != null && known.facts == host;
            var one = current ? known : find(host, Optional.ofNullable(known), now);
            fresh.put(id, one);
            statuses.add(one.status);
            end = one.changesAt().filter(end::isAfter).orElse(end);
        }
        nextDue.retain(facts.all());
        status = status.with(statuses);
        found = fresh;
        from = now;
        until = end;
    }

    private Found find(HostFacts facts, Optional<Found> before, Instant now) {
        var presence = Presence.of(facts.host(), agents);
        var clones = agents.clones().of(facts.host().id());
        boolean exposed = agents.exposed(facts.host().id()).orElse(false);
        var next = before.filter(known -> known.isCurrent(facts, now))
                .map(known -> known.status.nextBackup())
                .orElseGet(() -> nextBackup(facts, now));
        var pause = facts.pause().filter(found -> found.isActive(now));
        var status = before.filter(known -> known.facts == facts)
                .map(Found::status)
                .filter(known -> known.matches(pause, presence, clones, exposed, next))
                .orElseGet(() -> HostStatus.of(facts, pause, presence, clones, exposed, next));
        return new Found(facts, status, now);
    }

    private Optional<Instant> nextBackup(HostFacts facts, Instant now) {
        var pause = facts.pause().filter(found -> found.isActive(now));
        var from =
                pause.map(found -> found.until().map(end -> end.minusNanos(1))).orElse(Optional.of(now));
        return from.flatMap(after -> facts.schedules().stream()
                .filter(schedule -> schedule.enabled() && schedule.kind() == JobKind.BACKUP)
                .flatMap(schedule -> nextDue.of(schedule, facts.host().zone(), after).stream())
                .min(Instant::compareTo));
    }
}
