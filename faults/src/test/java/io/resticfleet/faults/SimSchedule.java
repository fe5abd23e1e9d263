package io.resticfleet.faults;

import io.resticfleet.protocol.JobKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A schedule with the history of its recurrences. */
final class SimSchedule {

    /** @param recurrence absent while the schedule is disabled or deleted */
    record Change(Instant at, Optional<Recurrence> recurrence) {}

    private final String hostId;
    private final String scheduleId;
    private final JobKind kind;
    private final List<Change> changes = new ArrayList<>();

    SimSchedule(String hostId, String scheduleId, JobKind kind) {
        this.hostId = hostId;
        this.scheduleId = scheduleId;
        this.kind = kind;
    }

    String hostId() {
        return hostId;
    }

    String scheduleId() {
        return scheduleId;
    }

    JobKind kind() {
        return kind;
    }

    void change(Instant at, Optional<Recurrence> recurrence) {
        changes.add(new Change(at, recurrence));
    }

    Optional<Recurrence> now() {
        return changes.get(changes.size() - 1).recurrence();
    }

    /** Whether it was created, changed or deleted in that period. */
    boolean changedWithin(Instant from, Instant until) {
        return changes.stream()
                .anyMatch(change -> !change.at().isBefore(from) && change.at().isBefore(until));
    }

    /** Whether any of its recurrences is due then. */
    boolean everDue(Instant at) {
        return changes.stream()
                .flatMap(change -> change.recurrence().stream())
                .anyMatch(recurrence -> recurrence.isDue(at));
    }

    /** All due times up to then. */
    List<Instant> due(Instant until) {
        var due = new ArrayList<Instant>();
        for (int i = 0; i < changes.size(); i++) {
            var change = changes.get(i);
            var end = i + 1 < changes.size() ? changes.get(i + 1).at() : until;
            change.recurrence().ifPresent(recurrence -> due.addAll(recurrence.due(change.at(), end)));
        }
        return due;
    }
}
