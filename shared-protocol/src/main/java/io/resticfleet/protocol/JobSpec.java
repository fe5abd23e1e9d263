package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.Optional;

/**
 * What a job does, with everything it needs to know: one record per kind. Properties that kinds share are in
 * {@link JobKind}. In JSON its components are next to {@code kind}, among the fields of the enclosing object.
 */
public sealed interface JobSpec extends JobOrder {

    /** Makes a snapshot of the schedule's paths, with its hooks before and after, then applies its retention. */
    record Backup(Schedule schedule) implements JobSpec {
        public Backup {
            requireKind(JobKind.BACKUP, Optional.of(schedule));
        }

        @Override
        public JobKind kind() {
            return JobKind.BACKUP;
        }

        @Override
        public Optional<Schedule> scheduled() {
            return Optional.of(schedule);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.backup(this);
        }
    }

    /** Removes the host's snapshots that the schedule's retention does not keep. */
    record Forget(Schedule schedule) implements JobSpec {
        public Forget {
            requireKind(JobKind.FORGET, Optional.of(schedule));
        }

        @Override
        public JobKind kind() {
            return JobKind.FORGET;
        }

        @Override
        public Optional<Schedule> scheduled() {
            return Optional.of(schedule);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.forget(this);
        }
    }

    /**
     * Frees the space of data that no snapshot needs.
     *
     * @param scheduled the schedule that this run belongs to, for reports; absent for a one-shot
     */
    record Prune(@JsonProperty("schedule") Optional<Schedule> scheduled) implements JobSpec {
        public Prune {
            requireKind(JobKind.PRUNE, scheduled);
        }

        @Override
        public JobKind kind() {
            return JobKind.PRUNE;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.prune(this);
        }
    }

    /**
     * Verifies the repository's structure.
     *
     * @param scheduled the schedule that this run belongs to, for reports; absent for a one-shot
     */
    record Check(@JsonProperty("schedule") Optional<Schedule> scheduled) implements JobSpec {
        public Check {
            requireKind(JobKind.CHECK, scheduled);
        }

        @Override
        public JobKind kind() {
            return JobKind.CHECK;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.check(this);
        }
    }

    /** Creates the repository. */
    record Init() implements JobSpec {
        @Override
        public JobKind kind() {
            return JobKind.INIT;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.init(this);
        }
    }

    /**
     * Removes locks, and fails if any stays.
     *
     * @param removeAll also those in use, which breaks the jobs that hold them; otherwise stale ones only. In JSON left out
     *     if false
     */
    record Unlock(
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonDeserialize(using = FalseIfAbsent.class)
            boolean removeAll)
            implements JobSpec {
        @Override
        public JobKind kind() {
            return JobKind.UNLOCK;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.unlock(this);
        }
    }

    /** Lists the snapshots. */
    record Snapshots() implements JobSpec {
        @Override
        public JobKind kind() {
            return JobKind.SNAPSHOTS;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.snapshots(this);
        }
    }

    /**
     * Tries to open a repository that the host does not use yet; changes nothing.
     *
     * @param candidate with its credentials
     */
    record Probe(Repository candidate) implements JobSpec {

        /** The feature in the {@link Hello} of an agent that runs this. */
        public static final String FEATURE = "job.probe";

        @Override
        public JobKind kind() {
            return JobKind.PROBE;
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.probe(this);
        }
    }

    /** One method per kind of job, so that the compiler finds every place that lacks a new one. */
    interface Cases<R> {
        R backup(Backup spec);

        R forget(Forget spec);

        R prune(Prune spec);

        R check(Check spec);

        R init(Init spec);

        R unlock(Unlock spec);

        R snapshots(Snapshots spec);

        R probe(Probe spec);
    }

    /** Calls the method for this kind. */
    <R> R match(Cases<R> cases);

    @Override
    default Optional<Schedule> scheduled() {
        return Optional.empty();
    }

    /** The job that a run of the schedule is. */
    static JobSpec of(Schedule schedule) {
        return switch (schedule.kind()) {
            case BACKUP -> new Backup(schedule);
            case FORGET -> new Forget(schedule);
            case PRUNE -> new Prune(Optional.of(schedule));
            case CHECK -> new Check(Optional.of(schedule));
            case INIT, UNLOCK, SNAPSHOTS, PROBE ->
                throw new IllegalArgumentException(
                        "a schedule cannot be of kind '" + schedule.kind().word() + "'");
        };
    }

    /**
     * A job without a schedule.
     *
     * @throws IllegalArgumentException unless the kind is a {@link JobKind#oneShot}
     */
    static JobSpec once(JobKind kind) {
        return switch (kind) {
            case BACKUP, FORGET -> throw new IllegalArgumentException("a " + kind.word() + " needs a schedule");
            case PROBE -> throw new IllegalArgumentException("a " + kind.word() + " needs a repository");
            case PRUNE -> new Prune(Optional.empty());
            case CHECK -> new Check(Optional.empty());
            case INIT -> new Init();
            case UNLOCK -> new Unlock(false);
            case SNAPSHOTS -> new Snapshots();
        };
    }

    /** The record for a kind. */
    static Class<? extends JobSpec> type(JobKind kind) {
        return switch (kind) {
            case BACKUP -> Backup.class;
            case FORGET -> Forget.class;
            case PRUNE -> Prune.class;
            case CHECK -> Check.class;
            case INIT -> Init.class;
            case UNLOCK -> Unlock.class;
            case SNAPSHOTS -> Snapshots.class;
            case PROBE -> Probe.class;
        };
    }

    private static void requireKind(JobKind kind, Optional<Schedule> schedule) {
        schedule.map(Schedule::kind).filter(other -> other != kind).ifPresent(other -> {
            throw new IllegalArgumentException("a " + kind.word() + " cannot run a schedule of kind " + other.word());
        });
    }

    /** Reads a spec from the fields of the enclosing object. */
    final class Reader extends UnwrappedReader<JobSpec> {
        private static final long serialVersionUID = 1L;

        public Reader() {
            super(JobSpec.class, "kind");
        }

        @Override
        Class<? extends JobSpec> type(String word, JsonNode fields) {
            return JobSpec.type(JobKind.of(word));
        }

        @Override
        Reader copy() {
            return new Reader();
        }
    }
}
