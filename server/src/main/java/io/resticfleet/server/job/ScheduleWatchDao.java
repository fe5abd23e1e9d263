package io.resticfleet.server.job;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.host.Host;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code schedule_watch} table: how far {@link MissedRuns} has checked. */
interface ScheduleWatchDao {

    /** Selects a {@link Timing} of each schedule that is due by itself. */
    String TIMINGS = """
            SELECT s.id AS schedule_id, s.host_id, coalesce(s.timed_since_at, s.created_at) AS since, s.cron,
                   s.time_zone, h.time_zone AS host_time_zone, s.jitter_minutes, w.checked_until
              FROM hosts h
              JOIN schedules s ON s.host_id = h.id
              LEFT JOIN schedule_watch w ON w.schedule_id = s.id
             WHERE s.enabled = 1
               AND s.manual = 0
            """;

    /**
     * The stored values that decide when a schedule's due times are to be checked.
     *
     * @param since when it got its present timing
     */
    record Timing(
            ScheduleId scheduleId,
            HostId hostId,
            Instant since,
            String cron,
            Optional<String> timeZone,
            Optional<String> hostTimeZone,
            int jitterMinutes,
            Optional<Instant> checkedUntil) {

        ZoneId zone() {
            return timeZone.map(ZoneId::of).orElseGet(() -> Host.zone(hostTimeZone));
        }
    }

    /** Of all schedules that are due by themselves, by host. */
    @SqlQuery(TIMINGS + " ORDER BY h.id")
    List<Timing> timings();

    /** As in {@link #timings}. */
    @SqlQuery(TIMINGS + " AND s.id = :scheduleId")
    Optional<Timing> timing(ScheduleId scheduleId);

    @SqlQuery("SELECT checked_until FROM schedule_watch WHERE schedule_id = :scheduleId")
    Optional<Instant> checkedUntil(ScheduleId scheduleId);

    @SqlUpdate("""
            INSERT INTO schedule_watch (schedule_id, checked_until)
            VALUES (:scheduleId, :until)
            ON CONFLICT (schedule_id) DO UPDATE SET checked_until = excluded.checked_until
            """)
    void checked(ScheduleId scheduleId, Instant until);

    @SqlUpdate("UPDATE schedules SET timed_since_at = :since WHERE id = :scheduleId")
    void timedSince(ScheduleId scheduleId, Instant since);

    @SqlUpdate("UPDATE schedule_watch SET checked_until = min(checked_until, :from) WHERE schedule_id = :scheduleId")
    void checkAgain(ScheduleId scheduleId, Instant from);
}
