package io.resticfleet.server.drill;

import io.resticfleet.protocol.DrillSample;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The tables {@code complete_backups}, {@code proven_restores}, {@code restore_measures} and {@code weekly_drills}. */
interface DrillDao {

    /** In {@code proven_restores}: of any schedule. */
    String ANY = "";

    /**
     * The last complete backup of a schedule.
     *
     * @param snapshotId or its first 8 digits
     */
    record CompleteBackup(
            ScheduleId scheduleId,
            HostId hostId,
            Optional<RepositoryId> repositoryId,
            String snapshotId,
            Instant startedAt,
            Instant endedAt,
            long files,
            long bytes) {}

    /** An enabled backup schedule, with its last complete backup if there is one, whose snapshot is still there. */
    record Saved(
            HostId hostId,
            ScheduleId scheduleId,
            String name,
            Optional<Instant> startedAt,
            Optional<Long> files,
            Optional<Long> bytes) {}

    /** @param ofSchedule {@link #ANY}, or whose snapshot it was */
    record ProvenRow(HostId hostId, String ofSchedule, Instant at, long files, long bytes, Optional<Double> seconds) {

        ProvenSchedule schedule() {
            return new ProvenSchedule(new ScheduleId(ofSchedule), at, files, bytes, seconds);
        }

        ProvenRestore restore() {
            return new ProvenRestore(at, files, bytes, seconds);
        }
    }

    record MeasureRow(HostId hostId, long files, long bytes, double seconds) {}

    record WeeklyRow(HostId hostId, boolean enabled, Optional<DrillSample> sample, Instant nextAt) {

        WeeklyDrill drill() {
            return new WeeklyDrill(
                    enabled,
                    sample.orElse(WeeklyDrill.SAMPLE),
                    Optional.of(nextAt).filter(at -> enabled));
        }
    }

    @SqlUpdate("""
            INSERT INTO complete_backups (schedule_id, host_id, job_id, repository_id, snapshot_id, started_at, ended_at,
                                          files, bytes)
            SELECT id, host_id, :jobId, :backup.repositoryId, :backup.snapshotId, :backup.startedAt, :backup.endedAt,
                   :backup.files, :backup.bytes
              FROM schedules
             WHERE id = :backup.scheduleId AND host_id = :backup.hostId AND kind = 'backup'
            ON CONFLICT (schedule_id) DO UPDATE
               SET job_id = excluded.job_id, repository_id = excluded.repository_id, snapshot_id = excluded.snapshot_id,
                   started_at = excluded.started_at, ended_at = excluded.ended_at, files = excluded.files,
                   bytes = excluded.bytes
             WHERE excluded.started_at >= started_at
            """)
    void completed(JobId jobId, @BindMethods("backup") CompleteBackup backup);

    /**
     * A backup counts while its snapshot is in the newest list that would have it: of the host itself, or of all snapshots of
     * the repository. Those that ended after that list count too, as jobs are reported before lists.
     */
    @SqlQuery("""
            SELECT s.host_id, s.id AS schedule_id, s.name, c.started_at, c.files, c.bytes
              FROM schedules s
              LEFT JOIN complete_backups c
                     ON c.schedule_id = s.id
                    AND c.repository_id IS coalesce(s.repository_id,
                                                    (SELECT repository_id FROM host_repositories
                                                      WHERE host_id = s.host_id ORDER BY position LIMIT 1))
                    AND coalesce((SELECT max(l.refreshed_at
                                             * EXISTS (SELECT 1
                                                         FROM snapshots n
                                                        WHERE n.host_id = l.host_id AND n.repository_id = l.repository_id
                                                          AND n.id >= c.snapshot_id AND n.id < c.snapshot_id || 'g'
                                                          AND n.added_in <= l.generation
                                                          AND coalesce(n.removed_in, l.generation + 1) > l.generation))
                                         = max(l.refreshed_at)
                                    FROM snapshot_lists l
                                   WHERE l.repository_id = c.repository_id
                                     AND (l.host_id = c.host_id OR l.whole)
                                     AND l.refreshed_at > c.ended_at), 1)
             WHERE s.host_id IN (<hostIds>) AND s.enabled = 1 AND s.kind = 'backup'
            """)
    List<Saved> saved(@BindList Collection<HostId> hostIds);

    @SqlUpdate("""
            INSERT INTO proven_restores (host_id, of_schedule, job_id, at, files, bytes, seconds)
            VALUES (:row.hostId, :row.ofSchedule, :jobId, :row.at, :row.files, :row.bytes, :row.seconds)
            ON CONFLICT (host_id, of_schedule) DO UPDATE
               SET job_id = excluded.job_id, at = excluded.at, files = excluded.files, bytes = excluded.bytes,
                   seconds = excluded.seconds
             WHERE excluded.at >= at
            """)
    void proven(JobId jobId, @BindMethods("row") ProvenRow row);

    /** Of these hosts and their schedules. */
    @SqlQuery(
            "SELECT host_id, of_schedule, at, files, bytes, seconds FROM proven_restores WHERE host_id IN (<hostIds>)")
    List<ProvenRow> proven(@BindList Collection<HostId> hostIds);

    @SqlUpdate("""
            INSERT INTO restore_measures (job_id, host_id, at, files, bytes, seconds)
            VALUES (:jobId, :row.hostId, :at, :row.files, :row.bytes, :row.seconds)
            ON CONFLICT (job_id) DO NOTHING
            """)
    void measured(JobId jobId, Instant at, @BindMethods("row") MeasureRow row);

    /** Keeps the newest measures of a host. */
    @SqlUpdate("""
            DELETE FROM restore_measures
             WHERE host_id = :hostId
               AND job_id IN (SELECT job_id FROM restore_measures WHERE host_id = :hostId
                               ORDER BY at DESC LIMIT -1 OFFSET :kept)
            """)
    void trim(HostId hostId, int kept);

    @SqlQuery("SELECT host_id, files, bytes, seconds FROM restore_measures WHERE host_id IN (<hostIds>)")
    List<MeasureRow> measures(@BindList Collection<HostId> hostIds);

    @SqlQuery("SELECT host_id, enabled, sample_json, next_at FROM weekly_drills WHERE host_id IN (<hostIds>)")
    List<WeeklyRow> weekly(@BindList Collection<HostId> hostIds);

    @SqlUpdate("""
            INSERT INTO weekly_drills (host_id, enabled, sample_json, next_at)
            VALUES (:row.hostId, :row.enabled, :row.sample, :row.nextAt)
            ON CONFLICT (host_id) DO UPDATE
               SET enabled = excluded.enabled, sample_json = excluded.sample_json
            """)
    void set(@BindMethods("row") WeeklyRow row);

    @SqlUpdate("UPDATE weekly_drills SET next_at = :at WHERE host_id = :hostId")
    int next(HostId hostId, Instant at);

    /** Hosts without a setting of their own yet, as they are new. */
    @SqlQuery("SELECT id FROM hosts WHERE id NOT IN (SELECT host_id FROM weekly_drills)")
    List<HostId> fresh();

    @SqlQuery("""
            SELECT host_id, enabled, sample_json, next_at
              FROM weekly_drills
             WHERE enabled = 1 AND next_at <= :now
             ORDER BY next_at
            """)
    List<WeeklyRow> due(Instant now);
}
