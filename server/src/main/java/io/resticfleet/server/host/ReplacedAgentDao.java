package io.resticfleet.server.host;

import io.resticfleet.protocol.HostId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code replaced_agents} table. Other features use {@link ReplacedAgents}. */
interface ReplacedAgentDao {

    /** @param refusedAt absent if it did not try to connect again */
    record Row(HostId hostId, String publicKey, Instant replacedAt, String replacedBy, Optional<Instant> refusedAt) {}

    /** Remembers the present agent of a host. */
    @SqlUpdate("""
            INSERT INTO replaced_agents (host_id, public_key, replaced_at, replaced_by)
            SELECT id, public_key, :now, :by FROM hosts WHERE id = :hostId
            """)
    void remember(HostId hostId, String by, Instant now);

    /** Newest first. */
    @SqlQuery("""
            SELECT *
              FROM replaced_agents
             WHERE host_id = :hostId
             ORDER BY replaced_at DESC
             LIMIT :limit
            """)
    List<Row> newest(HostId hostId, int limit);

    @SqlQuery("SELECT EXISTS (SELECT 1 FROM replaced_agents WHERE host_id = :hostId AND public_key = :publicKey)")
    boolean has(HostId hostId, String publicKey);

    /** When a former agent of a host last tried to connect; empty if none did. */
    @SqlQuery("""
            SELECT refused_at
              FROM replaced_agents
             WHERE host_id = :hostId AND refused_at IS NOT NULL
             ORDER BY refused_at DESC
             LIMIT 1
            """)
    Optional<Instant> lastRefused(HostId hostId);

    @SqlUpdate("UPDATE replaced_agents SET refused_at = :now WHERE host_id = :hostId AND public_key = :publicKey")
    void refused(HostId hostId, String publicKey, Instant now);

    /**
     * Gives a host the agent of another machine. Its time zone stays until the first hello, as due times until then count
     * in it.
     */
    @SqlUpdate("""
            UPDATE hosts
               SET public_key = :publicKey, os = :os, arch = :arch, agent_version = :agentVersion,
                   restic_version = :resticVersion, boot_id = NULL, clock_skew_ms = NULL, policy_json = NULL,
                   stored_sequence = NULL, told_sequence = NULL
             WHERE id = :hostId
            """)
    void replace(
            HostId hostId,
            String publicKey,
            String os,
            String arch,
            String agentVersion,
            Optional<String> resticVersion);
}
