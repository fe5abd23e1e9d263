package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.secret.Secrets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repositories, and the credentials with which each host opens its own.
 *
 * <p>One canonical location is one repository, however hosts spell it; the same directory on two hosts is two
 * repositories. A repository is added with the first host that uses it, and stays after the last, as its snapshots
 * still exist.
 */
public final class Repositories {

    private static final Logger log = LoggerFactory.getLogger(Repositories.class);

    private final Database db;
    private final Secrets secrets;
    private final InstantSource clock;

    public Repositories(Database db, Secrets secrets, InstantSource clock) {
        this.db = db;
        this.secrets = secrets;
        this.clock = clock;
    }

    /** As {@link #find(Handle, HostId)}. */
    public Optional<Repository> find(HostId hostId) {
        return db.read(handle -> find(handle, hostId));
    }

    /** URL and credentials of a host's repository; empty if it has none, or none that can be read, so that it can be set. */
    public Optional<Repository> find(Handle handle, HostId hostId) {
        try {
            return secrets.find(handle, owner(hostId), Repository.class);
        } catch (IllegalStateException e) {
            log.error("the repository of a host cannot be read, set it again host={}: {}", hostId, e.getMessage());
            return Optional.empty();
        }
    }

    /** The repository of a host, without credentials; empty if it has none. */
    public Optional<HostRepository> ofHost(Handle handle, HostId hostId) {
        return handle.attach(RepositoryDao.class).ofHost(hostId);
    }

    /** Id of a host's repository; empty if it has none. */
    public Optional<RepositoryId> idOf(Handle handle, HostId hostId) {
        return ofHost(handle, hostId).map(HostRepository::id);
    }

    /** URL of a host's repository, in the host's spelling; empty if it has none. */
    public Optional<String> url(HostId hostId) {
        return db.read(handle -> ofHost(handle, hostId)).map(HostRepository::url);
    }

    /** URLs of all hosts' repositories, by host id. */
    public Map<HostId, String> urls() {
        return db.read(handle -> handle.attach(RepositoryDao.class).urls());
    }

    /** Ids of the hosts that use a repository, in the order of their enrolment. */
    public List<HostId> hosts(Handle handle, RepositoryId id) {
        return handle.attach(RepositoryDao.class).hosts(id);
    }

    /** Ids of the other hosts that use the same repository as this one. */
    public List<HostId> sharing(HostId hostId) {
        return db.read(handle -> idOf(handle, hostId).stream()
                .flatMap(id -> hosts(handle, id).stream())
                .filter(id -> !id.equals(hostId))
                .toList());
    }

    /** Ids of the hosts that use the repository that a new host with this URL would use. */
    public List<HostId> hostsAt(RepositoryUrl url) {
        return db.read(handle -> RepositoryLocation.onNetwork(url)
                .flatMap(location -> find(handle, location))
                .map(id -> hosts(handle, id))
                .orElse(List.of()));
    }

    /**
     * Sets or replaces a host's repository; a change that is pending is discarded.
     *
     * @return the repository's id; a new one if the location is new
     */
    public RepositoryId assign(Handle tx, HostId hostId, Repository repository) {
        var dao = tx.attach(RepositoryDao.class);
        var now = clock.instant();
        var location = RepositoryLocation.of(repository.url(), hostId);
        var id = find(tx, location).orElseGet(() -> {
            var newId = new RepositoryId(db.newId());
            dao.insert(newId, location.value(), location.hostId(), now);
            return newId;
        });
        dao.assign(hostId, id, repository.url().value(), now);
        tx.attach(RepositoryChangeDao.class).delete(hostId);
        secrets.put(tx, owner(hostId), repository);
        return id;
    }

    /**
     * Rewrites URLs that an earlier version stored in another spelling. Repositories that turn out to be one become one,
     * with one queue.
     */
    public void unifySpellings() {
        var respelled = urls().entrySet().stream()
                .filter(host -> !canonical(host.getValue()).equals(host.getValue()))
                .toList();
        var moved = db.read(handle -> handle.attach(RepositoryDao.class).all()).stream()
                .filter(stored -> !location(stored).value().equals(stored.location()))
                .toList();
        if (respelled.isEmpty() && moved.isEmpty()) {
            return;
        }
        db.change(tx -> {
            var dao = tx.attach(RepositoryDao.class);
            respelled.forEach(host -> {
                var url = canonical(host.getValue());
                dao.respell(host.getKey(), url);
                log.warn("a repository's URL, stored by an earlier version, is now {} host={}", url, host.getKey());
            });
            moved.forEach(stored -> move(tx, dao, stored));
        });
    }

    private static void move(Handle tx, RepositoryDao dao, RepositoryDao.Stored stored) {
        var location = location(stored);
        var same = find(tx, location);
        if (same.isEmpty()) {
            dao.move(stored.id(), location.value());
            return;
        }
        dao.moveHosts(stored.id(), same.get());
        dao.moveJobs(stored.id(), same.get());
        moveSnapshots(dao, stored.id(), same.get());
        dao.delete(stored.id());
    }

    /** Of the two lists of a host that has used both, the newer one remains. */
    private static void moveSnapshots(RepositoryDao dao, RepositoryId from, RepositoryId to) {
        dao.deleteOlderLists(from, to);
        dao.deleteOlderLists(to, from);
        dao.deleteUnlisted(from, to);
        dao.deleteUnlisted(to, from);
        dao.moveLists(from, to);
        dao.moveSnapshots(from, to);
    }

    private static RepositoryLocation location(RepositoryDao.Stored stored) {
        return RepositoryLocation.stored(canonical(stored.location()), stored.hostId());
    }

    /** The URL itself if restic cannot use it, or would run a program for it. */
    private static String canonical(String url) {
        try {
            return new RepositoryUrl(url).value();
        } catch (IllegalArgumentException e) {
            return url;
        }
    }

    private static Optional<RepositoryId> find(Handle handle, RepositoryLocation location) {
        return handle.attach(RepositoryDao.class).find(location.value(), location.hostId());
    }

    private static String owner(HostId hostId) {
        return "host_credentials/" + hostId;
    }
}
