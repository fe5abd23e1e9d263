package io.resticfleet.server.retention;

import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryRow;
import io.resticfleet.server.repository.RepositoryView;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;

/**
 * Whether copy schedules copy everything. Found from the lists of snapshots of both repositories, not from what jobs report:
 * a copy that ends well every night and copies nothing is late.
 */
public final class Copies {

    /** How long after its due time a copy may take before what it lacks is late. */
    private static final Duration GRACE = Duration.ofHours(1);

    /** A list that is that much older than the end of a copy was made by it. */
    private static final Duration OWN_LIST = Duration.ofMinutes(5);

    private final Database db;
    private final Hosts hosts;
    private final Repositories repositories;
    private final RetentionLedger ledger;
    private final InstantSource clock;

    public Copies(Database db, Hosts hosts, Repositories repositories, RetentionLedger ledger, InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.repositories = repositories;
        this.ledger = ledger;
        this.clock = clock;
    }

    /**
     * The copies from and to a repository, oldest schedule first.
     *
     * @throws io.resticfleet.server.web.Problem 404
     */
    public List<CopyView> of(RepositoryId id) {
        return db.read(handle -> handle.inTransaction(tx -> {
            repositories.get(tx, id);
            return views(
                    tx, route -> route.source().equals(id) || route.target().equals(id));
        }));
    }

    /** The copies of a schedule; empty if it makes none. */
    public Optional<CopyView> of(ScheduleId id) {
        return db.read(handle -> handle.inTransaction(tx ->
                views(tx, route -> route.scheduleId().equals(id)).stream().findFirst()));
    }

    private List<CopyView> views(Handle tx, Predicate<CopyDao.Route> wanted) {
        return tx.attach(CopyDao.class).routes().stream()
                .filter(wanted)
                .map(route -> view(tx, route))
                .toList();
    }

    private CopyView view(Handle tx, CopyDao.Route route) {
        var dao = tx.attach(CopyDao.class);
        var found = dao.freshness(route.source(), route.target());
        var listedAt = dao.listedAt(route.target());
        return new CopyView(
                route.scheduleId(),
                route.name(),
                new RepositoryView.User(
                        route.hostId(), hosts.get(tx, route.hostId()).name()),
                place(tx, route.source()),
                place(tx, route.target()),
                found.newestAt(),
                found.newestCopyAt(),
                found.missing(),
                found.missingSince(),
                listedAt,
                listedAt.isEmpty() ? CopyView.UNKNOWN : state(tx, route, found, listedAt.get()));
    }

    private CopyView.Place place(Handle tx, RepositoryId id) {
        return new CopyView.Place(
                id, repositories.find(tx, id).map(RepositoryRow::name).orElse(""));
    }

    private String state(Handle tx, CopyDao.Route route, CopyDao.Freshness found, Instant listedAt) {
        if (found.missingSince().isEmpty()) {
            return CopyView.COMPLETE;
        }
        var last = tx.attach(CopyDao.class).lastRun(route.scheduleId());
        boolean copiedSince = last.filter(run -> run.endedAt().isAfter(listedAt.plus(OWN_LIST)))
                .filter(run -> run.startedAt().isAfter(found.missingSince().get()))
                .isPresent(); // they may be in the next list
        var due = ledger.find(tx, route.scheduleId(), List.of())
                .flatMap(record -> record.dueTimes().latest(clock.instant().minus(GRACE)))
                .or(() -> last.map(CopyDao.Run::startedAt));
        return !copiedSince && due.filter(found.missingSince().get()::isBefore).isPresent()
                ? CopyView.LATE
                : CopyView.WAITING;
    }
}
