package io.resticfleet.server.channel;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindList;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/**
 * The {@code channel_events}, {@code channel_losses}, {@code deliveries} and {@code delivery_attempts} tables. Other features
 * use {@link Outbox} and {@link Channels}.
 */
interface DeliveryDao {

    /** Something to be said. */
    record EventRow(String id, String state, String alert) {}

    record DeliveryRow(
            String id,
            String kind,
            String title,
            String content,
            Instant createdAt,
            int attempts,
            String state,
            Optional<Instant> endedAt) {}

    record AttemptRow(String deliveryId, int number, Instant at, Optional<Boolean> ok, Optional<String> detail) {}

    @SqlUpdate("""
            INSERT INTO channel_events (id, channel_id, state, alert_json)
            VALUES (:id, :channelId, :state, :alert)
            """)
    void insertEvent(String id, String channelId, String state, String alert);

    @SqlQuery("""
            SELECT (SELECT count(*) FROM channel_events)
                 + (SELECT count(*) FROM deliveries WHERE state = 'waiting')
            """)
    long countWaiting();

    /** The newest of those that wait, the newest first. */
    @SqlQuery("""
            SELECT id, state, alert_json
              FROM channel_events
             WHERE channel_id = :channelId
             ORDER BY id DESC
             LIMIT :limit
            """)
    List<EventRow> newestEvents(String channelId, int limit);

    /** Returns how many there were. */
    @SqlUpdate("DELETE FROM channel_events WHERE channel_id = :channelId")
    int deleteEvents(String channelId);

    /** Deletes all but the newest; returns how many. */
    @SqlUpdate("""
            DELETE FROM channel_events
             WHERE channel_id = :channelId
               AND id <= (SELECT id
                            FROM channel_events
                           WHERE channel_id = :channelId
                           ORDER BY id DESC
                           LIMIT 1 OFFSET :kept)
            """)
    int trimEvents(String channelId, int kept);

    @SqlUpdate("""
            INSERT INTO channel_losses (channel_id, events) VALUES (:channelId, :events)
            ON CONFLICT (channel_id) DO UPDATE SET events = events + excluded.events
            """)
    void lost(String channelId, int events);

    @SqlQuery("SELECT events FROM channel_losses WHERE channel_id = :channelId")
    Optional<Integer> losses(String channelId);

    @SqlUpdate("DELETE FROM channel_losses WHERE channel_id = :channelId")
    void forgetLosses(String channelId);

    @SqlUpdate("""
            INSERT INTO deliveries (id, channel_id, kind, title, content_json, created_at, expires_at, attempts, state,
                                    ended_at)
            VALUES (:id, :channelId, :kind, :title, :content, :now, :expiresAt, 0, 'waiting', NULL)
            """)
    void insert(String id, String channelId, String kind, String title, String content, Instant now, Instant expiresAt);

    /**
     * Channels to which something may be sent now; a test may always be.
     *
     * @param wrong a next time after this is of a clock that was ahead
     */
    @SqlQuery("""
            SELECT c.id
              FROM channels c
             WHERE ((c.next_at <= :now OR c.next_at > :wrong)
                    AND (EXISTS (SELECT 1 FROM deliveries d WHERE d.channel_id = c.id AND d.state = 'waiting')
                         OR EXISTS (SELECT 1 FROM channel_events e WHERE e.channel_id = c.id)))
                OR EXISTS (SELECT 1 FROM deliveries d
                            WHERE d.channel_id = c.id AND d.state = 'waiting' AND d.kind = 'test')
             ORDER BY c.next_at
            """)
    List<String> due(Instant now, Instant wrong);

    @SqlQuery("""
            SELECT id, kind, title, content_json, created_at, attempts, state, ended_at
              FROM deliveries
             WHERE channel_id = :channelId
               AND state = 'waiting'
               AND kind = :kind
             ORDER BY id
             LIMIT 1
            """)
    Optional<DeliveryRow> firstWaiting(String channelId, String kind);

    /** Tests first. */
    @SqlQuery("""
            SELECT id, kind, title, content_json, created_at, attempts, state, ended_at
              FROM deliveries
             WHERE channel_id = :channelId
               AND state = 'waiting'
             ORDER BY kind <> 'test', id
             LIMIT 1
            """)
    Optional<DeliveryRow> firstWaiting(String channelId);

    /** Whether something else than this delivery waits for a channel. */
    @SqlQuery("""
            SELECT EXISTS (SELECT 1 FROM channel_events WHERE channel_id = :channelId)
                OR EXISTS (SELECT 1 FROM deliveries WHERE channel_id = :channelId AND state = 'waiting' AND id <> :id)
            """)
    boolean othersWait(String channelId, String id);

    @SqlQuery("SELECT count(*) FROM deliveries WHERE channel_id = :channelId AND state = 'waiting'")
    int countWaiting(String channelId);

    /** Gives up the oldest that wait, all but the newest. */
    @SqlUpdate("""
            UPDATE deliveries
               SET state = 'given_up', ended_at = :now
             WHERE channel_id = :channelId
               AND state = 'waiting'
               AND id <= (SELECT id
                            FROM deliveries
                           WHERE channel_id = :channelId
                             AND state = 'waiting'
                           ORDER BY id DESC
                           LIMIT 1 OFFSET :kept)
            """)
    int trimWaiting(String channelId, int kept, Instant now);

    @SqlUpdate("""
            UPDATE deliveries
               SET state = 'given_up', ended_at = :now
             WHERE channel_id = :channelId
               AND state = 'waiting'
               AND expires_at <= :now
            """)
    int giveUpExpired(String channelId, Instant now);

    @SqlUpdate("UPDATE deliveries SET attempts = :attempts WHERE id = :id")
    void attempts(String id, int attempts);

    @SqlUpdate("UPDATE deliveries SET state = :state, ended_at = :now WHERE id = :id AND state = 'waiting'")
    void ended(String id, String state, Instant now);

    @SqlUpdate("""
            INSERT INTO delivery_attempts (delivery_id, number, at, ok, detail) VALUES (:deliveryId, :number, :at, NULL, NULL)
            """)
    void attempt(String deliveryId, int number, Instant at);

    @SqlUpdate("""
            UPDATE delivery_attempts SET ok = :ok, detail = :detail WHERE delivery_id = :deliveryId AND number = :number
            """)
    void attempted(String deliveryId, int number, boolean ok, String detail);

    @SqlUpdate("DELETE FROM delivery_attempts WHERE delivery_id = :deliveryId AND number <= :number")
    void deleteAttempts(String deliveryId, int number);

    /** Newest first. */
    @SqlQuery("""
            SELECT id, kind, title, '' AS content, created_at, attempts, state, ended_at
              FROM deliveries
             WHERE channel_id = :channelId
               AND id < :before
             ORDER BY id DESC
             LIMIT :limit
            """)
    List<DeliveryRow> list(String channelId, String before, int limit);

    /** Of these deliveries, in no order. */
    @SqlQuery("SELECT delivery_id, number, at, ok, detail FROM delivery_attempts WHERE delivery_id IN (<ids>)")
    List<AttemptRow> attemptsOf(@BindList List<String> ids);

    @SqlUpdate("DELETE FROM deliveries WHERE ended_at < :before")
    int deleteEnded(Instant before);

    /** Deletes all that have ended but the newest. */
    @SqlUpdate("""
            DELETE FROM deliveries
             WHERE channel_id = :channelId
               AND ended_at IS NOT NULL
               AND id <= (SELECT id
                            FROM deliveries
                           WHERE channel_id = :channelId
                             AND ended_at IS NOT NULL
                           ORDER BY id DESC
                           LIMIT 1 OFFSET :kept)
            """)
    int trimEnded(String channelId, int kept);
}
