package io.resticfleet.server.auth;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code users} and {@code user_passwords} tables. Other features use {@link Users}. */
interface UserDao {

    @SqlUpdate("INSERT INTO users (id, username, created_at) VALUES (:id, :username, :now)")
    void insert(String id, String username, Instant now);

    @SqlQuery("SELECT EXISTS (SELECT 1 FROM users)")
    boolean any();

    /** Ignores case. */
    @SqlQuery("SELECT id, username, created_at FROM users WHERE username = :username")
    Optional<User> findByName(String username);

    /** Argon2id in the usual {@code $argon2id$} form; empty for a user without a password. */
    @SqlQuery("SELECT hash FROM user_passwords WHERE user_id = :userId")
    Optional<String> passwordHash(String userId);

    @SqlUpdate("""
            INSERT INTO user_passwords (user_id, hash, changed_at) VALUES (:userId, :hash, :now)
            ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at
            """)
    void setPassword(String userId, String hash, Instant now);
}
