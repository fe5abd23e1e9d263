package io.resticfleet.server.alert;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Something that channels are to send about an alert. */
public record AlertEvent(State state, Alert alert) {

    public enum State {
        OPEN,
        REMINDER,
        ESCALATED,
        RESOLVED,
        /** Of a channel that somebody tests; its alert is made up. */
        TEST;

        /** The name in JSON and in the database, such as {@code open}. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
