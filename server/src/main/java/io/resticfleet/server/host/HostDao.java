package io.resticfleet.server.host;

import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.HostPolicy;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.KeyColumn;
import org.jdbi.v3.sqlobject.config.ValueColumn;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code hosts} table. Other features use {@link Hosts}. */
interface HostDao {

    @SqlUpdate("""
            INSERT INTO hosts (id, name, hostname, public_key, os, arch, time_zone, agent_version, restic_version,
                               created_at)
            VALUES (:id, :name, :hostname, :publicKey, :os, :arch, :timeZone, :agentVersion, :resticVersion,
                    :createdAt)
            """)
    void insert(@BindMethods Host host);

    @SqlQuery("SELECT * FROM hosts WHERE id = :id")
    Optional<Host> find(HostId id);

    @SqlQuery("""
            SELECT *
              FROM hosts
             WHERE id > :after
             ORDER BY id
             LIMIT :limit
            """)
    List<Host> list(String after, int limit);

    @SqlQuery("SELECT * FROM hosts ORDER BY id")
    List<Host> all();

    @SqlQuery("SELECT * FROM hosts WHERE id IN (<ids>) ORDER BY id")
    List<Host> some(@BindList Collection<HostId> ids);

    @SqlQuery("SELECT id, name FROM hosts WHERE id IN (<ids>)")
    @KeyColumn("id")
    @ValueColumn("name")
    Map<HostId, String> names(@BindList Collection<HostId> ids);

    @SqlQuery("SELECT id FROM hosts ORDER BY id")
    List<HostId> ids();

    @SqlQuery("SELECT hostname FROM hosts")
    List<String> hostnames();

    @SqlUpdate("""
            UPDATE hosts
               SET os = :hello.os, arch = :hello.arch, time_zone = :hello.timeZone,
                   agent_version = :hello.agentVersion, restic_version = :hello.resticVersion,
                   boot_id = :hello.bootId, clock_skew_ms = :skewMs, last_seen_at = :now, too_old_at = NULL
             WHERE id = :id
            """)
    void hello(HostId id, @BindMethods("hello") Hello hello, long skewMs, Instant now);

    /** Writes nothing if it was noted after {@code unlessSince}. */
    @SqlUpdate("UPDATE hosts SET too_old_at = :now WHERE id = :id AND coalesce(too_old_at, 0) <= :unlessSince")
    void tooOld(HostId id, Instant now, Instant unlessSince);

    @SqlQuery("SELECT EXISTS (SELECT 1 FROM hosts WHERE id = :id AND boot_id IS NULL)")
    boolean isNew(HostId id);

    @SqlUpdate("UPDATE hosts SET clock_skew_ms = :skewMs WHERE id = :id")
    void skew(HostId id, long skewMs);

    @SqlUpdate("UPDATE hosts SET last_seen_at = :now WHERE id = :id")
    void seen(HostId id, Instant now);

    @SqlUpdate("UPDATE hosts SET stored_sequence = max(coalesce(stored_sequence, 0), :sequence) WHERE id = :id")
    void stored(HostId id, long sequence);

    /** Writes nothing in the usual case, in which the number is not new. */
    @SqlUpdate("""
            UPDATE hosts
               SET told_sequence = :sequence
             WHERE id = :id
               AND max(coalesce(stored_sequence, 0), coalesce(told_sequence, 0)) < :sequence
            """)
    void acknowledged(HostId id, long sequence);

    @SqlQuery("SELECT stored_sequence FROM hosts WHERE id = :id AND stored_sequence IS NOT NULL")
    Optional<Long> stored(HostId id);

    @SqlQuery("""
            SELECT max(stored_sequence, coalesce(told_sequence, 0))
              FROM hosts
             WHERE id = :id
               AND stored_sequence IS NOT NULL
            """)
    Optional<Long> lastSequence(HostId id);

    /** Writes nothing in the usual case, in which the agent reports the same policy at each connection. */
    @SqlUpdate("UPDATE hosts SET policy_json = :policy WHERE id = :id AND policy_json IS NOT :policy")
    void policy(HostId id, HostPolicy policy);

    @SqlQuery("SELECT policy_json FROM hosts WHERE id = :id AND policy_json IS NOT NULL")
    Optional<HostPolicy> policy(HostId id);

    @SqlQuery("SELECT id, policy_json FROM hosts WHERE policy_json IS NOT NULL")
    @KeyColumn("id")
    @ValueColumn("policy_json")
    Map<HostId, HostPolicy> policies();

    @SqlUpdate("UPDATE hosts SET name = :name WHERE id = :id")
    void rename(HostId id, String name);

    /** Remembers a host that is deleted in the same transaction. */
    @SqlUpdate("""
            INSERT INTO deleted_hosts (host_id, public_key, deleted_at)
            SELECT id, public_key, :now FROM hosts WHERE id = :id
            """)
    void remember(HostId id, Instant now);

    /** Public key of a deleted host; empty if no such host was deleted. */
    @SqlQuery("SELECT public_key FROM deleted_hosts WHERE host_id = :id")
    Optional<String> deletedKey(HostId id);

    /** Deletes a host with everything that belongs to it. Returns the number of deleted hosts: 0 or 1. */
    @SqlUpdate("DELETE FROM hosts WHERE id = :id")
    int delete(HostId id);
}
