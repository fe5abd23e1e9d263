package io.resticfleet.server.channel;

import java.time.Duration;
import java.util.Optional;

/**
 * What became of an attempt to send.
 *
 * @param detail for people, such as {@code HTTP status 404}; nothing that the receiver has sent, and no secret
 * @param retryAfter how long the receiver asks to wait before the next attempt
 */
public record SendResult(Outcome outcome, String detail, Optional<Duration> retryAfter) {

    public enum Outcome {
        DELIVERED,
        /** The receiver does not accept it: another attempt will fail as well, unless something is changed. */
        REFUSED,
        /** Another attempt may succeed. It may have been delivered nevertheless. */
        FAILED
    }

    public static SendResult delivered(String detail) {
        return new SendResult(Outcome.DELIVERED, detail, Optional.empty());
    }

    public static SendResult refused(String detail) {
        return new SendResult(Outcome.REFUSED, detail, Optional.empty());
    }

    public static SendResult failed(String detail) {
        return new SendResult(Outcome.FAILED, detail, Optional.empty());
    }

    public boolean isDelivered() {
        return outcome == Outcome.DELIVERED;
    }
}
