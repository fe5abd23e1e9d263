package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;
import java.util.Optional;

/**
 * What a job does, with everything it needs to know: one record per kind. Properties that kinds share are in
 * {@link JobKind}. In JSON its components are next to {@code kind}, among the fields of the enclosing object.
 */
public sealed interface JobSpec extends JobOrder
        permits JobSpec.Backup,
                JobSpec.Forget,
                JobSpec.Prune,
                JobSpec.Check,
                JobSpec.Init,
                JobSpec.Unlock,
                JobSpec.Snapshots,
                JobSpec.Probe,
                JobSpec.Stats,
                JobSpec.Copy,
                Drill,
                JobSpec.RepairIndex,
                JobSpec.RepairSnapshots,
                RotateKey,
                Restore {

    /** Makes a snapshot of the schedule's paths, with its hooks before and after. */
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
        public <R> R match(JobCases<R> cases) {
            return cases.backup(this);
        }
    }

    /**
     * Removes snapshots that retention does not keep.
     *
     * @param scheduled whose retention applies to all of the host's snapshots; absent where the server started it, as those
     *     of backup schedules do not keep some
     */
    record Forget(@JsonProperty("schedule") Optional<Schedule> scheduled) implements JobSpec {
        public Forget {
            requireKind(JobKind.FORGET, scheduled);
        }

        @Override
        public Optional<String> feature() {
            return scheduled.isEmpty() ? Optional.of(Protocol.RETENTION_PLANS) : JobSpec.super.feature();
        }

        @Override
        public JobKind kind() {
            return JobKind.FORGET;
        }

        @Override
        public <R> R match(JobCases<R> cases) {
            return cases.forget(this);
        }
    }

    /**
     * Frees the space of data that no snapshot needs.
     *
     * @param scheduled the schedule that this run belongs to, for reports; absent for a one-shot
     * @param maxUnused so much unused data may stay, as it costs less than its removal; absent for restic's default
     * @param dryRun only measures what would be removed. In JSON left out if false
     */
    record Prune(
            @JsonProperty("schedule") Optional<Schedule> scheduled,
            Optional<UnusedLimit> maxUnused,

            @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonDeserialize(using = FalseIfAbsent.class)
            boolean dryRun)
            implements JobSpec {

        /** The feature of an agent that does not ignore the options. */
        static final String OPTIONS = "job.prune.options";

        public Prune {
            requireKind(JobKind.PRUNE, scheduled);
        }

        @Override
        public Optional<String> feature() {
            return maxUnused.isPresent() || dryRun ? Optional.of(OPTIONS) : JobSpec.super.feature();
        }

        @Override
        public JobKind kind() {
            return JobKind.PRUNE;
        }

        @Override
        public <R> R match(JobCases<R> cases) {
            return cases.prune(this);
        }
    }

    /**
     * Verifies the repository's structure, and some of its data.
     *
     * @param scheduled the schedule that this run belongs to, for reports; absent for a one-shot
     * @param readData the part of the data to read; absent for none
     */
    record Check(@JsonProperty("schedule") Optional<Schedule> scheduled, Optional<DataPart> readData)
            implements JobSpec {

        /** The feature of an agent that reads data. */
        static final String READ_DATA = "job.check.read_data";

        public Check {
            requireKind(JobKind.CHECK, scheduled);
        }

        @Override
        public Optional<String> feature() {
            return readData.isPresent() ? Optional.of(READ_DATA) : JobSpec.super.feature();
        }

        @Override
        public JobKind kind() {
            return JobKind.CHECK;
        }

        @Override
        public <R> R match(JobCases<R> cases) {
            return cases.check(this);
        }
    }

    /**
     * Creates the repository.
     *
     * @param chunkerOf another repository of the host, which divides files in the same way, so that data copied between
     *     the two is stored once; absent for none
     */
    record Init(Optional<RepositoryId> chunkerOf) implements JobSpec {

        /** The feature of an agent that does not ignore {@code chunkerOf}. */
        static final String CHUNKER = "job.init.chunker";

        @Override
        public Optional<String> feature() {
            return chunkerOf.isPresent() ? Optional.of(CHUNKER) : JobSpec.super.feature();
        }

        @Override
        public JobKind kind() {
            return JobKind.INIT;
        }

        @Override
        public <R> R match(JobCases<R> cases) {
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
        public <R> R match(JobCases<R> cases) {
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
        public <R> R match(JobCases<R> cases) {
            return cases.snapshots(this);
        }
    }

    /**
     * Tries to open a repository that the host does not use yet; changes nothing.
     *
     * @param candidate with its credentials
     * @param writes whether it also tries to write there, and to remove what it wrote. In JSON left out if false
     */
    record Probe(
            Repository candidate,

            @JsonInclude(JsonInclude.Include.NON_DEFAULT) @JsonDeserialize(using = FalseIfAbsent.class)
            boolean writes)
            implements JobSpec {

        @Override
        public JobKind kind() {
            return JobKind.PROBE;
        }

        @Override
        public <R> R match(JobCases<R> cases) {
            return cases.probe(this);
        }
    }

    /**
     * Measures the repository, and lists its keys.
     *
     * @param scheduled the schedule that this run belongs to, for reports; absent for a one-shot
     */
    record Stats(@JsonProperty("schedule") Optional<Schedule> scheduled) implements JobSpec {
        public Stats {
            requireKind(JobKind.STATS, scheduled);
        }

        @Override
        public JobKind kind() {
            return JobKind.STATS;
        }

        @Override
        public <R> R match(JobCases<R> cases) {
            return cases.stats(this);
        }
    }

    /**
     * Copies all snapshots that are not there yet to another repository of the host.
     *
     * @param scheduled the schedule that this run belongs to, for reports; absent for a one-shot
     * @param to the other repository
     * @param without ids of snapshots that are not copied, as retention removed them there. In JSON left
     *     out if absent
     */
    record Copy(
            @JsonProperty("schedule") Optional<Schedule> scheduled,
            RepositoryId to,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<List<String>> without)
            implements JobSpec {

        public Copy {
            requireKind(JobKind.COPY, scheduled);
            without = without == null ? Optional.empty() : without.map(List::copyOf);
        }

        /** One that copies all. */
        public Copy(Optional<Schedule> scheduled, RepositoryId to) {
            this(scheduled, to, Optional.empty());
        }

        /** This job, without these snapshots. */
        public Copy without(List<String> snapshotIds) {
            return new Copy(scheduled, to, Optional.of(snapshotIds).filter(ids -> !ids.isEmpty()));
        }

        @Override
        public JobKind kind() {
            return JobKind.COPY;
        }

        @Override
        public <R> R match(JobCases<R> cases) {
            return cases.copy(this);
        }
    }

    /** Rebuilds the repository's index from its data, and leaves out what is not there any more. */
    record RepairIndex() implements JobSpec {
        @Override
        public JobKind kind() {
            return JobKind.REPAIR_INDEX;
        }

        @Override
        public <R> R match(JobCases<R> cases) {
            return cases.repairIndex(this);
        }
    }

    /** Replaces snapshots of which data is lost by ones without the lost files. */
    record RepairSnapshots() implements JobSpec {
        @Override
        public JobKind kind() {
            return JobKind.REPAIR_SNAPSHOTS;
        }

        @Override
        public <R> R match(JobCases<R> cases) {
            return cases.repairSnapshots(this);
        }
    }

    /** Calls the method for this kind. */
    <R> R match(JobCases<R> cases);

    @Override
    default Optional<Schedule> scheduled() {
        return Optional.empty();
    }

    @Override
    default Optional<String> feature() {
        return kind().feature();
    }

    /** Whether the agent asks the server for credentials when it runs this: {@link ToServer.CredentialsAsk}. */
    default boolean asksForCredentials() {
        return kind().removes();
    }

    /** The job that a run of the schedule is. */
    static JobSpec of(Schedule schedule) {
        return switch (schedule.kind()) {
            case BACKUP -> new Backup(schedule);
            case FORGET -> new Forget(Optional.of(schedule));
            case PRUNE ->
                new Prune(Optional.of(schedule), schedule.options().maxUnused().map(UnusedLimit::new), false);
            case CHECK -> new Check(Optional.of(schedule), Optional.empty());
            case STATS -> new Stats(Optional.of(schedule));
            case COPY ->
                new Copy(
                        Optional.of(schedule),
                        schedule.options()
                                .to()
                                .orElseThrow(() -> new IllegalArgumentException("a copy needs another repository")));
            case DRILL ->
                Drill.of(Optional.of(schedule), schedule.options().drill().orElse(DrillOptions.DEFAULT));
            case INIT, UNLOCK, SNAPSHOTS, PROBE, REPAIR_INDEX, REPAIR_SNAPSHOTS, ROTATE_KEY, RESTORE ->
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
            case BACKUP -> throw new IllegalArgumentException("a " + kind.word() + " needs a schedule");
            case FORGET -> new Forget(Optional.empty());
            case PROBE -> throw new IllegalArgumentException("a " + kind.word() + " needs a repository");
            case COPY -> throw new IllegalArgumentException("a " + kind.word() + " needs another repository");
            case ROTATE_KEY -> throw new IllegalArgumentException("a " + kind.word() + " needs a step");
            case RESTORE -> throw new IllegalArgumentException("a " + kind.word() + " needs a snapshot");
            case PRUNE -> new Prune(Optional.empty(), Optional.empty(), false);
            case CHECK -> new Check(Optional.empty(), Optional.empty());
            case STATS -> new Stats(Optional.empty());
            case DRILL -> Drill.of(Optional.empty(), DrillOptions.DEFAULT);
            case REPAIR_INDEX -> new RepairIndex();
            case REPAIR_SNAPSHOTS -> new RepairSnapshots();
            case INIT -> new Init(Optional.empty());
            case UNLOCK -> new Unlock(false);
            case SNAPSHOTS -> new Snapshots();
        };
    }

    /** @throws IllegalArgumentException if the schedule is of another kind */
    static void requireKind(JobKind kind, Optional<Schedule> schedule) {
        schedule.map(Schedule::kind).filter(other -> other != kind).ifPresent(other -> {
            throw new IllegalArgumentException("a " + kind.word() + " cannot run a schedule of kind " + other.word());
        });
    }
}
