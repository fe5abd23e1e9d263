package io.resticfleet.server.divergence;

import java.util.Arrays;
import java.util.Locale;

/** Which schedules a diverged host keeps. */
public enum Decision {
    /** Those in this database: they are pushed to the agent. */
    PUSH,
    /** Those of the agent: the server adopts them. */
    KEEP;

    /** @throws IllegalArgumentException if there is no such decision */
    public static Decision of(String word) {
        return Arrays.stream(values())
                .filter(decision -> decision.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("decision must be push or keep but is '" + word + "'"));
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
