package io.resticfleet.server.secret;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code secrets} table. Other packages use {@link Secrets}. */
interface SecretDao {

    /** An envelope, and the row to which it is bound. */
    record Sealed(String owner, String envelope) {}

    @SqlQuery("SELECT sealed FROM secrets WHERE owner = :owner")
    Optional<String> find(String owner);

    @SqlQuery("SELECT owner, sealed AS envelope FROM secrets ORDER BY owner")
    List<Sealed> all();

    @SqlQuery("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'secrets')")
    boolean exists();

    /** The secrets of a database before version 0010, which stores them in the tables of their owners. */
    @SqlQuery("""
            SELECT 'host_credentials/' || host_id AS owner, repository_sealed AS envelope FROM host_credentials
            UNION ALL
            SELECT 'enrollment_tokens/' || id, repository_sealed
              FROM enrollment_tokens
             WHERE repository_sealed <> ''
            """)
    List<Sealed> allBefore0010();

    @SqlUpdate("""
            INSERT INTO secrets (owner, sealed) VALUES (:owner, :envelope)
            ON CONFLICT (owner) DO UPDATE SET sealed = excluded.sealed
            """)
    void put(String owner, String envelope);

    @SqlUpdate("DELETE FROM secrets WHERE owner = :owner")
    void remove(String owner);
}
