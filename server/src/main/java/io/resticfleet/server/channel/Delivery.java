package io.resticfleet.server.channel;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A message to a channel.
 *
 * @param id ULID, the {@code delivery_id} that the receiver sees
 * @param kind alerts, digest, test or run
 * @param state waiting, delivered or given_up
 * @param attempts how many were made
 * @param endedAt absent while it waits
 * @param lastAttempts the last ten, the oldest first
 */
public record Delivery(
        String id,
        String kind,
        String title,
        String state,
        Instant createdAt,
        int attempts,
        Optional<Instant> endedAt,
        List<Attempt> lastAttempts) {

    /**
     * An attempt to send it.
     *
     * @param number from 1
     * @param ok absent while it is made, and if the server's end cut it short
     * @param detail for people, such as {@code HTTP status 404}; absent as {@code ok} is
     */
    public record Attempt(int number, Instant at, Optional<Boolean> ok, Optional<String> detail) {}
}
