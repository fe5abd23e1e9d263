package io.resticfleet.server.watchdog;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code watchdog} table. */
interface WatchdogDao {

    record Row(
            String address,
            int everySeconds,
            Instant changedAt,
            Optional<Instant> lastPingAt,
            Optional<Instant> lastResultAt,
            Optional<Boolean> lastOk,
            Optional<String> lastDetail) {}

    @SqlQuery("""
            SELECT address, every_seconds, changed_at, last_ping_at, last_result_at, last_ok, last_detail
              FROM watchdog
             WHERE id = 1
            """)
    Optional<Row> find();

    /** Keeps the result of the last ping only if the address stays. */
    @SqlUpdate("""
            INSERT INTO watchdog (id, address, every_seconds, changed_at, checked_at)
            VALUES (1, :address, :everySeconds, :now, :now)
            ON CONFLICT (id) DO UPDATE SET address = excluded.address,
                                           every_seconds = excluded.every_seconds,
                                           changed_at = excluded.changed_at
            """)
    void put(String address, int everySeconds, Instant now);

    @SqlUpdate("UPDATE watchdog SET last_ping_at = NULL, last_result_at = NULL, last_ok = NULL, last_detail = NULL")
    void forgetResults();

    @SqlUpdate("DELETE FROM watchdog")
    int delete();

    @SqlUpdate("UPDATE watchdog SET checked_at = :now")
    void checked(Instant now);

    /** Not if the address was changed meanwhile. */
    @SqlUpdate("""
            UPDATE watchdog
               SET last_ping_at = CASE WHEN :ok THEN :at ELSE last_ping_at END,
                   last_result_at = :at,
                   last_ok = :ok,
                   last_detail = :detail
             WHERE changed_at = :changedAt
            """)
    void pinged(Instant at, boolean ok, String detail, Instant changedAt);
}
