package io.resticfleet.server.db;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * What the newest transactions changed. Whoever has read the database asks for the changes since, and reads again what they
 * name.
 *
 * <p>A transaction is entered before it commits and again afterwards: no reader sees a row that no entry names, and one
 * that read in between reads again. Bounded: who asks for what is no longer held, or for a transaction that changed very
 * much, is told that everything may have changed. Safe for use by many threads.
 */
final class ChangeLog {

    private static final int MOST_ENTRIES = 512;
    private static final int MOST_CHANGES_IN_ONE = 100;

    private record Entry(boolean everything, Set<Change> changes) {}

    private final Deque<Entry> newest = new ArrayDeque<>();
    private long count;

    synchronized void add(Set<Change> changes) {
        if (changes.isEmpty()) {
            return;
        }
        add(changes.size() > MOST_CHANGES_IN_ONE ? new Entry(true, Set.of()) : new Entry(false, Set.copyOf(changes)));
    }

    /** For what nobody can name: a commit that may or may not have happened, or one of another program. */
    synchronized void addEverything() {
        add(new Entry(true, Set.of()));
    }

    private void add(Entry entry) {
        count++;
        newest.addLast(entry);
        if (newest.size() > MOST_ENTRIES) {
            newest.removeFirst();
        }
    }

    /** @param after {@link Changes#last} of an earlier answer; 0 for none */
    synchronized Changes since(long after) {
        long held = count - newest.size();
        var changes = new HashSet<Change>();
        boolean everything = after < held;
        long number = held;
        for (var entry : newest) {
            if (++number > after) {
                everything |= entry.everything;
                changes.addAll(entry.changes);
            }
        }
        return new Changes(count, everything, changes);
    }
}
