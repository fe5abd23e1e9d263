package io.resticfleet.server.auth;

import io.resticfleet.server.web.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code api_tokens} table. Other features use {@link ApiTokens}. */
interface ApiTokenDao {

    /** A token and its user. */
    record Known(
            String id,
            String name,
            String userId,
            String username,
            Optional<Instant> lastUsedAt,
            List<Scope> scopes,
            Optional<Instant> expiresAt) {}

    /** @param scopes as JSON */
    @SqlUpdate("""
            INSERT INTO api_tokens (id, user_id, name, token_sha256, created_at, scopes_json, expires_at)
            VALUES (:id, :userId, :name, :tokenSha256, :now, :scopes, :expiresAt)
            """)
    void insert(
            String id,
            String userId,
            String name,
            String tokenSha256,
            Instant now,
            String scopes,
            Optional<Instant> expiresAt);

    /** Oldest first. */
    @SqlQuery("""
            SELECT id, name, created_at, last_used_at, scopes_json, expires_at
              FROM api_tokens
             WHERE user_id = :userId
               AND id > :after
             ORDER BY id
             LIMIT :limit
            """)
    List<ApiToken> list(String userId, String after, int limit);

    @SqlQuery("""
            SELECT id, name, created_at, last_used_at, scopes_json, expires_at
              FROM api_tokens
             WHERE id = :id
               AND user_id = :userId
            """)
    Optional<ApiToken> find(String id, String userId);

    @SqlQuery("""
            SELECT t.id, t.name, t.user_id, u.username, t.last_used_at, t.scopes_json, t.expires_at
              FROM api_tokens t
              JOIN users u ON u.id = t.user_id
             WHERE t.token_sha256 = :tokenSha256
            """)
    Optional<Known> findByToken(String tokenSha256);

    /** Of a user by name, ignoring case; oldest first. */
    @SqlQuery("""
            SELECT t.id, t.name, t.created_at, t.last_used_at, t.scopes_json, t.expires_at
              FROM api_tokens t
              JOIN users u ON u.id = t.user_id
             WHERE u.username = :username
             ORDER BY t.id
            """)
    List<ApiToken> ofUser(String username);

    @SqlUpdate("UPDATE api_tokens SET last_used_at = :now WHERE id = :id")
    void used(String id, Instant now);

    @SqlUpdate("DELETE FROM api_tokens WHERE id = :id")
    void delete(String id);
}
