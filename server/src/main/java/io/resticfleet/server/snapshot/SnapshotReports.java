package io.resticfleet.server.snapshot;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.SnapshotChecksums;
import io.resticfleet.protocol.SnapshotsOffer;
import io.resticfleet.protocol.SnapshotsPiece;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.repository.Repositories;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the lists of snapshots that agents report. An agent offers its list on each connection and after each listing; if it
 * differs, the difference follows in pieces, which are stored one by one and shown together after the last; of a very long
 * list, the agent is asked for some buckets at a time. Nothing of an unfinished report is kept: the next offer starts over.
 */
public final class SnapshotReports {

    private static final Logger log = LoggerFactory.getLogger(SnapshotReports.class);

    /** Snapshots of one host in one repository. Ten a day for more than a hundred years. */
    private static final long MAX_SNAPSHOTS = 500_000;

    /** Of these, as they are stored: a kilobyte for each, where some hundred bytes are usual and 32 KiB possible. */
    private static final long MAX_BYTES = 512L * 1024 * 1024;

    /** Keys in one message to an agent: half of {@link Protocol#MAX_TO_AGENT_BYTES}. */
    private static final int MAX_KEYS = 50_000;

    /** Rows that one transaction deletes. */
    private static final int DELETED_AT_ONCE = 1_000;

    private final Database db;
    private final Hosts hosts;
    private final Repositories repositories;
    private final Jobs jobs;
    private BiConsumer<HostId, RepositoryId> changed = (hostId, repositoryId) -> {};
    private BiConsumer<HostId, RepositoryId> unchanged = (hostId, repositoryId) -> {};
    private final Map<ListKey, Report> reports = new ConcurrentHashMap<>();

    /** A list of one host. */
    private record ListKey(HostId hostId, RepositoryId repositoryId) {}

    public SnapshotReports(Database db, Hosts hosts, Repositories repositories, Jobs jobs) {
        this.db = db;
        this.hosts = hosts;
        this.repositories = repositories;
        this.jobs = jobs;
    }

    /**
     * Call it once, before agents connect.
     *
     * @param newChanged called after the list of a host has changed, before the agent receives that it is stored
     * @param newUnchanged the same after it was listed again
     */
    public void onListed(BiConsumer<HostId, RepositoryId> newChanged, BiConsumer<HostId, RepositoryId> newUnchanged) {
        changed = newChanged;
        unchanged = newUnchanged;
    }

    /** A report of which pieces are expected. Used only by the thread that receives from its connection. */
    private static final class Report {
        private final AgentConnection connection;
        private final SnapshotsOffer offer;
        private final SnapshotListRow before;

        /** Of the list before, with all changes so far. */
        private final SnapshotChecksums checksums;

        /** Buckets that differ and were not asked for yet. */
        private final ArrayDeque<Integer> buckets;

        private long total;
        private long bytes;

        /** Of the buckets that were asked for last. */
        private long pieces;

        private Report(AgentConnection connection, SnapshotsOffer offer, SnapshotListRow before) {
            this.connection = connection;
            this.offer = offer;
            this.before = before;
            this.checksums = SnapshotChecksums.parse(before.checksums());
            this.buckets =
                    new ArrayDeque<>(SnapshotChecksums.parse(offer.checksums()).differing(checksums));
            this.total = before.total();
            this.bytes = before.bytes();
        }

        private ListKey key() {
            return new ListKey(connection.hostId(), offer.repositoryId());
        }

        private boolean expects(AgentConnection from, SnapshotsPiece piece) {
            return connection == from && offer.report() == piece.report() && piece.number() == pieces + 1;
        }

        private void changed(long key, int addedSnapshots, long addedBytes) {
            checksums.toggle(key);
            total += addedSnapshots;
            bytes += addedBytes;
        }

        /** Rows of the report have it, and the list after its end. */
        private long generation() {
            return before.generation() + 1;
        }
    }

    /** Asks an agent for its list, if it can report in pieces. */
    public void onHello(AgentConnection connection) {
        if (connection.supports(Protocol.SNAPSHOT_PIECES)) {
            connection.send(new ToAgent.SnapshotsAsk());
        }
    }

    /** An agent offers its list. Ignored if it is of a repository that is not the host's any more. */
    public void offered(AgentConnection connection, SnapshotsOffer offer) {
        var hostId = connection.hostId();
        var key = new ListKey(hostId, offer.repositoryId());
        reports.remove(key);
        if (db.read(handle -> repositories.all(handle, hostId)).stream()
                .noneMatch(used -> used.id().equals(offer.repositoryId()))) {
            return;
        }
        if (offer.total() > MAX_SNAPSHOTS) {
            refuse(connection, "snapshots=" + offer.total());
            return;
        }
        stored(connection, () -> {
            var list = list(hostId, offer.repositoryId());
            if (list.checksums().equals(offer.checksums())) {
                db.change(
                        tx -> finish(tx, hostId, offer.repositoryId(), list.refreshed(offer.takenAt(), offer.whole())));
                unchanged.accept(hostId, offer.repositoryId());
                connection.send(new ToAgent.SnapshotsStored(offer.report(), 0, true));
            } else {
                tidy(hostId, offer.repositoryId(), list);
                var report = new Report(connection, offer, list);
                reports.put(key, report);
                ask(report);
            }
        });
    }

    /** The list stays as it was. */
    private static void refuse(AgentConnection connection, String size) {
        log.warn("too many snapshots to be listed host={} {}", connection.hostId(), size);
        connection.send(new ToAgent.Error(
                "too_many_snapshots",
                "at most " + MAX_SNAPSHOTS + " snapshots of a host in a repository are listed, with paths and tags of "
                        + MAX_BYTES / 1024 / 1024 + " MiB"));
    }

    private SnapshotListRow list(HostId hostId, RepositoryId repositoryId) {
        return db.read(handle -> {
            var dao = handle.attach(SnapshotDao.class);
            var list = dao.find(hostId, repositoryId).orElse(SnapshotListRow.NEVER);
            if (!list.checksums().isEmpty()) {
                return list;
            }
            var checksums = new SnapshotChecksums();
            dao.ids(hostId, repositoryId, list.generation(), id -> checksums.toggle(SnapshotChecksums.key(id)));
            return list.with(checksums);
        });
    }

    /** Asks for what differs in the next buckets, as many as one message can name the snapshots of. */
    private void ask(Report report) {
        var offer = report.offer;
        var known = new TreeMap<Integer, List<String>>();
        report.buckets.forEach(bucket -> known.put(bucket, new ArrayList<>()));
        db.read(handle -> {
            handle.attach(SnapshotDao.class)
                    .ids(report.connection.hostId(), offer.repositoryId(), report.before.generation(), id -> {
                        var keys = known.get(SnapshotChecksums.bucket(SnapshotChecksums.key(id)));
                        if (keys != null) {
                            keys.add(id.substring(0, SnapshotChecksums.KEY_DIGITS));
                        }
                    });
            return known;
        });
        var buckets = new ArrayList<Integer>();
        var keys = new ArrayList<String>();
        do {
            buckets.add(report.buckets.element());
            keys.addAll(known.get(report.buckets.remove()));
        } while (!report.buckets.isEmpty()
                && keys.size() + known.get(report.buckets.element()).size() <= MAX_KEYS);
        report.pieces = 0;
        report.connection.send(new ToAgent.SnapshotsWanted(offer.report(), buckets, keys));
    }

    /** Removes what an unfinished report left, in short transactions. */
    private void tidy(HostId hostId, RepositoryId repositoryId, SnapshotListRow list) {
        db.change(tx -> tx.attach(SnapshotDao.class).undoRemovals(hostId, repositoryId, list.generation()));
        int deleted;
        do {
            deleted = db.write(tx -> tx.attach(SnapshotDao.class)
                    .deleteHidden(hostId, repositoryId, list.generation(), DELETED_AT_ONCE));
        } while (deleted == DELETED_AT_ONCE);
    }

    /** Stores a piece. Ignored if it is not the next one of the offered list. */
    public void piece(AgentConnection connection, SnapshotsPiece piece) {
        var hostId = connection.hostId();
        reports.values().stream()
                .filter(report -> report.expects(connection, piece))
                .findFirst()
                .ifPresent(report -> piece(hostId, report, piece));
    }

    private void piece(HostId hostId, Report report, SnapshotsPiece piece) {
        var connection = report.connection;
        stored(connection, () -> {
            db.change(tx -> store(tx.attach(SnapshotDao.class), hostId, report, piece));
            report.pieces++;
            if (report.total > MAX_SNAPSHOTS || report.bytes > MAX_BYTES) {
                reports.remove(report.key());
                tidy(hostId, report.offer.repositoryId(), report.before);
                refuse(connection, "bytes=" + report.bytes);
                return;
            }
            boolean complete = piece.last() && report.buckets.isEmpty();
            if (complete) {
                finish(hostId, report);
            }
            connection.send(new ToAgent.SnapshotsStored(piece.report(), piece.number(), complete));
            if (piece.last() && !complete) {
                ask(report);
            }
        });
    }

    private static void store(SnapshotDao dao, HostId hostId, Report report, SnapshotsPiece piece) {
        var repository = report.offer.repositoryId();
        for (var snapshot : piece.added()) {
            if (SnapshotChecksums.isId(snapshot.id())) {
                dao.add(hostId, repository, snapshot.id(), snapshot.time(), snapshot, report.generation())
                        .ifPresent(size -> report.changed(SnapshotChecksums.key(snapshot.id()), 1, size));
            }
        }
        for (var digits : piece.removed()) {
            if (digits.length() == SnapshotChecksums.KEY_DIGITS) {
                dao.remove(hostId, repository, digits, report.generation())
                        .ifPresent(size -> report.changed(SnapshotChecksums.key(digits), -1, -size));
            }
        }
    }

    private void finish(HostId hostId, Report report) {
        reports.remove(report.key());
        var offer = report.offer;
        var list = report.before
                .next(offer.takenAt(), report.total, report.bytes, report.checksums)
                .refreshed(offer.takenAt(), offer.whole());
        if (!list.checksums().equals(offer.checksums())) {
            log.warn("the reported snapshots are not those that were offered host={}", hostId);
        }
        warnIfGone(hostId, report.before.total(), report.total);
        db.change(tx -> finish(tx, hostId, offer.repositoryId(), list));
        tidy(hostId, offer.repositoryId(), list);
        changed.accept(hostId, offer.repositoryId());
    }

    private void finish(Handle tx, HostId hostId, RepositoryId repositoryId, SnapshotListRow list) {
        var dao = tx.attach(SnapshotDao.class);
        dao.store(hostId, repositoryId, list);
        jobs.nameSnapshots(tx, hostId, digits -> dao.idOf(hostId, repositoryId, digits));
    }

    private static void warnIfGone(HostId hostId, long before, long after) {
        if (before > 0 && after == 0) {
            log.warn("repository no longer contains snapshots of this host host={}", hostId);
        }
    }

    /** Runs a change; if it cannot be stored now, the agent offers its list again after it has reconnected. */
    private static void stored(AgentConnection connection, Runnable change) {
        try {
            change.run();
        } catch (StorageRefused e) {
            connection.requireReconnect();
        }
    }

    /**
     * Stores a whole list, as an older agent reports it. An older list never replaces a newer one: the order of reports
     * counts, not the host's clock.
     */
    public void reported(AgentConnection connection, ToServer.SnapshotsReport report) {
        var hostId = connection.hostId();
        reports.keySet().removeIf(key -> key.hostId().equals(hostId));
        db.change(tx -> {
            hosts.stored(tx, hostId, report.sequence());
            repositories.idOf(tx, hostId).ifPresent(repository -> replace(tx, hostId, repository, report));
        });
        db.read(handle -> repositories.idOf(handle, hostId)).ifPresent(id -> changed.accept(hostId, id));
        connection.send(new ToAgent.EventAck(report.sequence()));
    }

    /** Forgets the numbers of a host's reports, as another agent counts from 1. */
    public void forgetSequence(Handle tx, HostId hostId) {
        tx.attach(SnapshotDao.class).forgetSequence(hostId);
    }

    private void replace(Handle tx, HostId hostId, RepositoryId repository, ToServer.SnapshotsReport report) {
        var dao = tx.attach(SnapshotDao.class);
        var before = dao.find(hostId, repository);
        if (before.filter(known -> isOlder(report, known)).isPresent()) {
            return;
        }
        var list = before.orElse(SnapshotListRow.NEVER);
        dao.undoRemovals(hostId, repository, list.generation());
        dao.deleteHidden(hostId, repository, list.generation(), Integer.MAX_VALUE);
        var fresh = new HashMap<String, Snapshot>();
        report.snapshots().stream()
                .filter(snapshot -> SnapshotChecksums.isId(snapshot.id()))
                .forEach(snapshot -> fresh.put(snapshot.id(), snapshot));
        var next = new SnapshotChecksums();
        fresh.keySet().forEach(id -> next.toggle(SnapshotChecksums.key(id)));
        long total = fresh.size();
        var gone = new ArrayList<String>();
        dao.ids(hostId, repository, list.generation(), id -> {
            if (fresh.remove(id) == null) {
                gone.add(id);
            }
        });
        long generation = list.generation() + 1;
        long bytes = list.bytes();
        for (var id : gone) {
            bytes -= dao.remove(hostId, repository, id, generation).orElse(0L);
        }
        for (var snapshot : fresh.values()) {
            bytes += dao.add(hostId, repository, snapshot.id(), snapshot.time(), snapshot, generation)
                    .orElse(0L);
        }
        warnIfGone(hostId, list.total(), total);
        finish(
                tx,
                hostId,
                repository,
                list.next(report.takenAt(), total, bytes, next).after(report.sequence()));
    }

    private static boolean isOlder(ToServer.SnapshotsReport report, SnapshotListRow known) {
        return known.resultSequence()
                .map(sequence -> sequence >= report.sequence())
                .orElseGet(() -> known.refreshedAt().isAfter(report.takenAt()));
    }
}
