package io.resticfleet.server.job;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code schedule_watch} table: how far {@link MissedRuns} has checked. */
interface ScheduleWatchDao {

    @SqlQuery("SELECT checked_until FROM schedule_watch WHERE schedule_id = :scheduleId")
    Optional<Instant> checkedUntil(String scheduleId);

    @SqlUpdate("""
            INSERT INTO schedule_watch (schedule_id, checked_until)
            VALUES (:scheduleId, :until)
            ON CONFLICT (schedule_id) DO UPDATE SET checked_until = excluded.checked_until
            """)
    void checked(String scheduleId, Instant until);

    @SqlUpdate("UPDATE schedule_watch SET checked_until = min(checked_until, :from) WHERE schedule_id = :scheduleId")
    void checkAgain(String scheduleId, Instant from);
}
