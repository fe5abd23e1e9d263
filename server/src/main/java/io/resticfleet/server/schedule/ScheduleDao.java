package io.resticfleet.server.schedule;

import io.resticfleet.protocol.Schedule;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.KeyColumn;
import org.jdbi.v3.sqlobject.config.RegisterRowMapper;
import org.jdbi.v3.sqlobject.config.ValueColumn;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code schedules} table. Other features ask {@link Schedules}. */
@RegisterRowMapper(ScheduleRow.class)
interface ScheduleDao {

    @SqlQuery("SELECT * FROM schedules WHERE host_id = :hostId ORDER BY id")
    List<Schedule> list(String hostId);

    @SqlQuery("SELECT * FROM schedules WHERE host_id = :hostId AND id = :id")
    Optional<Schedule> find(String hostId, String id);

    /** Whose schedule this is. */
    @SqlQuery("SELECT host_id FROM schedules WHERE id = :id")
    Optional<String> owner(String id);

    @RegisterRowMapper(ScheduleBriefRow.class)
    @SqlQuery("""
            SELECT id, host_id, kind, name, enabled, manual, cron, time_zone, tags_json
              FROM schedules
             WHERE host_id IN (<hostIds>)
             ORDER BY id
            """)
    List<ScheduleBrief> briefs(@BindList Collection<String> hostIds);

    @SqlQuery("SELECT id, name FROM schedules WHERE id IN (<ids>)")
    @KeyColumn("id")
    @ValueColumn("name")
    Map<String, String> names(@BindList Collection<String> ids);

    @SqlQuery("SELECT coalesce(timed_since_at, created_at) FROM schedules WHERE id = :id")
    Instant timedSince(String id);

    @SqlUpdate("UPDATE schedules SET timed_since_at = :now WHERE id = :id")
    void timed(String id, Instant now);

    @SqlUpdate("""
            INSERT INTO schedules (id, host_id, kind, name, enabled, manual, cron, time_zone, paths_json, excludes_json,
                                   tags_json, retention_json, options_json, hooks_json, catch_up, jitter_minutes,
                                   created_at, updated_at)
            VALUES (:s.id, :hostId, :s.kind, :s.name, :s.enabled, :s.manual, :s.cron, :s.timeZone, :json.paths,
                    :json.excludes, :json.tags, :json.retention, :json.options, :json.hooks, :json.catchUp,
                    :s.jitterMinutes, :now, :now)
            """)
    void insert(
            String hostId,
            @BindMethods("s") Schedule schedule,
            @BindMethods("json") ScheduleRow.Columns json,
            Instant now);

    /** The kind stays: it cannot change. */
    @SqlUpdate("""
            UPDATE schedules
               SET name = :s.name, enabled = :s.enabled, manual = :s.manual, cron = :s.cron, time_zone = :s.timeZone,
                   paths_json = :json.paths, excludes_json = :json.excludes, tags_json = :json.tags,
                   retention_json = :json.retention, options_json = :json.options, hooks_json = :json.hooks,
                   catch_up = :json.catchUp, jitter_minutes = :s.jitterMinutes, updated_at = :now
             WHERE host_id = :hostId
               AND id = :s.id
            """)
    void update(
            String hostId,
            @BindMethods("s") Schedule schedule,
            @BindMethods("json") ScheduleRow.Columns json,
            Instant now);

    /** Returns how many there were: 0 or 1. */
    @SqlUpdate("DELETE FROM schedules WHERE host_id = :hostId AND id = :id")
    int delete(String hostId, String id);
}
