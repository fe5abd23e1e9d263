package io.resticfleet.server.tree;

import io.resticfleet.protocol.HostId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** Hosts that are not asked for listings for a while. Not safe for use by several threads. */
final class HostPauses {

    private static final Duration FIRST_LOST = Duration.ofMinutes(30);
    private static final int MAX_DOUBLED = 4;

    private final LongSupplier nanoTime;
    private final Map<HostId, Long> until = new HashMap<>();

    /** How many listings in a row a host has promised and not sent. */
    private final Map<HostId, Integer> lost = new HashMap<>();

    /** @param nanoTime monotonic clock, in nanoseconds */
    HostPauses(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    boolean has(HostId hostId) {
        return nanoTime.getAsLong() - until.getOrDefault(hostId, Long.MIN_VALUE / 2) <= 0;
    }

    void add(HostId hostId, Duration pause) {
        until.put(hostId, nanoTime.getAsLong() + pause.toNanos());
    }

    /** A host did not send a listing that it was to send: each time it is left alone for longer. */
    void lost(HostId hostId) {
        int times = lost.merge(hostId, 1, Integer::sum);
        add(hostId, FIRST_LOST.multipliedBy(1L << Math.min(times - 1, MAX_DOUBLED)));
    }

    /** A host sends a listing. */
    void sent(HostId hostId) {
        lost.remove(hostId);
    }
}
