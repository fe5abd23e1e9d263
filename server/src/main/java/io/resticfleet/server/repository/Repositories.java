package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.secret.Secrets;
import io.resticfleet.server.web.Problem;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Repositories, and the hosts that use them.
 *
 * <p>One canonical location is one repository, however hosts spell it; the same directory on two hosts is two
 * repositories. A repository stays after the last host that used it, as its snapshots still exist.
 */
public final class Repositories {

    private final Database db;
    private final RepositoryCredentials credentials;
    private final InstantSource clock;

    public Repositories(Database db, Secrets secrets, InstantSource clock) {
        this.db = db;
        this.credentials = new RepositoryCredentials(secrets);
        this.clock = clock;
    }

    /** Rewrites what an earlier version stored. Called at start, before agents connect. */
    public void upgrade() {
        new RepositoryUpgrade(db, credentials).run();
    }

    RepositoryCredentials credentials() {
        return credentials;
    }

    /** As {@link #find(Handle, HostId)}. */
    public Optional<Repository> find(HostId hostId) {
        return db.read(handle -> find(handle, hostId));
    }

    /**
     * URL and credentials of a host's first repository; empty if it has none, or none that can be read, so that it can be
     * set.
     */
    public Optional<Repository> find(Handle handle, HostId hostId) {
        return first(handle, hostId).flatMap(used -> credentials.of(handle, hostId, used));
    }

    /** URL and credentials with which a host opens one of its repositories; empty if there are none that can be read. */
    public Optional<Repository> open(Handle handle, HostId hostId, HostRepository used) {
        return credentials.of(handle, hostId, used);
    }

    /** The repositories of a host, without credentials, the default first. */
    public List<HostRepository> all(Handle handle, HostId hostId) {
        return handle.attach(RepositoryDao.class).ofHost(hostId);
    }

    /** The first repository of a host, without credentials; empty if it has none. */
    public Optional<HostRepository> first(Handle handle, HostId hostId) {
        return all(handle, hostId).stream().findFirst();
    }

    /** The repository that a job of a host uses: the one that its schedule names, else the first. */
    public Optional<HostRepository> pick(Handle handle, HostId hostId, Optional<RepositoryId> named) {
        return all(handle, hostId).stream()
                .filter(used -> named.isEmpty() || named.get().equals(used.id()))
                .findFirst();
    }

    /** Id of a host's first repository; empty if it has none. */
    public Optional<RepositoryId> idOf(Handle handle, HostId hostId) {
        return first(handle, hostId).map(HostRepository::id);
    }

    /** URL of a host's first repository, in the host's spelling; empty if it has none. */
    public Optional<String> url(HostId hostId) {
        return db.read(handle -> first(handle, hostId)).map(HostRepository::url);
    }

    /** URLs of all hosts' first repositories, by host id. */
    public Map<HostId, String> urls() {
        return db.read(handle -> handle.attach(RepositoryDao.class).urls());
    }

    /** A repository, without credentials. */
    public Optional<RepositoryRow> find(Handle handle, RepositoryId id) {
        return handle.attach(RepositoryDao.class).get(id);
    }

    /** As {@link #find(Handle, RepositoryId)}. */
    public Optional<RepositoryRow> find(RepositoryId id) {
        return db.read(handle -> find(handle, id));
    }

    /** As {@link #at(Handle, RepositoryUrl)}. */
    public Optional<RepositoryRow> at(RepositoryUrl url) {
        return db.read(handle -> at(handle, url));
    }

    /** Whether a host uses a repository. */
    public boolean isUsed(RepositoryRow row) {
        return !db.read(handle -> hosts(handle, row.id())).isEmpty();
    }

    /** With which the maintainer removes from a repository; empty if as all its hosts open it. */
    public Optional<Repository> maintainer(Handle handle, RepositoryId id) {
        return credentials.maintainer(handle, id);
    }

    /** As {@link #maintainer(Handle, RepositoryId)}. */
    public Optional<Repository> maintainer(RepositoryId id) {
        return db.read(handle -> maintainer(handle, id));
    }

    /** As {@link #shared(Handle, RepositoryId)}. */
    public Optional<Repository> shared(RepositoryId id) {
        return db.read(handle -> shared(handle, id));
    }

    /** @throws Problem 404 */
    public RepositoryRow get(Handle handle, RepositoryId id) {
        return find(handle, id).orElseThrow(() -> Problem.notFound("repository " + id));
    }

    /** Ids of the hosts that use a repository, in the order of their enrolment. */
    public List<HostId> hosts(Handle handle, RepositoryId id) {
        return handle.attach(RepositoryDao.class).hosts(id);
    }

    /** The host that does what concerns the whole repository: its maintainer, else its first host; empty if none uses it. */
    public Optional<HostId> keeper(Handle handle, RepositoryId id) {
        return find(handle, id)
                .flatMap(RepositoryRow::maintainerHostId)
                .or(() -> hosts(handle, id).stream().findFirst());
    }

    /** Ids of the other hosts that use the same repository as this one. */
    public List<HostId> sharing(HostId hostId) {
        return db.read(handle -> idOf(handle, hostId).stream()
                .flatMap(id -> hosts(handle, id).stream())
                .filter(id -> !id.equals(hostId))
                .toList());
    }

    /** The repository that a new host with this URL would use; empty for a directory, and for a new location. */
    public Optional<RepositoryRow> at(Handle handle, RepositoryUrl url) {
        return RepositoryLocation.onNetwork(url)
                .flatMap(location -> find(handle, location))
                .flatMap(id -> find(handle, id));
    }

    /**
     * The repository password for a request without one: of the repository at this location, else of the host's present one;
     * the empty text if there is neither.
     */
    String password(Handle handle, String url, Optional<Repository> present) {
        return at(handle, new RepositoryUrl(url))
                .flatMap(row -> credentials.shared(handle, row.id()))
                .or(() -> present)
                .map(Repository::repoPassword)
                .orElse("");
    }

    static Optional<RepositoryId> find(Handle handle, RepositoryLocation location) {
        return handle.attach(RepositoryDao.class).find(location.value(), location.hostId());
    }

    /**
     * Sets or replaces a host's first repository; a change that is pending is discarded. The one before stays the host's,
     * after it, if a schedule names it or the host is its maintainer.
     *
     * @return the repository's id; a new one if the location is new
     */
    public RepositoryId assign(Handle tx, HostId hostId, Repository repository) {
        var dao = tx.attach(RepositoryDao.class);
        var location = RepositoryLocation.of(repository.url(), hostId);
        var id = find(tx, location).orElseGet(() -> add(tx, location.value(), repository.url(), location));
        var order = new ArrayList<>(all(tx, hostId));
        if (!order.isEmpty()
                && !order.get(0).id().equals(id)
                && !isNeeded(tx, hostId, order.get(0).id())) {
            leave(tx, hostId, order.remove(0).id());
        }
        order.removeIf(used -> used.id().equals(id));
        order.add(0, new HostRepository(id, repository.url().value()));
        put(tx, hostId, order);
        tx.attach(RepositoryChangeDao.class).delete(hostId);
        credentials.put(tx, hostId, id, repository, hosts(tx, id));
        return id;
    }

    /** Whether a schedule of a host names a repository, or the host removes from it what other hosts may not. */
    private boolean isNeeded(Handle tx, HostId hostId, RepositoryId id) {
        boolean maintains = get(tx, id).maintainerHostId().equals(Optional.of(hostId))
                && hosts(tx, id).size() > 1;
        return maintains
                || !tx.attach(RepositoryDao.class)
                        .schedulesUsing(hostId, id, Optional.empty())
                        .isEmpty();
    }

    /**
     * Has a host use the repositories that its agent has, in their order. One that this database does not know is added with
     * its id. None may be {@link #isOther}.
     */
    public void adopt(Handle tx, HostId hostId, List<ToAgent.HostRepository> held) {
        for (int i = 0; i < held.size(); i++) {
            var repository = held.get(i).repository();
            var location = RepositoryLocation.of(repository.url(), hostId);
            var id = held.get(i).repositoryId();
            if (find(tx, id).isEmpty() && find(tx, location).isEmpty()) {
                add(tx, id, location.value(), repository.url(), location);
            }
            find(tx, id).ifPresent(row -> {
                join(tx, hostId, row, position(tx, hostId, id).orElse(Integer.MAX_VALUE));
                open(tx, hostId, id, repository);
            });
        }
    }

    /** Whether this database knows the id of a repository that an agent has at another location, or its location by another id. */
    public boolean isOther(Handle handle, HostId hostId, ToAgent.HostRepository held) {
        var location = RepositoryLocation.of(held.repository().url(), hostId);
        return find(handle, location)
                .map(id -> !id.equals(held.repositoryId()))
                .orElseGet(() -> find(handle, held.repositoryId()).isPresent());
    }

    /** Where a repository is in a host's order, from 1; empty if the host does not use it. */
    Optional<Integer> position(Handle handle, HostId hostId, RepositoryId id) {
        int at = all(handle, hostId).stream().map(HostRepository::id).toList().indexOf(id);
        return at < 0 ? Optional.empty() : Optional.of(at + 1);
    }

    /** Adds a repository without credentials and hosts; its location must be new. */
    RepositoryId add(Handle tx, String name, RepositoryUrl url, RepositoryLocation location) {
        var id = new RepositoryId(db.newId());
        add(tx, id, name, url, location);
        return id;
    }

    private void add(Handle tx, RepositoryId id, String name, RepositoryUrl url, RepositoryLocation location) {
        tx.attach(RepositoryDao.class)
                .insert(id, name, url.value(), location.value(), location.hostId(), clock.instant());
    }

    /**
     * Adds a repository on the network that no host uses yet, or changes the access to such a one.
     *
     * @return its id
     */
    public RepositoryId prepare(Handle tx, Repository repository) {
        var location = RepositoryLocation.of(repository.url(), Optional.empty());
        var id = find(tx, location).orElseGet(() -> add(tx, location.value(), repository.url(), location));
        KeyRotations.refuseWhilePending(tx, id);
        credentials.putShared(tx, id, repository);
        return id;
    }

    /** Stores the credentials with which a host opens a repository, if they are not those of all its hosts. */
    public void open(Handle tx, HostId hostId, RepositoryId id, Repository repository) {
        credentials.put(tx, hostId, id, repository, hosts(tx, id));
    }

    /** With which all hosts of a repository open it that have no credentials of their own; empty if it cannot be read. */
    public Optional<Repository> shared(Handle handle, RepositoryId id) {
        return credentials.shared(handle, id);
    }

    /** Whether a host opens a repository with credentials of its own. */
    public boolean hasOwn(Handle handle, HostId hostId, RepositoryId id) {
        return credentials.own(handle, hostId, id).isPresent();
    }

    /**
     * Has a host use a repository, with the credentials that all its hosts use.
     *
     * @param position from 1; beyond the last: as the last
     */
    public void join(Handle tx, HostId hostId, RepositoryRow repository, int position) {
        var order = new ArrayList<>(all(tx, hostId));
        var used = order.stream()
                .filter(other -> other.id().equals(repository.id()))
                .findFirst()
                .orElseGet(() -> new HostRepository(repository.id(), repository.url()));
        order.remove(used);
        order.add(Math.min(position - 1, order.size()), used);
        put(tx, hostId, order);
    }

    /** Has a host no longer use a repository, nor be its maintainer. */
    void leave(Handle tx, HostId hostId, RepositoryId id) {
        var dao = tx.attach(RepositoryDao.class);
        dao.leave(hostId, id);
        get(tx, id)
                .maintainerHostId()
                .filter(hostId::equals)
                .ifPresent(maintainer -> dao.maintain(id, Optional.empty(), Optional.empty()));
        put(tx, hostId, all(tx, hostId));
    }

    private void put(Handle tx, HostId hostId, List<HostRepository> order) {
        var dao = tx.attach(RepositoryDao.class);
        for (int i = 0; i < order.size(); i++) {
            dao.use(hostId, order.get(i).id(), i + 1, order.get(i).url(), clock.instant());
        }
    }
}
