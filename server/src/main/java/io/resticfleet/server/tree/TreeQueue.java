package io.resticfleet.server.tree;

import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.web.Page;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/** The snapshots that are to be indexed, the newest of each repository first. Not safe for use by several threads. */
final class TreeQueue {

    /** Of a repository at the same time; the next ones follow when these are indexed. */
    private static final int MAX_WAITING = 100;

    private static final int PAGE = 1_000;
    private static final Duration FIRST_RETRY = Duration.ofMinutes(5);
    private static final Duration LAST_RETRY = Duration.ofHours(6);

    private final Snapshots snapshots;
    private final TreeIndex index;
    private final LongSupplier nanoTime;
    private final Map<RepositoryId, List<Snapshot>> waiting = new HashMap<>();
    private final Map<String, Retry> retries = new HashMap<>();
    private final Set<RepositoryId> unfinished = new HashSet<>();

    /** When the first of those that were passed over may be asked for again. */
    private final Map<RepositoryId, Long> dueAt = new HashMap<>();

    /** @param at when it may be asked for again, on the monotonic clock */
    private record Retry(RepositoryId repositoryId, int failures, long at) {}

    TreeQueue(Snapshots snapshots, TreeIndex index, LongSupplier nanoTime) {
        this.snapshots = snapshots;
        this.index = index;
        this.nanoTime = nanoTime;
    }

    /** The list of a repository's snapshots has changed. */
    void changed(RepositoryId repositoryId) {
        waiting.remove(repositoryId);
    }

    /** Everything may have changed. */
    void changed() {
        waiting.clear();
    }

    /** Snapshots of a repository that may be asked for now, newest first. */
    List<Snapshot> next(RepositoryId repositoryId) {
        var known = waiting.get(repositoryId);
        long now = nanoTime.getAsLong();
        boolean due = dueAt.containsKey(repositoryId) && now - dueAt.get(repositoryId) >= 0;
        if (known == null || due || known.isEmpty() && unfinished.contains(repositoryId)) {
            known = look(repositoryId, now);
            waiting.put(repositoryId, known);
        }
        return known;
    }

    /** Looks for snapshots without a tree; those that have the files of another one get its tree at once. */
    private List<Snapshot> look(RepositoryId repositoryId, long now) {
        var found = new ArrayList<Snapshot>();
        var failed = new HashSet<String>();
        dueAt.remove(repositoryId);
        var cursor = Optional.<String>empty();
        do {
            var page = snapshots.list(repositoryId, new Page.Request(PAGE, cursor));
            var indexed = index.known(
                    repositoryId, page.items().stream().map(Snapshot::id).toList());
            page.items().stream()
                    .filter(snapshot -> !indexed.contains(snapshot.id()))
                    .filter(snapshot -> !index.isEvicted(repositoryId, snapshot))
                    .filter(snapshot -> !index.reuse(repositoryId, snapshot))
                    .filter(snapshot -> mayBeAsked(repositoryId, snapshot, now, failed))
                    .limit(MAX_WAITING - found.size())
                    .forEach(found::add);
            cursor = page.nextCursor();
        } while (cursor.isPresent() && found.size() < MAX_WAITING);
        if (cursor.isPresent() || found.size() == MAX_WAITING) {
            unfinished.add(repositoryId);
        } else {
            unfinished.remove(repositoryId);
            retries.entrySet()
                    .removeIf(retry ->
                            retry.getValue().repositoryId().equals(repositoryId) && !failed.contains(retry.getKey()));
        }
        return found;
    }

    private boolean mayBeAsked(RepositoryId repositoryId, Snapshot snapshot, long now, Set<String> failed) {
        var retry = retries.get(snapshot.id());
        if (retry == null) {
            return true;
        }
        failed.add(snapshot.id());
        if (now - retry.at() >= 0) {
            return true;
        }
        dueAt.merge(repositoryId, retry.at(), (first, other) -> first - other < 0 ? first : other);
        return false;
    }

    /** It is indexed, or is being asked for. */
    void taken(RepositoryId repositoryId, Snapshot snapshot) {
        waiting.computeIfPresent(
                repositoryId,
                (same, all) -> new ArrayList<>(all.stream()
                        .filter(other -> !other.id().equals(snapshot.id()))
                        .toList()));
    }

    void indexed(Snapshot snapshot) {
        retries.remove(snapshot.id());
    }

    /** It could not be indexed, and is asked for again later. */
    void failed(RepositoryId repositoryId, Snapshot snapshot) {
        int failures =
                retries.containsKey(snapshot.id()) ? retries.get(snapshot.id()).failures() + 1 : 1;
        var pause = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, 10));
        var limited = pause.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : pause;
        retries.put(snapshot.id(), new Retry(repositoryId, failures, nanoTime.getAsLong() + limited.toNanos()));
        changed(repositoryId);
    }
}
