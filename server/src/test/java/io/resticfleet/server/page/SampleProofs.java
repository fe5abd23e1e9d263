package io.resticfleet.server.page;

import io.resticfleet.server.TestServer;

/** What the backups and drills of a {@link SampleFleet}, which are rows of the past, have proven. */
final class SampleProofs {

    private static final String BACKUPS = """
            INSERT INTO complete_backups (schedule_id, host_id, job_id, repository_id, snapshot_id, started_at, ended_at,
                                          files, bytes)
            SELECT s.id, s.host_id, j.id,
                   (SELECT repository_id FROM host_repositories WHERE host_id = s.host_id ORDER BY position LIMIT 1),
                   j.snapshot_id, j.started_at, j.finished_at, 141031, 56371445760
              FROM schedules s JOIN jobs j ON j.schedule_id = s.id
             WHERE s.kind = 'backup' AND j.status = 'succeeded' AND j.snapshot_id IS NOT NULL
             ORDER BY j.finished_at
            ON CONFLICT (schedule_id) DO UPDATE
               SET job_id = excluded.job_id, snapshot_id = excluded.snapshot_id, started_at = excluded.started_at,
                   ended_at = excluded.ended_at
            """;

    private static final String DRILLS = """
            INSERT INTO proven_restores (host_id, of_schedule, job_id, at, files, bytes, seconds)
            SELECT c.host_id, of.schedule, c.job_id, c.started_at - 172800000, 200, 61341696, 9.5
              FROM complete_backups c,
                   (SELECT '' AS schedule, NULL AS id UNION ALL SELECT id, id FROM schedules) of
             WHERE of.id IS NULL OR of.id = c.schedule_id
            ON CONFLICT DO NOTHING
            """;

    private static final String MEASURES = """
            INSERT INTO restore_measures (job_id, host_id, at, files, bytes, seconds)
            SELECT job_id, host_id, at, files, bytes, seconds FROM proven_restores WHERE of_schedule = ''
            """;

    private SampleProofs() {}

    static void on(TestServer server) throws Exception {
        server.sql(BACKUPS);
        server.sql(DRILLS);
        server.sql(MEASURES);
    }
}
