package io.resticfleet.server.link;

import java.util.Comparator;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Limits what many connections together may hold of messages that are being received or handled, so that no number of
 * agents fills the heap. When it is used up, the connection that holds most of an unfinished message is closed: one that
 * never finishes its message cannot keep out the others. Safe for use by many threads.
 */
final class ReceiveBudget {

    /** In characters, of which each can take some 7 bytes until a message is stored: for a heap of 256 MiB. */
    static final long LIMIT = 20L * 1024 * 1024;

    /** Of the connections without a hello, which must not keep agents from reporting. */
    static final long LIMIT_OF_STRANGERS = 4L * 1024 * 1024;

    /** The first characters of each message are not counted, so that small messages always pass. */
    static final int FREE = 16 * 1024;

    private final long limit;
    private final Set<Share> shares = new HashSet<>();
    private long used;

    ReceiveBudget(long limit) {
        this.limit = limit;
    }

    /** What one connection holds. */
    final class Share {
        private final Runnable close;
        private long received;
        private long held;
        private boolean complete;

        private Share(Runnable close) {
            this.close = close;
        }

        /** Adds characters. Returns whether there is room, if necessary by closing another connection. */
        boolean add(int characters) {
            var others = new HashSet<Share>();
            boolean room = ReceiveBudget.this.add(this, characters, others);
            others.forEach(other -> other.close.run());
            return room;
        }

        /** The message is complete: from now on its connection is not closed to make room. */
        void complete() {
            synchronized (ReceiveBudget.this) {
                complete = true;
            }
        }

        /** The message is handled or dropped. */
        void release() {
            synchronized (ReceiveBudget.this) {
                free(this);
            }
        }
    }

    /** @param close drops what the connection holds, and closes it; called by any thread */
    Share share(Runnable close) {
        return new Share(close);
    }

    private synchronized boolean add(Share share, int characters, Set<Share> closed) {
        share.received += characters;
        long more = Math.max(0, share.received - FREE) - share.held;
        while (used + more > limit) {
            var largest = largest(share);
            if (largest.isEmpty()) {
                return false;
            }
            free(largest.get());
            closed.add(largest.get());
        }
        if (more > 0) {
            shares.add(share);
            share.held += more;
            used += more;
        }
        return true;
    }

    /** The unfinished message that holds more than this one; empty if there is none. */
    private Optional<Share> largest(Share than) {
        return shares.stream()
                .filter(share -> share != than && !share.complete && share.held > than.held)
                .max(Comparator.comparingLong(share -> share.held));
    }

    private void free(Share share) {
        shares.remove(share);
        used -= share.held;
        share.held = 0;
        share.received = 0;
        share.complete = false;
    }
}
