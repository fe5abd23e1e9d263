package io.resticfleet.server.channel;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code channels} and {@code channel_alerts} tables. Other features use {@link Channels}. */
interface ChannelDao {

    @SqlQuery("""
            SELECT c.*, (SELECT count(*) FROM channel_events e WHERE e.channel_id = c.id)
                        + (SELECT count(*) FROM deliveries d WHERE d.channel_id = c.id AND d.state = 'waiting') AS waiting
              FROM channels c
             WHERE c.id > :after
             ORDER BY c.id
             LIMIT :limit
            """)
    List<ChannelRow> list(String after, int limit);

    @SqlQuery("""
            SELECT c.*, (SELECT count(*) FROM channel_events e WHERE e.channel_id = c.id)
                        + (SELECT count(*) FROM deliveries d WHERE d.channel_id = c.id AND d.state = 'waiting') AS waiting
              FROM channels c
             WHERE c.id = :id
            """)
    Optional<ChannelRow> find(String id);

    /** All; without the number of what waits. */
    @SqlQuery("SELECT c.*, 0 AS waiting FROM channels c ORDER BY c.id")
    List<ChannelRow> all();

    @SqlQuery("SELECT count(*) FROM channels")
    int count();

    @SqlQuery("SELECT id FROM channels WHERE name = :name")
    Optional<String> named(String name);

    /** @param config as JSON, as are {@code secrets}, {@code hosts} and {@code tags} */
    @SqlUpdate("""
            INSERT INTO channels (id, name, kind, config_json, secrets_json, address, min_severity, hosts_json, tags_json,
                                  digest, created_at, next_at, failures, failing_since_at, last_delivered_at, last_error)
            VALUES (:id, :name, :kind, :config, :secrets, :address, :minSeverity, :hosts, :tags, :digest, :now, :now, 0,
                    NULL, NULL, NULL)
            """)
    void insert(
            String id,
            String name,
            String kind,
            String config,
            String secrets,
            String address,
            String minSeverity,
            String hosts,
            String tags,
            Optional<String> digest,
            Instant now);

    /** @param config as JSON, as are {@code secrets}, {@code hosts} and {@code tags} */
    @SqlUpdate("""
            UPDATE channels
               SET name = :name, config_json = :config, secrets_json = :secrets, address = :address,
                   min_severity = :minSeverity, hosts_json = :hosts, tags_json = :tags, digest = :digest
             WHERE id = :id
            """)
    void update(
            String id,
            String name,
            String config,
            String secrets,
            String address,
            String minSeverity,
            String hosts,
            String tags,
            Optional<String> digest);

    @SqlUpdate("DELETE FROM channels WHERE id = :id")
    int delete(String id);

    /** Sets when the next message may be sent, unless it is earlier already. */
    @SqlUpdate("UPDATE channels SET next_at = min(next_at, :at) WHERE id = :id")
    void notAfter(String id, Instant at);

    @SqlUpdate("UPDATE channels SET next_at = :nextAt WHERE id = :id")
    void nextAt(String id, Instant nextAt);

    @SqlUpdate("""
            UPDATE channels
               SET failures = 0, failing_since_at = NULL, last_error = NULL, last_delivered_at = :at
             WHERE id = :id
            """)
    void delivered(String id, Instant at);

    /** @param since when it began to fail, unless it had before */
    @SqlUpdate("""
            UPDATE channels
               SET failures = failures + 1, failing_since_at = coalesce(failing_since_at, :since), last_error = :error,
                   next_at = max(next_at, :nextAt)
             WHERE id = :id
            """)
    void failed(String id, Instant since, String error, Instant nextAt);

    @SqlUpdate("UPDATE channels SET last_error = :error WHERE id = :id")
    void lastError(String id, String error);

    @SqlQuery("SELECT EXISTS (SELECT 1 FROM channel_alerts WHERE channel_id = :channelId AND alert_id = :alertId)")
    boolean isTold(String channelId, String alertId);

    @SqlUpdate("INSERT OR IGNORE INTO channel_alerts (channel_id, alert_id) VALUES (:channelId, :alertId)")
    void told(String channelId, String alertId);

    /** Returns 1 if the channel was told of it, else 0. */
    @SqlUpdate("DELETE FROM channel_alerts WHERE channel_id = :channelId AND alert_id = :alertId")
    int untold(String channelId, String alertId);
}
