package io.resticfleet.server.live;

import io.resticfleet.server.web.Caller;
import java.util.HashMap;
import java.util.Map;

/** Limits open event streams, each of which occupies a thread: of all callers, and of each. Safe for use by many threads. */
public final class StreamSlots {

    private static final int MAX = 100;
    private static final int MAX_PER_CALLER = 40;

    private final Map<Caller, Integer> open = new HashMap<>();
    private int total;

    /** Takes a slot, unless none is free; returns whether it did. */
    public synchronized boolean take(Caller caller) {
        int own = open.getOrDefault(caller, 0);
        if (total >= MAX || own >= MAX_PER_CALLER) {
            return false;
        }
        open.put(caller, own + 1);
        total++;
        return true;
    }

    /** Returns a slot that was taken. */
    public synchronized void free(Caller caller) {
        open.computeIfPresent(caller, (key, count) -> count == 1 ? null : count - 1);
        total--;
    }
}
