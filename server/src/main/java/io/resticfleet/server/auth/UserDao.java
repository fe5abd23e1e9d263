package io.resticfleet.server.auth;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code users} table. Other features ask {@link Users}. */
interface UserDao {

    @SqlUpdate("""
            INSERT INTO users (id, username, password_hash, created_at, password_changed_at)
            VALUES (:id, :username, :passwordHash, :now, :now)
            """)
    void insert(String id, String username, String passwordHash, Instant now);

    @SqlQuery("SELECT EXISTS (SELECT 1 FROM users)")
    boolean any();

    /** Without regard to case. */
    @SqlQuery("SELECT * FROM users WHERE username = :username")
    Optional<User> findByName(String username);

    /** Returns how many users have that id: 0 or 1. */
    @SqlUpdate("""
            UPDATE users SET password_hash = :passwordHash, password_changed_at = :now
             WHERE id = :id
            """)
    int setPassword(String id, String passwordHash, Instant now);
}
