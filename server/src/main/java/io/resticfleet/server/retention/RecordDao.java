package io.resticfleet.server.retention;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.KeyColumn;
import org.jdbi.v3.sqlobject.config.ValueColumn;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/**
 * The tables about schedules and hosts: {@code retention_terms}, which triggers fill, {@code retention_gaps}, {@code
 * retention_schedules}, {@code retention_distrust} and {@code retention_alarms}.
 */
interface RecordDao {

    /** A version of a schedule. */
    record TermsRow(
            ScheduleId scheduleId,
            HostId hostId,
            Instant fromAt,
            Optional<String> cron,
            String timeZone,
            RetentionPolicy retention) {}

    /** A gap of a host. */
    record GapRow(Instant fromAt, Optional<Instant> untilAt, Optional<Instant> drainedAt) {}

    /** What was decided about a schedule. */
    record StateRow(Optional<Instant> releasedAt, Optional<Instant> removedAt) {}

    /** A cause to hold retention. */
    record AlarmRow(String cause, Instant sinceAt) {}

    @SqlQuery("SELECT * FROM retention_terms WHERE schedule_id = :scheduleId ORDER BY from_at")
    List<TermsRow> terms(ScheduleId scheduleId);

    @SqlQuery("SELECT from_at, until_at, drained_at FROM retention_gaps WHERE host_id = :hostId ORDER BY from_at")
    List<GapRow> gaps(HostId hostId);

    /** Does nothing if the host is away already, or was deleted. */
    @SqlUpdate("""
            INSERT INTO retention_gaps (host_id, from_at)
            SELECT id, :from
              FROM hosts
             WHERE id = :hostId
               AND NOT EXISTS (SELECT 1 FROM retention_gaps WHERE host_id = :hostId AND until_at IS NULL)
            ON CONFLICT DO NOTHING
            """)
    void left(HostId hostId, Instant from);

    /** All hosts are away when the server starts. */
    @SqlUpdate("""
            INSERT INTO retention_gaps (host_id, from_at)
            SELECT id, coalesce(last_seen_at, created_at)
              FROM hosts
             WHERE id NOT IN (SELECT host_id FROM retention_gaps WHERE until_at IS NULL)
            ON CONFLICT (host_id, from_at) DO UPDATE SET until_at = NULL, drained_at = NULL
            """)
    void allLeft();

    @SqlUpdate("UPDATE retention_gaps SET until_at = max(from_at, :now) WHERE host_id = :hostId AND until_at IS NULL")
    void returned(HostId hostId, Instant now);

    /** Results arrive in their order: one of a run after the gap is the last of those in it. */
    @SqlUpdate("""
            UPDATE retention_gaps
               SET drained_at = :now
             WHERE host_id = :hostId AND until_at IS NOT NULL AND drained_at IS NULL
               AND EXISTS (SELECT 1
                             FROM jobs
                            WHERE jobs.host_id = :hostId AND kind = 'backup' AND status IN ('succeeded', 'partial')
                              AND finished_at > until_at AND started_at > until_at)
            """)
    void drained(HostId hostId, Instant now);

    /** Deletes gaps that are closed for so long that no run in them can be reported any more. */
    @SqlUpdate("DELETE FROM retention_gaps WHERE host_id = :hostId AND drained_at < :before")
    void deleteGaps(HostId hostId, Instant before);

    /** Deletes all but the newest gaps, as a host could connect and leave at any rate. Runs in the others do not count. */
    @SqlUpdate("""
            DELETE FROM retention_gaps
             WHERE host_id = :hostId
               AND from_at < (SELECT from_at
                                FROM retention_gaps
                               WHERE host_id = :hostId
                               ORDER BY from_at DESC
                               LIMIT 1 OFFSET :most - 1)
            """)
    void deleteOldest(HostId hostId, int most);

    @SqlQuery("SELECT released_at, removed_at FROM retention_schedules WHERE schedule_id = :scheduleId")
    Optional<StateRow> state(ScheduleId scheduleId);

    @SqlUpdate("""
            INSERT INTO retention_schedules (schedule_id, released_at) VALUES (:scheduleId, :now)
            ON CONFLICT (schedule_id) DO UPDATE SET released_at = excluded.released_at
            """)
    void release(ScheduleId scheduleId, Instant now);

    @SqlUpdate("""
            INSERT INTO retention_schedules (schedule_id, removed_at) VALUES (:scheduleId, :now)
            ON CONFLICT (schedule_id) DO UPDATE SET removed_at = excluded.removed_at
            """)
    void removed(ScheduleId scheduleId, Instant now);

    @SqlQuery("SELECT since_at FROM retention_distrust WHERE host_id = :hostId")
    Optional<Instant> untrustedSince(HostId hostId);

    @KeyColumn("host_id")
    @ValueColumn("since_at")
    @SqlQuery("SELECT host_id, since_at FROM retention_distrust ORDER BY host_id")
    Map<HostId, Instant> untrusted();

    @SqlUpdate("""
            INSERT INTO retention_distrust (host_id, since_at) VALUES (:hostId, :since)
            ON CONFLICT (host_id) DO UPDATE SET since_at = excluded.since_at
            """)
    void distrust(HostId hostId, Instant since);

    @SqlUpdate("DELETE FROM retention_distrust WHERE host_id = :hostId")
    void trust(HostId hostId);

    /** Of a repository, and of all. */
    @SqlQuery("""
            SELECT cause, since_at
              FROM retention_alarms
             WHERE repository_id IN (:repositoryId, '')
             ORDER BY since_at
            """)
    List<AlarmRow> alarms(RepositoryId repositoryId);

    /** @param repository its id; empty for all */
    @SqlUpdate("""
            INSERT INTO retention_alarms (repository_id, cause, since_at) VALUES (:repository, :cause, :now)
            ON CONFLICT (repository_id, cause) DO UPDATE SET since_at = excluded.since_at
            """)
    void alarm(String repository, String cause, Instant now);
}
