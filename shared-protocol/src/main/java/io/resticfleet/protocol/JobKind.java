package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a job does; all but {@link #SNAPSHOTS} are restic's own commands. */
public enum JobKind {
    /** Makes a snapshot of a schedule's paths. */
    BACKUP,
    /** Removes the snapshots that a retention policy does not keep; leaves their data for {@link #PRUNE}. */
    FORGET,
    /** Frees the space of data that no snapshot needs. */
    PRUNE,
    /** Verifies the repository's structure. */
    CHECK,
    /** Creates the repository. */
    INIT,
    /** Removes stale locks, never live ones. */
    UNLOCK,
    /** Reads the list of snapshots anew. */
    SNAPSHOTS;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** Whether a schedule can have this kind; the others are run once, by hand or at need. */
    public boolean schedulable() {
        return this == BACKUP || this == FORGET || this == PRUNE || this == CHECK;
    }

    /** Whether an operator can ask for it without a schedule; the others need what a schedule says. */
    public boolean oneShot() {
        return this != BACKUP && this != FORGET;
    }

    /** Whether restic must have the repository to itself. */
    public boolean exclusive() {
        return this == FORGET || this == PRUNE || this == CHECK;
    }

    /** The name in JSON and in the database, such as {@code backup}. */
    @JsonValue
    public String word() {
        return word;
    }

    public static Optional<JobKind> find(String word) {
        return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
    }

    /** @throws IllegalArgumentException if there is no such kind */
    @JsonCreator
    public static JobKind of(String word) {
        return find(word).orElseThrow(() -> new IllegalArgumentException("no kind of job is called '" + word + "'"));
    }
}
