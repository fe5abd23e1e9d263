package io.resticfleet.server.alert;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.stream.Stream;

/** How urgent an alert is, least first. */
public enum Severity {
    /** Worth knowing; nothing is at risk. */
    INFO,
    /** To be looked at within days. */
    WARNING,
    /** Data is at risk now. */
    CRITICAL;

    /** The name in JSON and in the database, such as {@code warning}. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is no such severity */
    public static Severity of(String word) {
        return Stream.of(values())
                .filter(severity -> severity.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "severity must be info, warning or critical but is '" + word + "'"));
    }
}
