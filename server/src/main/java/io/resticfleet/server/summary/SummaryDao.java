package io.resticfleet.server.summary;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** Figures that the fleet's status does not have. */
interface SummaryDao {

    /** When the last backup that made a snapshot ended. */
    @SqlQuery("""
            SELECT max((SELECT max(finished_at)
                          FROM jobs
                         WHERE host_id = hosts.id
                           AND kind = 'backup'
                           AND status IN ('succeeded', 'partial')))
              FROM hosts
            """)
    Optional<Instant> lastBackup();
}
