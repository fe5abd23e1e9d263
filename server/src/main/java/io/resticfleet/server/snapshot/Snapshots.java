package io.resticfleet.server.snapshot;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryContents;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** The snapshots that each host's agent last listed in its repository; {@link SnapshotReports} stores them. */
public final class Snapshots implements RepositoryContents {

    /** Milliseconds since 1970, and an id. */
    private static final Pattern CURSOR = Pattern.compile("(-?[0-9]{1,18})-([0-9a-f]{64})");

    private static final Pattern SNAPSHOT_ID = Pattern.compile("[0-9a-f]{8,64}");

    private final Database db;
    private final Hosts hosts;
    private final Repositories repositories;

    public Snapshots(Database db, Hosts hosts, Repositories repositories) {
        this.db = db;
        this.hosts = hosts;
        this.repositories = repositories;
    }

    /**
     * A part of a host's snapshots.
     *
     * @param refreshedAt when restic listed them; absent if it never did
     * @param items newest first
     * @param nextCursor value of {@code ?cursor=} for the next part; absent on the last one
     */
    public record Listing(Optional<Instant> refreshedAt, List<Snapshot> items, Optional<String> nextCursor) {}

    /** @throws Problem 404 if there is no such host, 400 {@code invalid_cursor} */
    public Listing list(HostId hostId, Page.Request page) {
        var before = Before.of(page);
        return db.read(handle -> handle.inTransaction(tx -> {
            var host = hosts.get(tx, hostId);
            var dao = tx.attach(SnapshotDao.class);
            var repository = repositories.idOf(tx, hostId);
            var list = repository.flatMap(id -> dao.find(hostId, id));
            if (list.isEmpty()) {
                return new Listing(Optional.empty(), List.of(), Optional.empty());
            }
            var rows = before.ofHost(dao, host.hostname(), hostId, repository.get(), list.get(), page.limit() + 1);
            var part = Page.of(rows, page, Snapshots::cursor);
            return new Listing(Optional.of(list.get().refreshedAt()), part.items(), part.nextCursor());
        }));
    }

    /**
     * Finds a snapshot in the last lists of all repositories.
     *
     * @param id its 64 digits, or at least the first 8
     * @throws Problem 400 {@code invalid_id}, 404, or 409 {@code ambiguous_id} if several begin with these digits
     */
    public LocatedSnapshot locate(String id) {
        if (!SNAPSHOT_ID.matcher(id).matches()) {
            throw Problem.invalid("invalid_id", "a snapshot's id has 8 to 64 hexadecimal digits");
        }
        var found = db.read(handle -> handle.attach(SnapshotDao.class).listed(id));
        if (found.isEmpty()) {
            throw Problem.notFound("snapshot " + id + " in the last lists of all repositories");
        }
        var first = found.get(0);
        if (found.stream()
                .anyMatch(other -> !other.repositoryId().equals(first.repositoryId())
                        || !other.snapshot().id().equals(first.snapshot().id()))) {
            throw Problem.conflict(
                    "ambiguous_id",
                    "several snapshots have an id that begins with " + id + "; give more of its digits");
        }
        return new LocatedSnapshot(
                first.repositoryId(),
                first.snapshot(),
                found.stream().map(ListedSnapshot::hostId).toList());
    }

    /**
     * The snapshots that the same host took before and after one.
     *
     * @param older newest first
     * @param newer oldest first
     */
    public record Neighbours(List<Snapshot> older, List<Snapshot> newer) {}

    /**
     * The snapshots next to one, of the same host in the same repository.
     *
     * @param most on each side
     */
    public Neighbours around(LocatedSnapshot located, int most) {
        var repositoryId = located.repositoryId();
        var snapshot = located.snapshot();
        long at = snapshot.time().toEpochMilli();
        return db.read(handle -> handle.inTransaction(tx -> {
            var dao = tx.attach(SnapshotDao.class);
            var lister = located.listedBy().get(0);
            var list = dao.find(lister, repositoryId).orElse(SnapshotListRow.NEVER);
            return new Neighbours(
                    dao.listOf(snapshot.hostname(), lister, repositoryId, list.generation(), at, snapshot.id(), most),
                    dao.nextOf(snapshot.hostname(), lister, repositoryId, list.generation(), at, snapshot.id(), most));
        }));
    }

    /** Those of these snapshots that a host's list of a repository has, by id. */
    public Map<String, Snapshot> find(Handle handle, HostId hostId, RepositoryId repositoryId, List<String> ids) {
        var dao = handle.attach(SnapshotDao.class);
        return dao.find(hostId, repositoryId)
                .map(list -> dao.some(hostId, repositoryId, list.generation(), ids).stream()
                        .collect(Collectors.toMap(Snapshot::id, Function.identity())))
                .orElse(Map.of());
    }

    /**
     * A part of the snapshots of a repository, newest first: those in the list of all hosts' snapshots, and those that hosts
     * made since; without such a list, those in the lists of its hosts.
     *
     * @throws Problem 400 {@code invalid_cursor}
     */
    public Page<Snapshot> list(RepositoryId id, Page.Request page) {
        var before = Before.of(page);
        return db.read(handle -> handle.inTransaction(tx -> {
            var dao = tx.attach(SnapshotDao.class);
            var since = dao.wholeSince(id).orElse(Instant.EPOCH);
            var rows = dao.hosts(id).stream()
                    .flatMap(hostId -> dao.find(hostId, id).stream()
                            .flatMap(list -> before.in(dao, hostId, id, list, page.limit() + 1).stream()
                                    .filter(snapshot ->
                                            list.whole() || snapshot.time().isAfter(since))))
                    .collect(Collectors.toMap(Snapshot::id, Function.identity(), (first, second) -> first))
                    .values()
                    .stream()
                    .sorted(Comparator.comparing(
                                    (Snapshot snapshot) -> snapshot.time().toEpochMilli())
                            .thenComparing(Snapshot::id)
                            .reversed())
                    .limit(page.limit() + 1L)
                    .toList();
            return Page.of(rows, page, Snapshots::cursor);
        }));
    }

    /** When each host took its newest snapshot in a repository; no entry for one that has none there. */
    public Map<HostId, Instant> newest(RepositoryId id) {
        var all = Before.of(new Page.Request(1, Optional.empty()));
        return db.read(handle -> handle.inTransaction(tx -> {
            var dao = tx.attach(SnapshotDao.class);
            return dao.hosts(id).stream()
                    .flatMap(hostId -> dao.find(hostId, id).stream()
                            .flatMap(list ->
                                    all.ofHost(dao, hosts.get(tx, hostId).hostname(), hostId, id, list, 1).stream())
                            .map(snapshot -> Map.entry(hostId, snapshot.time())))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        }));
    }

    private static String cursor(Snapshot last) {
        return last.time().toEpochMilli() + "-" + last.id();
    }

    /** The first snapshot that is not in a page: the one at a cursor. */
    private record Before(long at, String id) {

        static Before of(Page.Request page) {
            var cursor = CURSOR.matcher(page.cursor().orElse(Long.MAX_VALUE / 10 + "-" + "f".repeat(64)));
            if (!cursor.matches()) {
                throw Problem.invalid("invalid_cursor", "cursor must be the next_cursor of the page before");
            }
            return new Before(Long.parseLong(cursor.group(1)), cursor.group(2));
        }

        List<Snapshot> in(SnapshotDao dao, HostId hostId, RepositoryId repositoryId, SnapshotListRow list, int limit) {
            return dao.list(hostId, repositoryId, list.generation(), at, id, limit);
        }

        /** Those of the host itself, whose list may have all hosts' snapshots. */
        List<Snapshot> ofHost(
                SnapshotDao dao,
                String hostname,
                HostId hostId,
                RepositoryId repositoryId,
                SnapshotListRow list,
                int limit) {
            return list.whole()
                    ? dao.listOf(hostname, hostId, repositoryId, list.generation(), at, id, limit)
                    : in(dao, hostId, repositoryId, list, limit);
        }
    }

    /** Number of all snapshots of a host; 0 if they were never listed. */
    public long count(HostId hostId) {
        return db.read(handle -> repositories
                .idOf(handle, hostId)
                .map(id -> count(handle, hostId, id))
                .orElse(0L));
    }

    /** Those of these snapshots that are in the list of any host that uses, or used, the repository. */
    public Set<String> listed(RepositoryId id, List<String> snapshotIds) {
        return snapshotIds.isEmpty()
                ? Set.of()
                : Set.copyOf(db.read(handle -> handle.attach(SnapshotDao.class).listed(id, snapshotIds)));
    }

    /** Number of all snapshots of all repositories. */
    public long countAll() {
        return db.read(handle -> handle.attach(SnapshotDao.class).countAll());
    }

    /** Number of all snapshots of a host in a repository; 0 if they were never listed. */
    public long count(HostId hostId, RepositoryId repositoryId) {
        return db.read(handle -> count(handle, hostId, repositoryId));
    }

    private long count(Handle handle, HostId hostId, RepositoryId repositoryId) {
        var dao = handle.attach(SnapshotDao.class);
        return dao.find(hostId, repositoryId)
                .map(list -> list.whole()
                        ? dao.countOf(hosts.get(handle, hostId).hostname(), hostId, repositoryId, list.generation())
                        : list.total())
                .orElse(0L);
    }

    /** Whether a repository is known to contain snapshots, of any host. */
    @Override
    public boolean isKnown(Handle handle, RepositoryId id) {
        return handle.attach(SnapshotDao.class).any(id);
    }

    @Override
    public long count(Handle handle, RepositoryId id) {
        return handle.attach(SnapshotDao.class).count(id);
    }
}
