package io.resticfleet.server.rule;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** What rules need of hosts beyond their status. */
interface RuleDao {

    /**
     * The timing of an enabled backup schedule.
     *
     * @param since when it got its present timing
     * @param lastGoodAt when its last complete backup ended; absent if there is none
     */
    record BackupRow(
            ScheduleId scheduleId, HostId hostId, Instant since, int jitterMinutes, Optional<Instant> lastGoodAt) {}

    @SqlQuery("""
            SELECT s.id AS schedule_id, s.host_id, coalesce(s.timed_since_at, s.created_at) AS since, s.jitter_minutes,
                   c.ended_at AS last_good_at
              FROM schedules s
              LEFT JOIN complete_backups c ON c.schedule_id = s.id AND c.host_id = s.host_id
             WHERE s.host_id IN (<hostIds>)
               AND s.kind = 'backup'
               AND s.enabled = 1
            """)
    List<BackupRow> backups(@BindList Collection<HostId> hostIds);

    /**
     * What was proven of a host.
     *
     * @param lastGoodAt when the last complete backup of all its schedules ended; absent if there is none
     * @param provenAt when the last drill succeeded; absent if none has
     * @param drills whether its weekly drill is on
     * @param tooOldAt when its agent was last refused as too old; absent if it was not since its last hello
     * @param pausedUntil when its last pause ended, or will; absent if it was never paused, or the end is open
     */
    record ProofRow(
            HostId hostId,
            Optional<Instant> lastGoodAt,
            Optional<Instant> provenAt,
            boolean drills,
            Optional<Instant> tooOldAt,
            Optional<Instant> pausedUntil) {}

    @SqlQuery("""
            SELECT h.id AS host_id,
                   (SELECT max(ended_at) FROM complete_backups WHERE host_id = h.id) AS last_good_at,
                   (SELECT at FROM proven_restores WHERE host_id = h.id AND of_schedule = '') AS proven_at,
                   coalesce((SELECT enabled FROM weekly_drills WHERE host_id = h.id), 1) AS drills,
                   h.too_old_at,
                   (SELECT max(coalesce(resumed_at, until_at)) FROM host_pauses WHERE host_id = h.id) AS paused_until
              FROM hosts h
             WHERE h.id IN (<hostIds>)
            """)
    List<ProofRow> proofs(@BindList Collection<HostId> hostIds);

    /**
     * The last replacement of a host's machine.
     *
     * @param refusedAt when a former agent last tried to connect; absent if none did
     */
    record ReplacedRow(HostId hostId, Instant replacedAt, Optional<Instant> refusedAt) {}

    /** Of hosts whose machine was replaced, or whose former agent tried to connect, since then. */
    @SqlQuery("""
            SELECT host_id, max(replaced_at) AS replaced_at, max(refused_at) AS refused_at
              FROM replaced_agents
             GROUP BY host_id
            HAVING max(replaced_at) >= :since OR max(refused_at) >= :since
            """)
    List<ReplacedRow> replaced(Instant since);
}
