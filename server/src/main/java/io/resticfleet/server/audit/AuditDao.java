package io.resticfleet.server.audit;

import io.resticfleet.protocol.HostId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code audit_log} table. Other features tell {@link Audit}. */
interface AuditDao {

    @SqlUpdate("""
            INSERT INTO audit_log (id, at, actor, action, host_id, target_id, address, detail_json)
            VALUES (:id, :at, :actor, :action, :hostId, :targetId, :address, :detail)
            """)
    void insert(
            String id,
            Instant at,
            String actor,
            String action,
            Optional<HostId> hostId,
            Optional<String> targetId,
            Optional<String> address,
            Map<String, ?> detail);

    /** Newest first, with ids lower than {@code before}. Of a detail too long for a list, only its length. */
    @SqlQuery("""
            SELECT id, at, actor, action, host_id, target_id, address,
                   iif(length(detail_json) <= 32768, detail_json,
                       json_object('too_long', length(detail_json) || ' characters, see the database')) AS detail_json
              FROM audit_log
             WHERE id < :before
             ORDER BY id DESC
             LIMIT :limit
            """)
    List<AuditEntry> list(String before, int limit);

    /** The same, of one host. */
    @SqlQuery("""
            SELECT id, at, actor, action, host_id, target_id, address,
                   iif(length(detail_json) <= 32768, detail_json,
                       json_object('too_long', length(detail_json) || ' characters, see the database')) AS detail_json
              FROM audit_log
             WHERE host_id = :host AND id < :before
             ORDER BY id DESC
             LIMIT :limit
            """)
    List<AuditEntry> ofHost(String host, String before, int limit);

    /** Addresses of the newest {@code limit} entries with this action, the newest last. */
    @SqlQuery("""
            SELECT address
              FROM (SELECT id, address
                      FROM audit_log
                     WHERE action = :action AND address IS NOT NULL
                     ORDER BY id DESC
                     LIMIT :limit)
             GROUP BY address
             ORDER BY max(id)
            """)
    List<String> addresses(String action, int limit);

    /** The newest of one host and action whose id is not lower than {@code since}. */
    @SqlQuery("""
            SELECT *
              FROM audit_log
             WHERE host_id = :hostId AND id >= :since AND action = :action
             ORDER BY id DESC
             LIMIT 1
            """)
    Optional<AuditEntry> newest(HostId hostId, String action, String since);

    /** When the newest was made. */
    @SqlQuery("SELECT at FROM audit_log ORDER BY id DESC LIMIT 1")
    Optional<Instant> newest();
}
