package io.resticfleet.server.channel;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code run_events} table, which triggers fill. Others use {@link RunPings}. */
interface RunEventDao {

    /**
     * A run that began or ended.
     *
     * @param schedule its name; absent if it was deleted
     */
    record RunEvent(
            long id,
            JobId jobId,
            HostId hostId,
            JobStatus status,
            String host,
            Optional<String> schedule,
            Optional<List<String>> tags,
            Optional<Instant> startedAt) {}

    @SqlQuery("SELECT EXISTS (SELECT 1 FROM run_events)")
    boolean any();

    @SqlQuery("""
            SELECT e.id, e.job_id, e.host_id, e.status, h.name AS host, s.name AS schedule, s.tags_json AS tags_json,
                   j.started_at
              FROM run_events e
              JOIN hosts h ON h.id = e.host_id
              LEFT JOIN schedules s ON s.id = e.schedule_id
              LEFT JOIN jobs j ON j.id = e.job_id
             ORDER BY e.id
             LIMIT :limit
            """)
    List<RunEvent> first(int limit);

    @SqlUpdate("DELETE FROM run_events WHERE id <= :id")
    void deleteUpTo(long id);

    /** Deletes events of hosts that were deleted. */
    @SqlUpdate("DELETE FROM run_events WHERE host_id NOT IN (SELECT id FROM hosts)")
    void deleteOfNoHost();
}
