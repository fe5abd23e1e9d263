package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Pause;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.host.HostName;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.Pauses;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What an agent needs to open its repository, and whether its host is paused. Sent at every hello and after every change. */
public final class HostConfigs {

    private final Database db;
    private final Hosts hosts;
    private final Pauses pauses;
    private final Repositories repositories;
    private final RepositoryCatalog catalog;
    private final TestedChanges tested;
    private final Divergences divergences;
    private final RepositoryContents contents;
    private final RepositoryChanges changes;
    private final RepositoryProber prober;
    private final Agents agents;
    private final Audit audit;

    public HostConfigs(
            Database db,
            Hosts hosts,
            Pauses pauses,
            Repositories repositories,
            RepositoryCatalog catalog,
            TestedChanges tested,
            Divergences divergences,
            RepositoryContents contents,
            RepositoryChanges changes,
            RepositoryProber prober,
            Agents agents,
            Audit audit) {
        this.db = db;
        this.hosts = hosts;
        this.pauses = pauses;
        this.repositories = repositories;
        this.catalog = catalog;
        this.tested = tested;
        this.divergences = divergences;
        this.contents = contents;
        this.changes = changes;
        this.prober = prober;
        this.agents = agents;
        this.audit = audit;
    }

    /**
     * Sends a newly connected agent its credentials, if there are any. Sends none to an agent that may know more than
     * this database.
     */
    public synchronized void onHello(AgentConnection connection) {
        find(connection.hostId()).ifPresent(connection::send);
    }

    /**
     * Sends a host its credentials, if it is connected and there are any. One at a time, so that none is sent after a newer
     * one.
     */
    public synchronized void push(HostId hostId) {
        find(hostId).ifPresent(config -> agents.send(hostId, config));
    }

    /** When a changed repository applies. */
    public enum When {
        /** Once the host's agent has opened it; until then, the present one stays in use. */
        OPENED,
        /** At once, without a test. */
        NOW
    }

    /**
     * Changes a host's name or repository; what is absent stays. A later change replaces one that is pending.
     *
     * @throws Problem 404, 400, or 409 {@code rotation_pending} or {@code change_pending}
     */
    public void change(
            Actor actor, HostId hostId, Optional<String> name, Optional<RepositoryBody> repository, When when) {
        var newName = name.map(text -> Requests.valid("name", "invalid_name", HostName::new, text));
        var newRepository = repository.map(RepositoryBody::checked);
        db.change(tx -> {
            hosts.get(tx, hostId);
            newName.ifPresent(wanted -> hosts.rename(tx, actor, hostId, wanted));
            newRepository.ifPresent(make -> {
                var present = repositories.find(tx, hostId);
                var wanted =
                        make.apply(repositories.password(tx, repository.get().url(), present));
                Repositories.find(tx, RepositoryLocation.of(wanted.url(), hostId))
                        .ifPresent(id -> KeyRotations.refuseWhilePending(tx, id));
                if (when == When.NOW || present.equals(Optional.of(wanted))) {
                    tested.assign(tx, actor, hostId, wanted);
                } else {
                    tested.propose(tx, actor, hostId, wanted, Optional.empty());
                }
            });
        });
        if (repository.isPresent()) {
            push(hostId);
            prober.freed(hostId);
        }
    }

    /**
     * Changes a repository for all its hosts; what is absent stays. Access changes once a host has opened it, or at once if
     * no host uses it.
     *
     * @throws Problem 404, 400, or 409 {@code repository_exists} or {@code change_pending}
     */
    public void change(Actor actor, RepositoryId id, RepositoryRequest request, When when) {
        request.checkDescription();
        var wanted = request.changesAccess() ? Optional.of(catalog.changed(id, request)) : Optional.<Repository>empty();
        var probing = db.<Optional<HostId>>write(tx -> {
            catalog.describe(tx, actor, id, request);
            if (wanted.isEmpty()) {
                return Optional.empty();
            }
            KeyRotations.refuseWhilePending(tx, id);
            changes.find(tx, id).ifPresent(earlier -> changes.remove(tx, earlier.hostId()));
            var users = repositories.hosts(tx, id);
            if (when == When.NOW || users.isEmpty()) {
                catalog.apply(tx, actor, id, wanted.get());
                return Optional.empty();
            }
            var host = prober(tx, users);
            tested.propose(tx, actor, host, wanted.get(), Optional.of(id));
            return Optional.of(host);
        });
        if (probing.isPresent()) {
            prober.freed(probing.get());
        } else {
            pushAll(id);
            prober.freedAt(id);
        }
    }

    /**
     * Has a host open a repository as it is, with the credentials that this host uses.
     *
     * @param wanted one of the repository's hosts; absent for any
     * @return the job that does; the one that tries changed access if a change is pending
     * @throws Problem 404, 400 {@code unknown_host}, or 409 {@code repository_unused} or {@code change_pending}
     */
    public JobId test(Actor actor, RepositoryId id, Optional<HostId> wanted) {
        var pending = db.write(tx -> {
            repositories.get(tx, id);
            var earlier =
                    changes.find(tx, id).filter(change -> change.repositoryId().isPresent());
            var users = repositories.hosts(tx, id);
            if (users.isEmpty()) {
                throw Problem.conflict(
                        "repository_unused", "no host uses this repository, so that none can open it; add it to one");
            }
            if (earlier.isPresent() && !earlier.get().test()) {
                return earlier.get();
            }
            earlier.ifPresent(before -> changes.remove(tx, before.hostId()));
            wanted.filter(hostId -> !users.contains(hostId)).ifPresent(hostId -> {
                throw Problem.invalid(List.of(new Violation(
                        "host_id", "unknown_host", "host_id must be the id of a host that uses the repository")));
            });
            var host = prober(tx, wanted.map(List::of).orElse(users));
            var present =
                    repositories.pick(tx, host, Optional.of(id)).flatMap(used -> repositories.open(tx, host, used));
            var opened = present.orElseGet(() -> catalog.open(tx, id));
            return tested.test(tx, actor, host, opened, id);
        });
        prober.freed(pending.hostId());
        return pending.jobId();
    }

    /**
     * Has a host use a repository, or changes the order of its repositories. Credentials of its own apply once it has opened
     * the repository with them, if jobs would use them from then on.
     *
     * @param position from 1; absent: where it is, else the last
     * @param own absent: the host uses those of the repository
     * @return the job that tries the credentials; empty if everything applies
     * @throws Problem 404, 400, or 409
     */
    public Optional<JobId> use(
            Actor actor,
            HostId hostId,
            RepositoryId id,
            Optional<Integer> position,
            Optional<RepositoryBody.Credentials> own,
            When when) {
        var pending = db.<Optional<JobId>>write(tx -> {
            catalog.refuseUse(tx, hostId, id);
            var used = repositories.pick(tx, hostId, Optional.of(id));
            var wanted = own.map(given -> catalog.opened(tx, used, id, given));
            own.ifPresent(given -> KeyRotations.refuseWhilePending(tx, id));
            boolean matters = used.isPresent()
                    || position.equals(Optional.of(1))
                            && repositories.first(tx, hostId).isPresent();
            boolean changed = !wanted.equals(used.flatMap(present -> repositories.open(tx, hostId, present)));
            if (wanted.isPresent() && matters && changed && when == When.OPENED) {
                return Optional.of(tested.proposeUse(tx, actor, hostId, wanted.get(), id, position)
                        .jobId());
            }
            changes.removeUse(tx, hostId, id);
            catalog.use(tx, actor, hostId, id, position, wanted);
            return Optional.empty();
        });
        if (pending.isEmpty()) {
            pushAll(id); // another host may look after it now
        }
        prober.freed(hostId);
        return pending;
    }

    /** The host that tries a change: one that is connected, if there is one. */
    private HostId prober(Handle tx, List<HostId> users) {
        var free = users.stream()
                .filter(hostId -> changes.find(tx, hostId).isEmpty())
                .toList();
        return free.stream()
                .filter(agents::connected)
                .findFirst()
                .or(() -> free.stream().findFirst())
                .orElseThrow(() -> Problem.conflict(
                        "change_pending",
                        "a change of the repository is pending on every host that could try this one; discard one"));
    }

    /**
     * Applies a host's pending change without a test.
     *
     * @throws Problem 404 if none is pending, or 409
     */
    public void applyPending(Actor actor, HostId hostId) {
        db.change(tx -> tested.applyPending(tx, actor, hostId));
        pushSharing(hostId);
        prober.freed(hostId);
    }

    /** Discards a host's pending change, if there is one. */
    public void discardPending(Actor actor, HostId hostId) {
        db.change(tx -> changes.find(tx, hostId).ifPresent(change -> {
            changes.remove(tx, hostId);
            audit.record(tx, actor, "host.repository_discard", hostId, hostId, Map.of("repository", change.url()));
        }));
        prober.freed(hostId);
    }

    /** Sends their credentials to all connected hosts that use a repository of this host. */
    public void pushSharing(HostId hostId) {
        db.read(handle -> repositories.all(handle, hostId)).forEach(used -> pushAll(used.id()));
    }

    /** Sends their credentials to all connected hosts of a repository. */
    public void pushAll(RepositoryId id) {
        db.read(handle -> repositories.hosts(handle, id)).forEach(this::push);
    }

    /** The last change of a host's repository that applies; empty if there is none of this time or later. */
    public Optional<Applied> lastChange(HostId hostId, Instant since) {
        return audit.newest(hostId, TestedChanges.CHANGED, since).map(entry -> new Applied(entry.at(), entry.actor()));
    }

    /**
     * A change that applies.
     *
     * @param by user name, with the name of the API token if one was used
     */
    public record Applied(Instant at, String by) {}

    /** @throws Problem 404 */
    public void delete(Actor actor, HostId hostId) {
        var used = db.read(handle -> repositories.all(handle, hostId));
        hosts.delete(actor, hostId);
        used.forEach(repository -> {
            pushAll(repository.id()); // another host may look after it now
            prober.freedAt(repository.id()); // jobs no longer wait for this host
        });
    }

    /** Reads credentials and id in one transaction: an agent checks the repository of a job by the id. */
    private Optional<ToAgent.ConfigUpdate> find(HostId hostId) {
        return hosts.find(hostId)
                .flatMap(host -> db.read(handle -> handle.inTransaction(
                        tx -> divergences.waitsSince(tx, hostId).isPresent()
                                ? Optional.empty()
                                : config(host.hostname(), opened(tx, hostId), pauses.find(tx, hostId)))));
    }

    private List<ToAgent.HostRepository> opened(Handle tx, HostId hostId) {
        return repositories.all(tx, hostId).stream()
                .flatMap(used -> repositories.open(tx, hostId, used).stream()
                        .map(repository -> new ToAgent.HostRepository(
                                used.id(),
                                repository,
                                contents.isKnown(tx, used.id()),
                                repositories.keeper(tx, used.id()).equals(Optional.of(hostId)))))
                .toList();
    }

    private static Optional<ToAgent.ConfigUpdate> config(
            String hostname, List<ToAgent.HostRepository> opened, Optional<Pause> pause) {
        return opened.stream()
                .findFirst()
                .map(first -> new ToAgent.ConfigUpdate(
                        hostname,
                        first.repository(),
                        first.known(),
                        Optional.of(first.repositoryId()),
                        Optional.of(opened),
                        pause));
    }
}
