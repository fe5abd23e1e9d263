package io.resticfleet.server.db;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * The changes of recent transactions. A reader with a cached copy asks for the changes since its last read, and reads
 * only those rows again.
 *
 * <p>A transaction is added before it commits and again afterwards, so that no reader sees a row without an entry, and
 * a reader in between reads the row again. Bounded: for entries that were removed, and for large transactions, the
 * answer is that everything may have changed. Safe for use by many threads.
 */
final class ChangeLog {

    private static final int MAX_ENTRIES = 512;
    private static final int MAX_CHANGES_PER_ENTRY = 100;

    private record Entry(boolean everything, Set<Change> changes) {}

    private final Deque<Entry> newest = new ArrayDeque<>();
    private long count;

    synchronized void add(Set<Change> changes) {
        if (changes.isEmpty()) {
            return;
        }
        add(changes.size() > MAX_CHANGES_PER_ENTRY ? new Entry(true, Set.of()) : new Entry(false, Set.copyOf(changes)));
    }

    /** Adds unknown changes: a commit that may have failed, or one by another program. */
    synchronized void addEverything() {
        add(new Entry(true, Set.of()));
    }

    private void add(Entry entry) {
        count++;
        newest.addLast(entry);
        if (newest.size() > MAX_ENTRIES) {
            newest.removeFirst();
        }
    }

    /** @param after {@link Changes#last} of an earlier answer; 0 for none */
    synchronized Changes since(long after) {
        long removed = count - newest.size();
        var changes = new HashSet<Change>();
        boolean everything = after < removed;
        long number = removed;
        for (var entry : newest) {
            if (++number > after) {
                everything |= entry.everything;
                changes.addAll(entry.changes);
            }
        }
        return new Changes(count, everything, changes);
    }
}
