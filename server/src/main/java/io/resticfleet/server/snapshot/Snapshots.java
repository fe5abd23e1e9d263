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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** The snapshots that each host's agent last listed in its repository; {@link SnapshotReports} stores them. */
public final class Snapshots implements RepositoryContents {

    /** Milliseconds since 1970, and an id. */
    private static final Pattern CURSOR = Pattern.compile("(-?[0-9]{1,18})-([0-9a-f]{64})");

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
        var cursor = CURSOR.matcher(page.cursor().orElse(Long.MAX_VALUE / 10 + "-" + "f".repeat(64)));
        if (!cursor.matches()) {
            throw Problem.invalid("invalid_cursor", "cursor must be the next_cursor of the page before");
        }
        return db.read(handle -> handle.inTransaction(tx -> {
            var host = hosts.get(tx, hostId);
            var dao = tx.attach(SnapshotDao.class);
            var repository = repositories.idOf(tx, hostId);
            var list = repository.flatMap(id -> dao.find(hostId, id));
            if (list.isEmpty()) {
                return new Listing(Optional.empty(), List.of(), Optional.empty());
            }
            long beforeAt = Long.parseLong(cursor.group(1));
            long generation = list.get().generation();
            var rows = list.get().whole()
                    ? dao.listOf(
                            host.hostname(),
                            hostId,
                            repository.get(),
                            generation,
                            beforeAt,
                            cursor.group(2),
                            page.limit() + 1)
                    : dao.list(hostId, repository.get(), generation, beforeAt, cursor.group(2), page.limit() + 1);
            var part = Page.of(rows, page, last -> last.time().toEpochMilli() + "-" + last.id());
            return new Listing(Optional.of(list.get().refreshedAt()), part.items(), part.nextCursor());
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

    /** Number of all snapshots of a host; 0 if they were never listed. */
    public long count(HostId hostId) {
        return db.read(handle -> repositories
                .idOf(handle, hostId)
                .map(id -> count(handle, hostId, id))
                .orElse(0L));
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
