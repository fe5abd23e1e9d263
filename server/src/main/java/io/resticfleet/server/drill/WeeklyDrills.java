package io.resticfleet.server.drill;

import io.resticfleet.protocol.Drill;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.job.AutomaticJobs;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.schedule.Schedules;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Starts the weekly drill of each host when it is connected and has no other job. It needs no schedule, and changes none. Of
 * a host's backup schedules it tries the one that was proven longest ago. A host that is away becomes overdue.
 */
public final class WeeklyDrills {

    /** After a drill that failed, or did not end. */
    private static final Duration RETRY = Duration.ofDays(1);

    /** A new host's first drill follows within a day, those of many at different times. */
    private static final long FIRST_HOURS = 24;

    /** Drills that are started at once; the next ones follow at the next check. */
    private static final int AT_ONCE = 3;

    private final Database db;
    private final Schedules schedules;
    private final AutomaticJobs automaticJobs;
    private final Agents agents;
    private final InstantSource clock;

    public WeeklyDrills(
            Database db, Schedules schedules, AutomaticJobs automaticJobs, Agents agents, InstantSource clock) {
        this.db = db;
        this.schedules = schedules;
        this.automaticJobs = automaticJobs;
        this.agents = agents;
        this.clock = clock;
    }

    /** Starts the drills that are due. */
    public void check() {
        var now = clock.instant();
        addFresh(now);
        var feature = JobKind.DRILL.feature().orElseThrow();
        int started = 0;
        for (var row : db.read(handle -> handle.attach(DrillDao.class).due(now))) {
            boolean able = agents.connected(row.hostId()) && agents.supports(row.hostId(), feature);
            if (able && start(row, now) && ++started == AT_ONCE) {
                return;
            }
        }
    }

    private void addFresh(Instant now) {
        var fresh = db.read(handle -> handle.attach(DrillDao.class).fresh());
        if (fresh.isEmpty()) {
            return;
        }
        db.change(tx -> fresh.forEach(id -> tx.attach(DrillDao.class)
                .set(new DrillDao.WeeklyRow(id, true, Optional.empty(), now.plus(Duration.ofMinutes(minutes(id)))))));
    }

    private static long minutes(HostId id) {
        return Math.floorMod(id.value().hashCode(), FIRST_HOURS * 60);
    }

    private boolean start(DrillDao.WeeklyRow row, Instant now) {
        var schedule = pick(row.hostId());
        if (schedule.isEmpty()) {
            return false; // nothing to prove yet
        }
        var spec = new Drill(Optional.empty(), row.drill().sample(), List.of(), schedule.map(Schedule::id));
        return automaticJobs.drill(
                row.hostId(),
                spec,
                schedule.get().repositoryId(),
                tx -> tx.attach(DrillDao.class).next(row.hostId(), now.plus(RETRY)));
    }

    /** The enabled backup schedule with a complete backup that was proven longest ago. */
    private Optional<Schedule> pick(HostId hostId) {
        return db.read(handle -> {
            var dao = handle.attach(DrillDao.class);
            var complete = dao.saved(List.of(hostId)).stream()
                    .filter(schedule -> schedule.startedAt().isPresent())
                    .map(DrillDao.Saved::scheduleId)
                    .collect(Collectors.toSet());
            var proven = dao.proven(List.of(hostId)).stream()
                    .collect(Collectors.toMap(DrillDao.ProvenRow::ofSchedule, DrillDao.ProvenRow::at));
            Function<Schedule, Instant> provenAt =
                    schedule -> proven.getOrDefault(schedule.id().value(), Instant.EPOCH);
            return schedules.all(handle, hostId).stream()
                    .filter(schedule ->
                            schedule.enabled() && schedule.kind() == JobKind.BACKUP && complete.contains(schedule.id()))
                    .min(Comparator.comparing(provenAt));
        });
    }
}
