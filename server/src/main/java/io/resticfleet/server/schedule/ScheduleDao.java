package io.resticfleet.server.schedule;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.sqlobject.config.KeyColumn;
import org.jdbi.v3.sqlobject.config.ValueColumn;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code schedules} table. Other features use {@link Schedules}. */
interface ScheduleDao {

    @SqlQuery("SELECT * FROM schedules WHERE host_id = :hostId ORDER BY id")
    List<Schedule> list(HostId hostId);

    @SqlQuery("SELECT * FROM schedules WHERE host_id = :hostId AND id = :id")
    Optional<Schedule> find(HostId hostId, ScheduleId id);

    /** Id of a schedule's host. */
    @SqlQuery("SELECT host_id FROM schedules WHERE id = :id")
    Optional<HostId> owner(ScheduleId id);

    @SqlQuery("""
            SELECT id, host_id, kind, name, enabled, manual, cron, time_zone, tags_json
              FROM schedules
             WHERE host_id IN (<hostIds>)
             ORDER BY id
            """)
    List<ScheduleBrief> briefs(@BindList Collection<HostId> hostIds);

    @SqlQuery("SELECT id, name FROM schedules WHERE id IN (<ids>)")
    @KeyColumn("id")
    @ValueColumn("name")
    Map<ScheduleId, String> names(@BindList Collection<ScheduleId> ids);

    @SqlQuery("SELECT name FROM schedules WHERE host_id = :hostId AND id <> :id")
    Set<String> namesExcept(HostId hostId, ScheduleId id);

    /** The repository that schedules of a host use if they name none; empty if it has none. */
    @SqlQuery("SELECT repository_id FROM host_repositories WHERE host_id = :hostId ORDER BY position LIMIT 1")
    Optional<RepositoryId> firstRepository(HostId hostId);

    @SqlQuery("SELECT EXISTS (SELECT 1 FROM host_repositories WHERE host_id = :hostId AND repository_id = :id)")
    boolean uses(HostId hostId, RepositoryId id);

    /** Name of the maintainer of a repository, if it is another host. */
    @SqlQuery("""
            SELECT h.name
              FROM repositories r
              JOIN hosts h ON h.id = r.maintainer_host_id
             WHERE r.id = :id AND h.id <> :hostId
            """)
    Optional<String> otherMaintainer(HostId hostId, RepositoryId id);

    /**
     * Frees all schedule names of a host. The placeholders collide with no name, as a name cannot start with a line
     * break.
     */
    @SqlUpdate("UPDATE schedules SET name = char(10) || id WHERE host_id = :hostId")
    void freeNames(HostId hostId);

    /** The last accepted run of each of a host's schedules. */
    @SqlQuery(
            "SELECT accepted_job_id FROM schedules WHERE host_id = :hostId AND accepted_job_id IS NOT NULL ORDER BY id")
    List<JobId> acceptedRuns(HostId hostId);

    @SqlQuery("SELECT accepted_job_id FROM schedules WHERE id = :id AND accepted_job_id IS NOT NULL")
    Optional<JobId> acceptedRun(ScheduleId id);

    @SqlUpdate("UPDATE schedules SET accepted_job_id = :jobId WHERE id = :id")
    void accept(ScheduleId id, JobId jobId);

    @SqlQuery("SELECT coalesce(timed_since_at, created_at) FROM schedules WHERE id = :id")
    Instant timedSince(ScheduleId id);

    @SqlUpdate("UPDATE schedules SET timed_since_at = :now WHERE id = :id")
    void timed(ScheduleId id, Instant now);

    @SqlUpdate("""
            INSERT INTO schedules (id, host_id, kind, name, enabled, manual, cron, time_zone, paths_json, excludes_json,
                                   tags_json, retention_json, options_json, hooks_json, catch_up, jitter_minutes,
                                   repository_id, created_at, updated_at)
            VALUES (:s.id, :hostId, :s.kind, :s.name, :s.enabled, :s.manual, :s.cron, :s.timeZone, :s.paths,
                    :s.excludes, :s.tags, :s.retention, :s.options, :s.hooks, :s.catchUp, :s.jitterMinutes,
                    :s.repositoryId, :now, :now)
            """)
    void insert(HostId hostId, @BindMethods("s") Schedule schedule, Instant now);

    /** Does not update the kind, which never changes. */
    @SqlUpdate("""
            UPDATE schedules
               SET name = :s.name, enabled = :s.enabled, manual = :s.manual, cron = :s.cron, time_zone = :s.timeZone,
                   paths_json = :s.paths, excludes_json = :s.excludes, tags_json = :s.tags,
                   retention_json = :s.retention, options_json = :s.options, hooks_json = :s.hooks,
                   catch_up = :s.catchUp, jitter_minutes = :s.jitterMinutes, repository_id = :s.repositoryId,
                   updated_at = :now
             WHERE host_id = :hostId
               AND id = :s.id
            """)
    void update(HostId hostId, @BindMethods("s") Schedule schedule, Instant now);

    /** Returns the number of deleted schedules: 0 or 1. */
    @SqlUpdate("DELETE FROM schedules WHERE host_id = :hostId AND id = :id")
    int delete(HostId hostId, ScheduleId id);
}
