package io.resticfleet.server.job;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ZoneChange;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.schedule.Schedules;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows hosts into other time zones, by the rule by which their agents follow: {@link ZoneChange}. */
public final class TimeZones {

    private static final Logger log = LoggerFactory.getLogger(TimeZones.class);

    private final Database db;
    private final Schedules schedules;
    private final MissedRows rows;
    private final InstantSource clock;

    public TimeZones(Database db, Schedules schedules, MissedRows rows, InstantSource clock) {
        this.db = db;
        this.schedules = schedules;
        this.rows = rows;
        this.clock = clock;
    }

    /**
     * Checks the due times until the change in the old time zone, and has those after it checked in the new one, also if
     * they were checked in the old one meanwhile.
     *
     * @param host with its former time zone
     */
    public void follow(Handle tx, Host host, Hello hello) {
        var before = host.zone();
        var after = Host.zone(Optional.of(hello.timeZone()));
        if (host.lastSeenAt().isEmpty() || before.equals(after)) {
            return; // the first hello: no due time has passed yet
        }
        var now = clock.instant();
        var change = new ZoneChange(
                before, after, hello.timeZoneSince().filter(now::isAfter).orElse(now));
        log.info("a host has another time zone host={} from={} to={} since={}", host.id(), before, after, change.at());
        schedules.all(tx, host.id()).stream()
                .filter(schedule -> schedule.enabled() && !schedule.manual())
                .filter(schedule -> schedule.timeZone().isEmpty())
                .forEach(schedule -> follow(tx, host, schedule, change, now));
    }

    private void follow(Handle tx, Host host, Schedule schedule, ZoneChange change, Instant now) {
        var since = schedules.timedSince(tx, schedule.id());
        if (since.isAfter(change.at())) {
            return; // it got its timing later
        }
        MissedRows.replace(
                tx, host.id(), Optional.of(schedule.id()), change.at().plusMillis(1), now, new JobId(db.newId()));
        rows.of(tx, host, schedule, since, change.at());
        var watch = tx.attach(ScheduleWatchDao.class);
        var from = change.handledUntil(CronExpression.parse(schedule.cron().orElseThrow()));
        watch.timedSince(schedule.id(), from);
        watch.checkAgain(schedule.id(), from);
    }
}
