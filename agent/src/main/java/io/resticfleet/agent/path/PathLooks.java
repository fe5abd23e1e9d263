package io.resticfleet.agent.path;

import io.resticfleet.agent.thread.Signal;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.PathReport;
import io.resticfleet.protocol.PathReport.Kind;
import io.resticfleet.protocol.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Examines paths with a time limit. A thread that hangs in a system call, as on a dead network mount, cannot be stopped:
 * it is left behind, and what hangs is not examined again until it returns: the path, or only its content.
 *
 * <p>Safe for use by many threads.
 */
public final class PathLooks {

    private final Fstab fstab;
    private final Threads threads;
    private final LongSupplier nanos;
    private final Set<String> hanging = ConcurrentHashMap.newKeySet();

    /** Directories that can be listed, with something in them that hangs, such as a dead mount. */
    private final Set<String> uncountable = ConcurrentHashMap.newKeySet();

    /** Whether the machine is to mount something at this very path. */
    public boolean isConfigured(String path) {
        return fstab.isConfigured(Path.of(path));
    }

    /** @param nanos monotonic clock, in nanoseconds */
    public PathLooks(Fstab fstab, Threads threads, LongSupplier nanos) {
        this.fstab = fstab;
        this.threads = threads;
        this.nanos = nanos;
    }

    /**
     * What is at these paths. The content of a directory is counted up to its first regular file; a count that hangs is cut
     * by time.
     *
     * @param patience time limit of the first path that does not respond; each further one has a tenth of it
     * @return by path, without those that did not respond in time
     */
    public Map<String, PathReport> look(List<Ask.Path> asks, Duration patience) throws InterruptedException {
        var found = new LinkedHashMap<String, PathReport>();
        var left = asks.stream().filter(ask -> !hanging.contains(ask.path())).toList();
        var limit = patience;
        while (!left.isEmpty()) {
            var walk = new Walk(left);
            threads.start("paths", walk::run);
            left = walk.await(limit, found);
            if (walk.hangs()) {
                limit = patience.dividedBy(10);
            }
        }
        return found;
    }

    /** Examines paths one after another, up to the first that hangs. */
    private final class Walk {
        private final List<Ask.Path> asks;
        private final Signal progress = threads.signal();
        private final Map<String, PathReport> found = new LinkedHashMap<>();
        private int done;

        /** Report of the directory whose content is being counted. */
        private Optional<PathReport> uncounted = Optional.empty();

        private volatile boolean over;

        private Walk(List<Ask.Path> asks) {
            this.asks = asks;
        }

        private void run() {
            for (var ask : asks) {
                if (!add(ask.path(), report(ask))) {
                    return;
                }
                progress.raise();
            }
        }

        private synchronized boolean add(String path, PathReport report) {
            if (over) {
                (uncounted.isPresent() ? uncountable : hanging).remove(path);
                return false;
            }
            found.put(path, report);
            uncounted = Optional.empty();
            done++;
            return true;
        }

        private synchronized boolean counts(String path, PathReport report) {
            if (over || uncountable.contains(path)) {
                return false;
            }
            uncounted = Optional.of(report);
            return true;
        }

        private PathReport report(Ask.Path ask) {
            try {
                var reply = PathInspector.upToFirstFile(
                                fstab, nanos, () -> over, uncounted -> counts(ask.path(), uncounted))
                        .inspect(ask);
                return reply instanceof PathReport report
                        ? report
                        : PathReport.unreadable(Kind.UNKNOWN, ((Reply.Failure) reply).detail());
            } catch (RuntimeException e) {
                return PathReport.unreadable(Kind.UNKNOWN, String.valueOf(e.getMessage()));
            }
        }

        /**
         * Waits while paths respond.
         *
         * @param reports receives what was found
         * @return the paths after one that did not respond, or whose count hangs; empty if there is none
         */
        private List<Ask.Path> await(Duration limit, Map<String, PathReport> reports) throws InterruptedException {
            int before = 0;
            long since = nanos.getAsLong();
            while (true) {
                long wait = limit.toNanos() - (nanos.getAsLong() - since);
                int now = responded();
                if (now == asks.size() || now == before && wait <= 0) {
                    return end(reports);
                }
                if (now != before) {
                    before = now;
                    since = nanos.getAsLong();
                } else {
                    progress.await(Duration.ofNanos(wait));
                }
            }
        }

        /** Whether a path did not respond. */
        private synchronized boolean hangs() {
            return over && uncounted.isEmpty();
        }

        private synchronized int responded() {
            return done;
        }

        private synchronized List<Ask.Path> end(Map<String, PathReport> reports) {
            reports.putAll(found);
            if (done == asks.size()) {
                return List.of();
            }
            over = true;
            var path = asks.get(done).path();
            uncounted.ifPresent(report -> reports.put(path, report));
            (uncounted.isPresent() ? uncountable : hanging).add(path);
            return asks.subList(done + 1, asks.size());
        }
    }
}
