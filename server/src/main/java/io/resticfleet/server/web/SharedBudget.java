package io.resticfleet.server.web;

import java.util.HashMap;
import java.util.Map;

/**
 * Limits what many hold at the same time: all together, and each. Safe for use by many threads.
 *
 * @param <K> who takes; a key with {@code equals}
 */
public final class SharedBudget<K> {

    private final long limit;
    private final long limitEach;
    private final Map<K, Long> taken = new HashMap<>();
    private long total;

    /** @param limitEach of one key; less than {@code limit}, so that no key can shut out the others */
    public SharedBudget(long limit, long limitEach) {
        this.limit = limit;
        this.limitEach = limitEach;
    }

    /** Takes an amount above 0, unless that would exceed a limit; returns whether it did. */
    public synchronized boolean take(K key, long amount) {
        long own = taken.getOrDefault(key, 0L) + amount;
        if (total + amount > limit || own > limitEach) {
            return false;
        }
        taken.put(key, own);
        total += amount;
        return true;
    }

    /** Returns an amount that was taken, once. */
    public synchronized void free(K key, long amount) {
        taken.computeIfPresent(key, (same, own) -> own == amount ? null : own - amount);
        total -= amount;
    }
}
