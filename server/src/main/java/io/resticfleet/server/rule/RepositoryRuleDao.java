package io.resticfleet.server.rule;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** What rules need of repositories. */
interface RepositoryRuleDao {

    /**
     * A repository that hosts use.
     *
     * @param status the word of a status
     * @param checkedAt when the status was found; absent if it never was
     * @param sizeLimitBytes absent for no limit
     * @param checkWithinDays 0 for never
     * @param unexpectedKeys number of keys that nobody has confirmed
     */
    record Row(
            RepositoryId id,
            String name,
            String status,
            Optional<String> statusDetail,
            Optional<Instant> checkedAt,
            Optional<Long> sizeBytes,
            Optional<Instant> lastCheckAt,
            Instant createdAt,
            Optional<HostId> maintainerHostId,
            Optional<Long> sizeLimitBytes,
            int checkWithinDays,
            int unexpectedKeys) {}

    @SqlQuery("""
            SELECT r.id, r.name, r.status, r.status_detail, r.checked_at, r.size_bytes, r.last_check_at, r.created_at,
                   r.maintainer_host_id, r.size_limit_bytes, r.check_within_days,
                   (SELECT count(*) FROM repository_keys k WHERE k.repository_id = r.id AND NOT k.expected)
                       AS unexpected_keys
              FROM repositories r
             WHERE EXISTS (SELECT 1 FROM host_repositories WHERE repository_id = r.id)
             ORDER BY r.id
            """)
    List<Row> all();

    /** A host that uses a repository. */
    record Use(RepositoryId repositoryId, HostId hostId) {}

    @SqlQuery("SELECT repository_id, host_id FROM host_repositories ORDER BY repository_id, host_id")
    List<Use> uses();

    /** The size of a repository at a time, in bytes. */
    record Size(Instant measuredAt, long sizeBytes) {}

    /** @param fromDay in UTC, such as 2026-03-01 */
    @SqlQuery("""
            SELECT measured_at, size_bytes
              FROM repository_stats
             WHERE repository_id = :id
               AND day >= :fromDay
             ORDER BY day
            """)
    List<Size> sizes(RepositoryId id, String fromDay);
}
