package io.resticfleet.faults;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What restic really did for one machine: the reference for all other reports. */
final class SimRepository {

    private static final int LISTED = 10;

    /**
     * A snapshot.
     *
     * @param tag of its schedule
     */
    record SimSnapshot(String id, String jobId, String tag, Instant at) {}

    /** A backup that was started, whatever its result. */
    record Start(String jobId, Instant at) {}

    private final int number;
    private final List<SimSnapshot> snapshots = new ArrayList<>();
    private final List<Start> starts = new ArrayList<>();

    /** @param number of the machine, which makes snapshot ids unique */
    SimRepository(int number) {
        this.number = number;
    }

    /** A repository for a clone of the machine. */
    SimRepository ofClone() {
        return new SimRepository(number + 16);
    }

    void started(String jobId, Instant at) {
        starts.add(new Start(jobId, at));
    }

    /** Adds a snapshot; returns its id. */
    String add(String jobId, String tag, Instant at) {
        var id = String.format(Locale.ROOT, "%02x%06x%056x", number, snapshots.size(), 0);
        snapshots.add(new SimSnapshot(id, jobId, tag, at));
        return id;
    }

    List<SimSnapshot> snapshots() {
        return snapshots;
    }

    List<Start> starts() {
        return starts;
    }

    /** The newest snapshots, as if older ones had been removed by retention. */
    List<SimSnapshot> newest() {
        return snapshots.subList(Math.max(0, snapshots.size() - LISTED), snapshots.size());
    }
}
