package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Why a job was started. */
public enum JobTrigger {
    /** Its schedule was due. */
    CRON,
    /** An earlier run for its due time made no snapshot. */
    RETRY,
    /** A person asked for it. */
    MANUAL,
    /** Another job needed it, as the first backup needs a repository to be created. */
    AUTO;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** Whether the agent started it by itself, for a due time. */
    public boolean byDueTime() {
        return this == CRON || this == RETRY;
    }

    /** The name in JSON and in the database, such as {@code cron}. */
    @JsonValue
    public String word() {
        return word;
    }

    /** @throws IllegalArgumentException if there is no such trigger */
    @JsonCreator
    public static JobTrigger of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
