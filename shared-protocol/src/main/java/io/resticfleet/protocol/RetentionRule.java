package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;

/** Whose retention policy removes snapshots on a machine. */
public enum RetentionRule {
    /** None: the machine removes no snapshots. */
    OFF,
    /** The one in the machine's policy file, in place of any of the server. */
    LOCAL_ONLY,
    /** Those of the server's operators. */
    FROM_SERVER;

    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The name in JSON, such as {@code local-only}. */
    @JsonValue
    public String word() {
        return word;
    }

    /** @throws IllegalArgumentException if there is no such rule */
    @JsonCreator
    public static RetentionRule of(String word) {
        return Arrays.stream(values())
                .filter(rule -> rule.word().equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("must be off, local-only or from-server but is '" + word + "'"));
    }
}
