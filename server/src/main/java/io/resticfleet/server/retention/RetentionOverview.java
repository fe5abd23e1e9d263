package io.resticfleet.server.retention;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.repository.HostRepository;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.web.Problem;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;

/**
 * What an operator sees of retention: what counts, what does not and why, and where it waits. Safe for use by many threads.
 */
public final class RetentionOverview {

    private final Database db;
    private final Hosts hosts;
    private final Schedules schedules;
    private final Repositories repositories;
    private final RetentionPlans plans;
    private final ShrinkGuards guards;

    /** Where retention waits, as found by the last look. */
    private final Map<ScheduleId, Waiting> waiting = new ConcurrentHashMap<>();

    public RetentionOverview(
            Database db,
            Hosts hosts,
            Schedules schedules,
            Repositories repositories,
            RetentionPlans plans,
            ShrinkGuards guards) {
        this.guards = guards;
        this.db = db;
        this.hosts = hosts;
        this.schedules = schedules;
        this.repositories = repositories;
        this.plans = plans;
    }

    /** A schedule of which nothing is removed for now, although its policy would. */
    public record Waiting(HostId hostId, String host, ScheduleId scheduleId, String schedule, Hold hold) {}

    /**
     * How many snapshots of a repository name a schedule, or count for it.
     *
     * @param unproven of those that count
     * @param uncounted of those that do not count
     */
    public record Counts(ScheduleId scheduleId, long snapshots, long unproven, long uncounted) {}

    /**
     * A snapshot that names no schedule of this server, and counts for none.
     *
     * @param hostname as it says of itself
     */
    public record Foreign(
            String snapshotId, Instant firstSeenAt, Instant timeAt, String hostname, List<String> paths) {}

    /** A backup schedule that uses a repository. */
    public record User(HostId hostId, String host, String hostname, Schedule schedule) {}

    /**
     * The snapshots of a backup schedule.
     *
     * @throws Problem 404
     */
    public ScheduleRetention of(HostId hostId, ScheduleId scheduleId) {
        return db.read(handle -> handle.inTransaction(tx -> {
            var schedule = schedules.get(tx, hostId, scheduleId);
            if (schedule.kind() != JobKind.BACKUP) {
                throw Problem.notFound("retention of schedule " + scheduleId);
            }
            return look(tx, hosts.get(tx, hostId), schedule);
        }));
    }

    private ScheduleRetention look(Handle tx, Host host, Schedule schedule) {
        var planned = plans.plan(tx, host.id(), schedule, Optional.empty());
        var held = planned.flatMap(one -> one.plan().held());
        held.ifPresentOrElse(
                hold -> waiting.put(
                        schedule.id(), new Waiting(host.id(), host.name(), schedule.id(), schedule.name(), hold)),
                () -> waiting.remove(schedule.id()));
        return new ScheduleRetention(
                repositories.pick(tx, host.id(), schedule.repositoryId()).map(HostRepository::id),
                planned.stream()
                        .flatMap(one -> one.present().stream().map(snapshot -> seen(snapshot, one.plan())))
                        .sorted(Comparator.comparing(ScheduleRetention.Seen::time)
                                .reversed())
                        .toList(),
                held,
                held.filter(hold -> hold.cause() == Hold.Cause.SHRINK_GUARD)
                        .flatMap(hold -> guards.held(tx, host.id(), schedule.id()))
                        .map(guarded -> guarded.backup().id()));
    }

    private static ScheduleRetention.Seen seen(RetentionLedger.Present snapshot, RetentionPlan plan) {
        var sighting = snapshot.sighting();
        return new ScheduleRetention.Seen(
                sighting.snapshotId(),
                sighting.time(),
                sighting.firstSeen(),
                snapshot.binding().map(binding -> binding.slot().at()),
                snapshot.binding().map(Binding::trust),
                plan.keep().getOrDefault(sighting.snapshotId(), List.of()));
    }

    /** Looks for schedules whose retention waits, one after the other. Called from time to time. */
    public void lookAgain() {
        for (var host : db.read(hosts::all)) {
            lookAgain(host);
        }
        waiting.keySet()
                .removeIf(id -> db.read(handle -> schedules.owner(handle, id)).isEmpty());
    }

    private void lookAgain(Host host) {
        for (var schedule : db.read(handle -> schedules.all(handle, host.id()))) {
            if (schedule.kind() == JobKind.BACKUP) {
                db.read(handle -> handle.inTransaction(tx -> look(tx, host, schedule)));
            }
        }
    }

    /** Where retention waited at the last look: a few minutes after the start, once an hour, and when somebody looked. */
    public List<Waiting> waiting() {
        return waiting.values().stream()
                .sorted(Comparator.comparing(Waiting::host).thenComparing(Waiting::schedule))
                .toList();
    }

    /** The hold of a schedule at the last look; absent if there was none. */
    public Optional<Hold> waits(ScheduleId scheduleId) {
        return Optional.ofNullable(waiting.get(scheduleId)).map(Waiting::hold);
    }

    /** Hosts that are not trusted, and since when. */
    public Map<HostId, Instant> untrusted() {
        return db.read(handle -> handle.attach(RecordDao.class).untrusted());
    }

    /** Since when a host is not trusted; absent if it is. */
    public Optional<Instant> untrustedSince(HostId hostId) {
        return db.read(handle -> handle.attach(RecordDao.class).untrustedSince(hostId));
    }

    /** Of some schedules. */
    public List<Counts> counts(Collection<ScheduleId> ids) {
        return ids.isEmpty()
                ? List.of()
                : db.read(handle -> handle.attach(SeenDao.class).counts(ids));
    }

    /** By schedule, also of deleted ones. */
    public List<Counts> counts(RepositoryId id) {
        return db.read(handle -> handle.attach(SeenDao.class).counts(id));
    }

    /**
     * Snapshots that name no schedule of this server and count for none, newest first.
     *
     * @param most how many at most
     */
    public List<Foreign> foreign(RepositoryId id, int most) {
        return db.read(handle -> handle.attach(SeenDao.class).foreign(id, most));
    }

    /** The backup schedules that use a repository, by the names of their hosts. */
    public List<User> users(RepositoryId id) {
        return db.read(handle -> handle.inTransaction(tx -> repositories.hosts(tx, id).stream()
                .map(hostId -> hosts.get(tx, hostId))
                .sorted(Comparator.comparing(Host::name))
                .flatMap(host -> schedules.all(tx, host.id()).stream()
                        .filter(schedule -> schedule.kind() == JobKind.BACKUP)
                        .filter(schedule -> repositories
                                .pick(tx, host.id(), schedule.repositoryId())
                                .map(HostRepository::id)
                                .equals(Optional.of(id)))
                        .map(schedule -> new User(host.id(), host.name(), host.hostname(), schedule)))
                .toList()));
    }
}
