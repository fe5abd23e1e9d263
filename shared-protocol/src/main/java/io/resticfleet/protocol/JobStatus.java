package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where a job is in its life, and how it ended. */
public enum JobStatus {
    /** Accepted, not yet started. */
    QUEUED,
    RUNNING,
    /** restic exited with 0 and did all it was asked to; for a backup also: every configured path was there. */
    SUCCEEDED,
    /** A snapshot was made, but not of everything: restic's exit 3, or a configured path that is missing. */
    PARTIAL,
    FAILED,
    /** Ended because somebody asked for it. */
    CANCELLED,
    /** The agent or the machine went down, and how the job ended can no longer be known. */
    INTERRUPTED,
    /** It was due and did not run. */
    MISSED;

    private final String word = name().toLowerCase(Locale.ROOT);

    public boolean ended() {
        return this != QUEUED && this != RUNNING;
    }

    /** The name in JSON and in the database, such as {@code succeeded}. */
    @JsonValue
    public String word() {
        return word;
    }

    public static Optional<JobStatus> find(String word) {
        return Arrays.stream(values())
                .filter(status -> status.word().equals(word))
                .findFirst();
    }

    /** @throws IllegalArgumentException if there is no such status */
    @JsonCreator
    public static JobStatus of(String word) {
        return find(word).orElseThrow(() -> new IllegalArgumentException("no job status is called '" + word + "'"));
    }
}
