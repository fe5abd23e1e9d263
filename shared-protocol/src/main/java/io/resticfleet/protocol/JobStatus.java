package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** State of a job: waiting, running, or how it ended. */
public enum JobStatus {
    /** Accepted, not yet started. */
    QUEUED,
    RUNNING,
    /** restic exited with 0; for a backup also: every configured path existed. */
    SUCCEEDED,
    /** A snapshot was made, but not of everything: restic's exit 3, or a configured path that is missing. */
    PARTIAL,
    FAILED,
    /** Cancelled on request. */
    CANCELLED,
    /** The agent or the machine stopped, and the job's result is unknown. */
    INTERRUPTED,
    /** Was due and did not run. */
    MISSED;

    private static final Map<String, JobStatus> BY_WORD =
            Arrays.stream(values()).collect(Collectors.toMap(JobStatus::word, status -> status));

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
        return Optional.ofNullable(BY_WORD.get(word));
    }

    /** @throws IllegalArgumentException if there is no such status */
    @JsonCreator
    public static JobStatus of(String word) {
        return find(word).orElseThrow(() -> new IllegalArgumentException("no job status is called '" + word + "'"));
    }
}
