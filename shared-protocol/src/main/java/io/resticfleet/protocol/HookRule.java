package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Which of the server's hooks a machine runs around its jobs. */
public enum HookRule {
    /** None. */
    OFF,
    /** A hook is the name of a script in the machine's hook directory. */
    LOCAL_ONLY,
    /** A hook is a shell command written by the server's operators. */
    FROM_SERVER;

    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The name in JSON, such as {@code local-only}. */
    @JsonValue
    public String word() {
        return word;
    }

    public static Optional<HookRule> find(String word) {
        return Arrays.stream(values()).filter(rule -> rule.word().equals(word)).findFirst();
    }

    /** @throws IllegalArgumentException if there is no such rule */
    @JsonCreator
    public static HookRule of(String word) {
        return find(word)
                .orElseThrow(() ->
                        new IllegalArgumentException("must be off, local-only or from-server but is '" + word + "'"));
    }
}
