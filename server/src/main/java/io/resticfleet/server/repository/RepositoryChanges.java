package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.secret.Secrets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes of hosts' repositories that apply once the host's agent has opened the new one; at most one for each host. Until
 * then, the present repository stays in use.
 */
public final class RepositoryChanges {

    private static final Logger log = LoggerFactory.getLogger(RepositoryChanges.class);

    /**
     * A change that has not been applied.
     *
     * @param jobId of the probe
     * @param url of the new repository, without credentials
     * @param requestedBy user name
     * @param repositoryId the repository that changes for all its hosts; absent if this host changes to another
     * @param usedId the repository that this host opens with credentials of its own once this applies; absent if it is
     *     another change
     * @param usedPosition of that repository, from 1; absent: where it is then, else the last
     * @param test whether it changes nothing: the host opens the repository as it does now
     */
    public record Pending(
            HostId hostId,
            JobId jobId,
            String url,
            String requestedBy,
            Instant requestedAt,
            Optional<RepositoryId> repositoryId,
            Optional<RepositoryId> usedId,
            Optional<Integer> usedPosition,
            boolean test) {

        /** As a change for this host only, which opens a repository with credentials of its own. */
        Pending asUse(RepositoryId id, Optional<Integer> position) {
            return new Pending(
                    hostId, jobId, url, requestedBy, requestedAt, Optional.empty(), Optional.of(id), position, false);
        }

        Pending asTest() {
            return new Pending(hostId, jobId, url, requestedBy, requestedAt, repositoryId, usedId, usedPosition, true);
        }
    }

    private final Database db;
    private final Secrets secrets;

    public RepositoryChanges(Database db, Secrets secrets) {
        this.db = db;
        this.secrets = secrets;
    }

    public Optional<Pending> find(HostId hostId) {
        return db.read(handle -> find(handle, hostId));
    }

    /** The change of a repository for all its hosts. */
    public Optional<Pending> find(RepositoryId id) {
        return db.read(handle -> find(handle, id));
    }

    /** The change of a repository for all its hosts. */
    Optional<Pending> find(Handle handle, RepositoryId id) {
        return handle.attach(RepositoryChangeDao.class).ofRepository(id);
    }

    /** The credentials of its own that a host tries for a repository, else the change of it for all its hosts. */
    Optional<Pending> find(Handle handle, RepositoryId id, HostId hostId) {
        return find(handle, hostId)
                .filter(change -> change.usedId().equals(Optional.of(id)))
                .or(() -> find(handle, id));
    }

    /** The changes of all hosts. */
    List<Pending> all(Handle handle) {
        return handle.attach(RepositoryChangeDao.class).all();
    }

    /** As {@link #find(HostId)}. */
    public Optional<Pending> find(Handle handle, HostId hostId) {
        return handle.attach(RepositoryChangeDao.class).find(hostId);
    }

    /** The repository that a probe is to try; empty if its change was applied, discarded or replaced, or cannot be read. */
    public Optional<Repository> candidate(Handle handle, HostId hostId, JobId probe) {
        try {
            return find(handle, hostId)
                    .filter(change -> change.jobId().equals(probe))
                    .flatMap(change -> secrets.find(handle, owner(hostId), Repository.class));
        } catch (IllegalStateException e) {
            log.error("a changed repository cannot be read, discard it host={}: {}", hostId, e.getMessage());
            return Optional.empty();
        }
    }

    /** Replaces an earlier change of the host. */
    void put(Handle tx, Pending change, Repository wanted) {
        tx.attach(RepositoryChangeDao.class).put(change);
        secrets.put(tx, owner(change.hostId()), wanted);
    }

    /** Discards what hosts try to open this repository with, as it has moved. */
    void removeUses(Handle tx, RepositoryId id) {
        tx.attach(RepositoryChangeDao.class).deleteUses(id);
    }

    /** Discards what a host tries to open this repository with. */
    void removeUse(Handle tx, HostId hostId, RepositoryId id) {
        tx.attach(RepositoryChangeDao.class).deleteUse(hostId, id);
    }

    void remove(Handle tx, HostId hostId) {
        tx.attach(RepositoryChangeDao.class).delete(hostId);
    }

    private static String owner(HostId hostId) {
        return "repository_changes/" + hostId;
    }
}
