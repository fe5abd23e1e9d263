package io.resticfleet.server.channel;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.stream.Stream;

/** How often a channel gets a digest. */
public enum DigestEvery {
    DAILY,
    WEEKLY;

    /** @throws IllegalArgumentException if it is neither */
    public static DigestEvery of(String word) {
        return Stream.of(values())
                .filter(one -> one.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("digest must be daily or weekly"));
    }

    /** The name in JSON and in the database, such as {@code daily}. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
