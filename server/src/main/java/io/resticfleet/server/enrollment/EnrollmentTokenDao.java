package io.resticfleet.server.enrollment;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code enrollment_tokens} table. Other features ask {@link EnrollmentTokens}. */
interface EnrollmentTokenDao {

    /**
     * A token.
     *
     * @param initialPaths absent for none
     * @param repositoryId absent for a directory of the machine, whose location is not known before
     * @param replacesHostId the host whose machine is replaced; absent if a host is added
     */
    record Row(
            String id,
            String tokenSha256,
            Optional<String> hostname,
            Optional<List<String>> initialPaths,
            String createdBy,
            Instant createdAt,
            Instant expiresAt,
            Optional<Instant> usedAt,
            Optional<HostId> hostId,
            Optional<RepositoryId> repositoryId,
            Optional<HostId> replacesHostId) {}

    @SqlUpdate("""
            INSERT INTO enrollment_tokens (id, token_sha256, hostname, initial_paths, created_by, created_at,
                                           expires_at, repository_id, replaces_host_id)
            VALUES (:id, :tokenSha256, :hostname, :initialPaths, :createdBy, :createdAt, :expiresAt,
                    :repositoryId, :replacesHostId)
            """)
    void insert(@BindMethods Row row);

    @SqlQuery("SELECT * FROM enrollment_tokens WHERE token_sha256 = :tokenSha256")
    Optional<Row> find(String tokenSha256);

    @SqlQuery("SELECT * FROM enrollment_tokens WHERE id = :id")
    Optional<Row> findById(String id);

    @SqlUpdate("UPDATE enrollment_tokens SET used_at = :now, host_id = :hostId WHERE id = :id")
    void used(String id, HostId hostId, Instant now);

    /** The token to replace a host's machine that can be used now. */
    @SqlQuery("""
            SELECT *
              FROM enrollment_tokens
             WHERE replaces_host_id = :hostId AND used_at IS NULL AND expires_at >= :now
             ORDER BY created_at DESC
             LIMIT 1
            """)
    Optional<Row> replacing(HostId hostId, Instant now);

    /** Ends the tokens to replace a host's machine that can still be used. */
    @SqlUpdate("""
            UPDATE enrollment_tokens
               SET expires_at = :at
             WHERE replaces_host_id = :hostId AND used_at IS NULL AND expires_at > :at
            """)
    void endReplacing(HostId hostId, Instant at);

    /** Ids of those that nobody used in time. */
    @SqlQuery("SELECT id FROM enrollment_tokens WHERE used_at IS NULL AND expires_at < :now ORDER BY id")
    List<String> expired(Instant now);
}
