package io.resticfleet.server.schedule;

import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.host.Host;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Replaces the stored schedules of one host, within one transaction. Used once. */
final class ScheduleReplacement {

    private final Handle tx;
    private final Host host;
    private final Schedules.TimingEnd timingEnd;
    private final Instant now;
    private final ScheduleDao dao;

    ScheduleReplacement(Handle tx, Host host, Schedules.TimingEnd timingEnd, Instant now) {
        this.tx = tx;
        this.host = host;
        this.timingEnd = timingEnd;
        this.now = now;
        this.dao = tx.attach(ScheduleDao.class);
    }

    /** Returns the schedules as stored, with their names made unique. */
    List<Schedule> apply(List<Schedule> desired) {
        var before = byId(dao.list(host.id()));
        var after = byId(desired);
        before.values().stream()
                .filter(schedule -> !isKept(schedule, after.get(schedule.id())))
                .forEach(this::remove);
        dao.freeNames(host.id());
        var named = numbered(desired);
        named.forEach(schedule -> store(
                Optional.ofNullable(before.get(schedule.id())).filter(stored -> isKept(stored, schedule)), schedule));
        return named;
    }

    /** Appends a free number to all but the first schedule of each name. */
    private static List<Schedule> numbered(List<Schedule> desired) {
        var taken = desired.stream().map(Schedule::name).collect(Collectors.toSet());
        var seen = new HashSet<String>();
        return desired.stream()
                .map(schedule -> {
                    if (seen.add(schedule.name())) {
                        return schedule;
                    }
                    var name = Naming.NUMBER_TAKEN.name(schedule.name(), taken);
                    taken.add(name);
                    return schedule.withName(name);
                })
                .toList();
    }

    /** A schedule's kind never changes: one of another kind is another schedule. */
    private static boolean isKept(Schedule before, Schedule after) {
        return after != null && after.kind() == before.kind();
    }

    private void remove(Schedule schedule) {
        timingEnd.of(tx, host, schedule, dao.timedSince(schedule.id()));
        dao.delete(host.id(), schedule.id());
    }

    private void store(Optional<Schedule> before, Schedule after) {
        if (before.isEmpty()) {
            dao.insert(host.id(), after, now);
            return;
        }
        boolean retimed = !Schedules.timing(before.get()).equals(Schedules.timing(after));
        if (retimed) {
            timingEnd.of(tx, host, before.get(), dao.timedSince(after.id()));
        }
        dao.update(host.id(), after, now);
        if (retimed) {
            dao.timed(after.id(), now);
        }
    }

    private static Map<ScheduleId, Schedule> byId(List<Schedule> schedules) {
        return schedules.stream().collect(Collectors.toMap(Schedule::id, Function.identity()));
    }
}
