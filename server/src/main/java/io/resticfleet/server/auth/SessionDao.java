package io.resticfleet.server.auth;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code sessions} table. Other features use {@link Sessions}. */
interface SessionDao {

    /** A session that has not ended, and its user. */
    record Live(String userId, String username, Instant lastUsedAt) {}

    /** Returns 0 and inserts nothing if the password has changed since it was verified. */
    @SqlUpdate("""
            INSERT INTO sessions (token_sha256, user_id, created_at, last_used_at, expires_at)
            SELECT :tokenSha256, user_id, :now, :now, :expiresAt
              FROM user_passwords
             WHERE user_id = :userId
               AND hash = :passwordHash
            """)
    int insert(String tokenSha256, String userId, String passwordHash, Instant now, Instant expiresAt);

    /** @param idleSince a session unused since then has ended */
    @SqlQuery("""
            SELECT s.user_id, u.username, s.last_used_at
              FROM sessions s
              JOIN users u ON u.id = s.user_id
             WHERE s.token_sha256 = :tokenSha256
               AND s.expires_at > :now
               AND s.last_used_at > :idleSince
            """)
    Optional<Live> find(String tokenSha256, Instant now, Instant idleSince);

    @SqlUpdate("UPDATE sessions SET last_used_at = :now WHERE token_sha256 = :tokenSha256")
    void used(String tokenSha256, Instant now);

    /** Returns the number of deleted sessions: 0 or 1. */
    @SqlUpdate("DELETE FROM sessions WHERE token_sha256 = :tokenSha256")
    int end(String tokenSha256);

    /** Returns how many there were. */
    @SqlUpdate("DELETE FROM sessions WHERE user_id = :userId")
    int endAll(String userId);

    /** Returns how many there were. */
    @SqlUpdate("DELETE FROM sessions WHERE user_id = :userId AND token_sha256 <> :keptSha256")
    int endOthers(String userId, String keptSha256);

    @SqlUpdate("DELETE FROM sessions WHERE expires_at <= :now OR last_used_at <= :idleSince")
    void removeEnded(Instant now, Instant idleSince);
}
