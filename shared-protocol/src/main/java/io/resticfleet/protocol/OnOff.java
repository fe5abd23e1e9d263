package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;

/** Whether a machine's owner allows something. */
public enum OnOff {
    ON,
    OFF;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The name in JSON, such as {@code off}. */
    @JsonValue
    public String word() {
        return word;
    }

    /** @throws IllegalArgumentException if there is no such rule */
    @JsonCreator
    public static OnOff of(String word) {
        return Arrays.stream(values())
                .filter(rule -> rule.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("must be on or off but is '" + word + "'"));
    }
}
