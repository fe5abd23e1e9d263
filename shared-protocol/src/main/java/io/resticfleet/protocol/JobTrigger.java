package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Why a job was started. */
public enum JobTrigger {
    /** Its schedule was due. */
    CRON,
    /** The run of its due time had made no snapshot. */
    RETRY,
    /** A person asked for it. */
    MANUAL,
    /** The agent needed it for something else, as a repository is created before the first backup into it. */
    AUTO;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** Whether the agent began it as its time had come, without being asked. */
    public boolean byItsTime() {
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
