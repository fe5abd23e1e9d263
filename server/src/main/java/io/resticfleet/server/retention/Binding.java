package io.resticfleet.server.retention;

import io.resticfleet.protocol.JobStatus;
import java.time.Instant;
import java.util.Locale;

/**
 * The slot of a snapshot. Final: for the snapshot, and for the slot.
 *
 * @param start when the run started by the snapshot's own time, which was checked
 * @param status of the run: succeeded or partial
 */
public record Binding(String snapshotId, Slot slot, Trust trust, Instant start, JobStatus status) implements Counting {

    /** How sure it is that the snapshot was made for its slot. */
    public enum Trust {
        /** The server saw the run begin. */
        LIVE,
        /** Made while the host was away, and only that one due time passed between two listings. */
        PROVEN,
        /** Made while the host was away. May be one of many for slots that were free. */
        UNPROVEN,
        /** Unproven, and an operator confirmed it. */
        CONFIRMED,
        /** There before the server kept records, or confirmed by an operator since. */
        ADOPTED;

        /** Whether such a snapshot may displace others. */
        public boolean displaces() {
            return this != UNPROVEN;
        }

        /** As it is stored and answered. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Trust of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    Binding with(Trust newTrust) {
        return new Binding(snapshotId, slot, newTrust, start, status);
    }
}
