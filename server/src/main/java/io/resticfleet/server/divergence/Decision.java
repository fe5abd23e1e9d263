package io.resticfleet.server.divergence;

import java.util.Arrays;
import java.util.Locale;

/** Whose schedules hold for a machine after the database was put back from a copy. */
public enum Decision {
    /** This server's: they are pushed. */
    PUSH,
    /** The machine's: they are taken over here. */
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
