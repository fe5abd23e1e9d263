package io.resticfleet.agent.job;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * For each backup schedule: its last good run, and the runs since that saved less than is meant. While there are such runs,
 * forgets remove no snapshots of this machine, and the schedule's own retention does not run.
 *
 * <p>On disk. Safe for use by many threads.
 */
public final class SourceHistory {

    private static final System.Logger log = System.getLogger(SourceHistory.class.getName());
    private static final String FILE = "sources.json";

    /** Number of runs that are kept: each has a list of all paths. */
    private static final int MAX_HELD = ToAgent.ScheduleSet.MAX_ACCEPTABLE;

    private final StateDirectory state;
    private final Map<ScheduleId, Past> schedules = new TreeMap<>();

    /** The present set, by id; absent until it is known. */
    private Optional<Map<ScheduleId, Schedule>> set = Optional.empty();

    /**
     * The past of one schedule.
     *
     * @param selection checksum of what it saves: figures of another selection cannot be compared
     * @param lastGood what the last run read that was not held, or that was accepted; absent before that
     * @param completeSnapshot id of the snapshot of the last run that read every file; absent before that
     * @param held the latest runs since the last good one, oldest first
     */
    record Past(
            String name,
            int selection,
            Optional<Reading> lastGood,
            Optional<String> completeSnapshot,
            List<HeldRun> held) {

        private static Past none(Schedule schedule) {
            return new Past(schedule.name(), selection(schedule), Optional.empty(), Optional.empty(), List.of());
        }

        private static int selection(Schedule schedule) {
            var options = schedule.options();
            return List.of(schedule.paths(), schedule.excludes(), options.oneFileSystem(), options.excludeCaches())
                    .hashCode();
        }
    }

    /**
     * A run that saved less than is meant.
     *
     * @param selection checksum of what it saved, as the schedule may have been edited since
     * @param reading absent if more is wrong than what it read, so that it cannot be accepted
     */
    record HeldRun(JobId jobId, int selection, Optional<Reading> reading) {}

    /** How much a run saved. */
    enum Completeness {
        COMPLETE,
        /** Some files could not be read. */
        SOME_FILES_MISSING,
        /** Less than is meant. */
        HELD
    }

    /** Content of the file. */
    record Content(Map<ScheduleId, Past> schedules) {}

    private SourceHistory(StateDirectory state) {
        this.state = state;
    }

    /** Opens the history; a damaged one is set aside, and replaced by an empty one. */
    public static SourceHistory open(StateDirectory state) {
        var history = new SourceHistory(state);
        try {
            state.readJson(FILE, Content.class).ifPresent(content -> history.schedules.putAll(content.schedules()));
        } catch (StateDirectory.DamagedFile e) {
            log.log(Level.ERROR, "the next backups are not compared with earlier ones: " + e.getMessage());
            state.setAside(state.root().resolve(FILE));
        }
        return history;
    }

    /** What the schedule's last good run read; absent if it saved something else, or if there was none. */
    synchronized Optional<Reading> lastGood(Schedule schedule) {
        return Optional.ofNullable(schedules.get(schedule.id()))
                .filter(past -> past.selection() == Past.selection(schedule))
                .flatMap(Past::lastGood);
    }

    /**
     * Records a run that made a snapshot, unless its schedule is deleted; the same run again changes nothing.
     *
     * @param reading what it read; absent if it cannot be accepted
     */
    synchronized void ended(
            Schedule schedule, JobId jobId, Optional<Reading> reading, String snapshotId, Completeness completeness) {
        if (isDeleted(schedule.id())) {
            return;
        }
        var past = schedules.getOrDefault(schedule.id(), Past.none(schedule));
        var held = new ArrayList<HeldRun>();
        if (completeness == Completeness.HELD) {
            past.held().stream().filter(other -> !other.jobId().equals(jobId)).forEach(held::add);
            held.add(new HeldRun(jobId, Past.selection(schedule), reading));
        }
        schedules.put(
                schedule.id(),
                new Past(
                        schedule.name(),
                        Past.selection(schedule),
                        completeness == Completeness.HELD ? lastGood(schedule) : reading,
                        completeness == Completeness.COMPLETE ? Optional.of(snapshotId) : past.completeSnapshot(),
                        List.copyOf(held.subList(Math.max(0, held.size() - MAX_HELD), held.size()))));
        save();
    }

    /**
     * Why no snapshots may be removed; empty if they may. Only schedules that run by themselves matter, as the next run of
     * another one may be never.
     */
    synchronized Optional<String> holdsRetention() {
        return schedules.entrySet().stream()
                .filter(entry -> runsByItself(entry.getKey()))
                .map(Map.Entry::getValue)
                .filter(past -> !past.held().isEmpty())
                .map(past -> "the last run of the backup schedule '" + past.name() + "' was not complete (job "
                        + past.held().get(past.held().size() - 1).jobId() + ")")
                .findFirst();
    }

    private boolean runsByItself(ScheduleId id) {
        return set.map(present -> present.get(id))
                .filter(schedule -> !schedule.enabled() || schedule.manual())
                .isEmpty();
    }

    /** Id of the snapshot of the schedule's last run that read every file; absent if there is none or it is not known. */
    synchronized Optional<String> completeSnapshot(ScheduleId id) {
        return Optional.ofNullable(schedules.get(id)).flatMap(Past::completeSnapshot);
    }

    /** Whether a schedule is known to be no longer in the set. */
    synchronized boolean isDeleted(ScheduleId id) {
        return set.filter(present -> !present.containsKey(id)).isPresent();
    }

    /** Ids of the snapshots that retention must keep: each schedule's last one with every file. */
    synchronized Set<String> completeSnapshots() {
        return schedules.values().stream()
                .flatMap(past -> past.completeSnapshot().stream())
                .collect(Collectors.toSet());
    }

    /** Follows a changed set: forgets schedules that are gone, and takes accepted runs as good ones. */
    public synchronized void follow(ToAgent.ScheduleSet changedSet) {
        if (changedSet.version() == 0) {
            return; // the set was lost and comes again
        }
        var present = changedSet.schedules().stream().collect(Collectors.toMap(Schedule::id, Function.identity()));
        set = Optional.of(present);
        boolean changed = schedules.keySet().retainAll(present.keySet());
        for (var accepted : changedSet.acceptedRuns().orElse(List.of())) {
            for (var entry : schedules.entrySet()) {
                var past = accept(entry.getValue(), accepted);
                changed |= past.isPresent();
                past.ifPresent(entry::setValue);
            }
        }
        if (changed) {
            save();
        }
    }

    /** The past with this run as the last good one; empty if it is not among its held runs. */
    private static Optional<Past> accept(Past past, JobId accepted) {
        return past.held().stream()
                .filter(run -> run.jobId().equals(accepted) && run.reading().isPresent())
                .findFirst()
                .map(run -> new Past(
                        past.name(),
                        run.selection(),
                        run.reading(),
                        past.completeSnapshot(),
                        stillHeld(past.held(), run)));
    }

    /** The runs after an accepted one, unless the last of them is as good. */
    private static List<HeldRun> stillHeld(List<HeldRun> held, HeldRun accepted) {
        var last = held.get(held.size() - 1);
        boolean good = last.selection() == accepted.selection()
                && last.reading()
                        .filter(reading -> reading.isGood(accepted.reading().orElseThrow()))
                        .isPresent();
        return good ? List.of() : held.subList(held.indexOf(accepted) + 1, held.size());
    }

    private void save() {
        state.writeJson(FILE, new Content(schedules));
    }
}
