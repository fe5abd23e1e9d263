package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The kind of a job, as in schedules, database rows and each {@link JobSpec}. */
public enum JobKind {
    /** Makes a snapshot of a schedule's paths. */
    BACKUP(Trait.SCHEDULABLE, Trait.CHANGES_REPOSITORY),
    /** Removes the snapshots that a retention policy does not keep; leaves their data for {@link #PRUNE}. */
    FORGET(Trait.SCHEDULABLE, Trait.CHANGES_REPOSITORY, Trait.EXCLUSIVE, Trait.REMOVES),
    /** Frees the space of data that no snapshot needs. */
    PRUNE(Trait.SCHEDULABLE, Trait.ONE_SHOT, Trait.CHANGES_REPOSITORY, Trait.EXCLUSIVE, Trait.REMOVES),
    /** Verifies the repository's structure. */
    CHECK(Trait.SCHEDULABLE, Trait.ONE_SHOT, Trait.EXCLUSIVE),
    /** Creates the repository. */
    INIT(Trait.ONE_SHOT, Trait.CHANGES_REPOSITORY),
    /** Removes locks: stale ones, or all on request. */
    UNLOCK(Trait.ONE_SHOT),
    /** Lists the snapshots. */
    SNAPSHOTS(Trait.ONE_SHOT),
    /** Tries to open a repository that the host does not use yet. */
    PROBE(),
    /** Measures the repository, and lists its keys. */
    STATS(Trait.SCHEDULABLE, Trait.ONE_SHOT),
    /** Copies snapshots to another repository of the host. */
    COPY(Trait.SCHEDULABLE, Trait.CHANGES_REPOSITORY),
    /** Rebuilds the repository's index from its data. */
    REPAIR_INDEX(Trait.ONE_SHOT, Trait.CHANGES_REPOSITORY, Trait.EXCLUSIVE, Trait.REMOVES),
    /** Replaces snapshots of which data is lost by ones without the lost files. */
    REPAIR_SNAPSHOTS(Trait.ONE_SHOT, Trait.CHANGES_REPOSITORY, Trait.EXCLUSIVE, Trait.REMOVES),
    /** Restores a sample of the latest snapshot, compares it, and removes it again. */
    DRILL(Trait.SCHEDULABLE, Trait.ONE_SHOT),
    /** One step of a change of the repository's password. */
    ROTATE_KEY(),
    /** Writes files of a snapshot to the machine. */
    RESTORE();

    private enum Trait {
        SCHEDULABLE,
        ONE_SHOT,
        CHANGES_REPOSITORY,
        EXCLUSIVE,
        REMOVES
    }

    /** The kinds that every agent knows. */
    private static final Set<JobKind> FROM_THE_FIRST =
            EnumSet.of(BACKUP, FORGET, PRUNE, CHECK, INIT, UNLOCK, SNAPSHOTS);

    private final String word = name().toLowerCase(Locale.ROOT);
    private final Set<Trait> traits;

    JobKind(Trait... traits) {
        this.traits = Set.of(traits);
    }

    /** Whether a schedule can have this kind. The others run on request, or when another job needs them. */
    public boolean schedulable() {
        return traits.contains(Trait.SCHEDULABLE);
    }

    /** Whether it can be requested without a schedule or any other data. */
    public boolean oneShot() {
        return traits.contains(Trait.ONE_SHOT);
    }

    /** Whether the repository's snapshots or data may differ afterwards. */
    public boolean changesRepository() {
        return traits.contains(Trait.CHANGES_REPOSITORY);
    }

    /** Whether restic needs the repository alone. */
    public boolean exclusive() {
        return traits.contains(Trait.EXCLUSIVE);
    }

    /** Whether it needs the right to remove from the repository, which only its maintainer may have. */
    public boolean removes() {
        return traits.contains(Trait.REMOVES);
    }

    /** The feature in the {@link Hello} of an agent that runs this; empty if every agent does. */
    public Optional<String> feature() {
        return FROM_THE_FIRST.contains(this) ? Optional.empty() : Optional.of("job." + word);
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
