package io.resticfleet.server.snapshot;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryContents;
import io.resticfleet.server.web.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The snapshots that each host's agent last listed in its repository. */
public final class Snapshots implements RepositoryContents {

    private static final Logger log = LoggerFactory.getLogger(Snapshots.class);

    private final Database db;
    private final Hosts hosts;
    private final Repositories repositories;
    private final Jobs jobs;

    public Snapshots(Database db, Hosts hosts, Repositories repositories, Jobs jobs) {
        this.db = db;
        this.hosts = hosts;
        this.repositories = repositories;
        this.jobs = jobs;
    }

    /**
     * A host's snapshots.
     *
     * @param refreshedAt when restic listed them; absent if it never did
     * @param items newest first
     */
    public record Listing(Optional<Instant> refreshedAt, List<Snapshot> items) {}

    /** @throws Problem 404 if there is no such host */
    public Listing list(HostId hostId) {
        return db.read(handle -> {
            hosts.get(handle, hostId);
            var dao = handle.attach(SnapshotDao.class);
            return new Listing(dao.refreshedAt(hostId), dao.list(hostId));
        });
    }

    /** Whether a host's repository is known to contain snapshots, of this host or another. */
    @Override
    public boolean isKnown(HostId hostId) {
        return db.read(handle -> repositories.idOf(handle, hostId).stream()
                .flatMap(id -> repositories.hosts(handle, id).stream())
                .anyMatch(host -> handle.attach(SnapshotDao.class).any(host)));
    }

    /** Deletes a host's list, which does not apply to its new repository. */
    @Override
    public void forget(Handle tx, HostId hostId) {
        var dao = tx.attach(SnapshotDao.class);
        dao.deleteAll(hostId);
        dao.deleteList(hostId);
    }

    /**
     * Stores the list of snapshots that an agent reports. An older list never replaces a newer one: the order of
     * reports counts, not the host's clock.
     */
    public void reported(AgentConnection connection, ToServer.SnapshotsReport report) {
        var hostId = connection.hostId();
        db.change(tx -> {
            var dao = tx.attach(SnapshotDao.class);
            hosts.stored(tx, hostId, report.sequence());
            boolean older = dao.sequence(hostId)
                    .map(known -> known >= report.sequence())
                    .orElseGet(() -> dao.refreshedAt(hostId)
                            .filter(at -> at.isAfter(report.takenAt()))
                            .isPresent());
            if (older) {
                return;
            }
            if (report.snapshots().isEmpty() && dao.any(hostId)) {
                log.warn("repository no longer contains snapshots of this host host={}", hostId);
            }
            dao.deleteAll(hostId);
            for (var snapshot : report.snapshots()) {
                dao.insert(hostId, snapshot.id(), snapshot.time(), snapshot);
            }
            jobs.nameSnapshots(
                    tx,
                    hostId,
                    report.snapshots().stream()
                            .collect(Collectors.toMap(Snapshot::shortId, Snapshot::id, (first, second) -> first)));
            dao.refreshed(hostId, report.takenAt(), report.sequence());
        });
        connection.send(new ToAgent.EventAck(report.sequence()));
    }
}
