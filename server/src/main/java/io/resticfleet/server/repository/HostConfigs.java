package io.resticfleet.server.repository;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.host.HostName;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What an agent needs to open its repository. Sent at every hello and after every change. */
public final class HostConfigs {

    /** The audit log's action for a change that applies. */
    private static final String CHANGED = "host.repository";

    private final Database db;
    private final Hosts hosts;
    private final Repositories repositories;
    private final RepositoryCatalog catalog;
    private final RepositoryFindings findings;
    private final Divergences divergences;
    private final RepositoryContents contents;
    private final RepositoryChanges changes;
    private final RepositoryProber prober;
    private final Agents agents;
    private final Audit audit;
    private final InstantSource clock;

    public HostConfigs(
            Database db,
            Hosts hosts,
            Repositories repositories,
            RepositoryCatalog catalog,
            RepositoryFindings findings,
            Divergences divergences,
            RepositoryContents contents,
            RepositoryChanges changes,
            RepositoryProber prober,
            Agents agents,
            Audit audit,
            InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.repositories = repositories;
        this.catalog = catalog;
        this.findings = findings;
        this.divergences = divergences;
        this.contents = contents;
        this.changes = changes;
        this.prober = prober;
        this.agents = agents;
        this.audit = audit;
        this.clock = clock;
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
     * @throws Problem 404, or 400
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
                    apply(tx, actor, hostId, wanted);
                } else {
                    propose(tx, actor, hostId, wanted, Optional.empty());
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
        request.checkName();
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
            propose(tx, actor, host, wanted.get(), Optional.of(id));
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
            var tested = present.orElseGet(() -> catalog.open(tx, id));
            var test = propose(tx, actor, host, tested, Optional.of(id)).asTest();
            changes.put(tx, test, tested);
            return test;
        });
        prober.freed(pending.hostId());
        return pending.jobId();
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
     * @throws Problem 404 if none is pending
     */
    public void applyPending(Actor actor, HostId hostId) {
        db.change(tx -> apply(tx, actor, changes.find(tx, hostId).orElseThrow(), pending(tx, hostId)));
        push(hostId);
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

    /**
     * Applies the pending change that this probe has tried, if it was successful; the caller pushes it after the commit. Of a
     * test, records what it has found.
     */
    public void probed(Handle tx, HostId hostId, ToServer.JobFinished probe) {
        changes.candidate(tx, hostId, probe.jobId()).ifPresent(wanted -> {
            var change = changes.find(tx, hostId).orElseThrow();
            change.repositoryId().filter(id -> change.test()).ifPresent(id -> findings.record(tx, report(id, probe)));
            if (probe.status() == JobStatus.SUCCEEDED) {
                apply(tx, Actor.local(change.requestedBy()), change, wanted);
            }
        });
    }

    private RepositoryReport report(RepositoryId id, ToServer.JobFinished probe) {
        return new RepositoryReport(
                id,
                probe.kind(),
                probe.status(),
                probe.errorCode().map(ErrorCode.Reported::code),
                probe.error(),
                Optional.of(probe.stats()),
                Optional.empty(),
                clock.instant());
    }

    private void apply(Handle tx, Actor actor, RepositoryChanges.Pending change, Repository wanted) {
        if (change.test()) {
            changes.remove(tx, change.hostId());
        } else if (change.repositoryId().isPresent()) {
            catalog.apply(tx, actor, change.repositoryId().get(), wanted);
            changes.remove(tx, change.hostId());
        } else {
            apply(tx, actor, change.hostId(), wanted);
        }
    }

    /** Sends their credentials to all connected hosts that use a repository of this host. */
    public void pushSharing(HostId hostId) {
        db.read(handle -> repositories.all(handle, hostId)).forEach(used -> pushAll(used.id()));
    }

    /** Sends their credentials to all connected hosts of a repository. */
    public void pushAll(RepositoryId id) {
        db.read(handle -> repositories.hosts(handle, id)).forEach(this::push);
    }

    private Repository pending(Handle tx, HostId hostId) {
        return changes.find(tx, hostId)
                .flatMap(change -> changes.candidate(tx, hostId, change.jobId()))
                .orElseThrow(() -> Problem.notFound("a pending change of the repository of host " + hostId));
    }

    private RepositoryChanges.Pending propose(
            Handle tx, Actor actor, HostId hostId, Repository wanted, Optional<RepositoryId> repositoryId) {
        var job = prober.probe(tx, actor, hostId, wanted.url());
        var change = new RepositoryChanges.Pending(
                hostId, job, wanted.url().value(), actor.name(), clock.instant(), repositoryId, false);
        changes.put(tx, change, wanted);
        return change;
    }

    private void apply(Handle tx, Actor actor, HostId hostId, Repository wanted) {
        repositories.assign(tx, hostId, wanted);
        audit.record(
                tx,
                actor,
                CHANGED,
                hostId,
                hostId,
                Map.of("repository", wanted.url().value()));
    }

    /** The last change of a host's repository that applies; empty if there is none of this time or later. */
    public Optional<Applied> lastChange(HostId hostId, Instant since) {
        return audit.newest(hostId, CHANGED, since).map(entry -> new Applied(entry.at(), entry.actor()));
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
                                : config(host.hostname(), opened(tx, hostId)))));
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

    private static Optional<ToAgent.ConfigUpdate> config(String hostname, List<ToAgent.HostRepository> opened) {
        return opened.stream()
                .findFirst()
                .map(first -> new ToAgent.ConfigUpdate(
                        hostname,
                        first.repository(),
                        first.known(),
                        Optional.of(first.repositoryId()),
                        Optional.of(opened)));
    }
}
