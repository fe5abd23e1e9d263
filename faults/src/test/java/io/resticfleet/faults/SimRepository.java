package io.resticfleet.faults;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What restic really did for one machine: the truth that everybody's word is held against. */
final class SimRepository {

    private static final int LISTED = 10;

    /**
     * A snapshot.
     *
     * @param tag of its schedule
     */
    record Made(String id, String jobId, String tag, Instant at) {}

    /** A backup that began, whatever became of it. */
    record Begun(String jobId, Instant at) {}

    private final int number;
    private final List<Made> snapshots = new ArrayList<>();
    private final List<Begun> begun = new ArrayList<>();

    /** @param number of the machine, so that no two snapshots have one id */
    SimRepository(int number) {
        this.number = number;
    }

    /** For a clone of the machine. */
    SimRepository another() {
        return new SimRepository(number + 16);
    }

    void began(String jobId, Instant at) {
        begun.add(new Begun(jobId, at));
    }

    /** Returns the snapshot's id. */
    String add(String jobId, String tag, Instant at) {
        var id = String.format(Locale.ROOT, "%02x%06x%056x", number, snapshots.size(), 0);
        snapshots.add(new Made(id, jobId, tag, at));
        return id;
    }

    List<Made> snapshots() {
        return snapshots;
    }

    List<Begun> begun() {
        return begun;
    }

    /** As if the older ones had been forgotten. */
    List<Made> newest() {
        return snapshots.subList(Math.max(0, snapshots.size() - LISTED), snapshots.size());
    }
}
