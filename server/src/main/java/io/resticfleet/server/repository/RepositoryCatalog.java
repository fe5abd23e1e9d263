package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.secret.Tokens;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Adds, changes and removes repositories, and says which host uses which. */
public final class RepositoryCatalog {

    /** How long a maintainer may be away before that needs attention. */
    private static final Duration MAINTAINER_AWAY = Duration.ofDays(7);

    private final Database db;
    private final Hosts hosts;
    private final Repositories repositories;
    private final RepositoryContents contents;
    private final RepositoryChanges changes;
    private final Audit audit;
    private final InstantSource clock;

    public RepositoryCatalog(
            Database db,
            Hosts hosts,
            Repositories repositories,
            RepositoryContents contents,
            RepositoryChanges changes,
            Audit audit,
            InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.repositories = repositories;
        this.contents = contents;
        this.changes = changes;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * All repositories, in the order of their creation.
     *
     * @throws Problem 400 {@code invalid_cursor}
     */
    public Page<RepositoryView> list(Page.Request page) {
        return db.read(handle -> handle.inTransaction(tx -> {
            var rows = tx.attach(RepositoryDao.class).list(page.cursor().orElse(""), page.limit() + 1);
            var part = Page.of(rows, page, row -> row.id().value());
            return new Page<>(
                    part.items().stream()
                            .map(row -> view(tx, row, changes.find(tx, row.id())))
                            .toList(),
                    part.nextCursor());
        }));
    }

    /**
     * Repositories that need attention: not to be opened, damaged, with a key that nobody expects, or without their
     * maintainer for long. At most {@code most}.
     */
    public List<RepositoryView> troubled(int most) {
        return db.read(handle ->
                handle.inTransaction(tx -> tx.attach(RepositoryDao.class).troubled(awayBefore(), most).stream()
                        .map(row -> view(tx, row, changes.find(tx, row.id())))
                        .toList()));
    }

    private Instant awayBefore() {
        return clock.instant().minus(MAINTAINER_AWAY);
    }

    /** @throws Problem 404 */
    public RepositoryView get(RepositoryId id) {
        return db.read(handle -> handle.inTransaction(tx -> view(tx, repositories.get(tx, id), changes.find(tx, id))));
    }

    /**
     * As {@link #get(RepositoryId)}, with what this host tries.
     *
     * @throws Problem 404
     */
    RepositoryView get(RepositoryId id, HostId hostId) {
        return db.read(
                handle -> handle.inTransaction(tx -> view(tx, repositories.get(tx, id), changes.find(tx, id, hostId))));
    }

    private RepositoryView view(Handle tx, RepositoryRow row, Optional<RepositoryChanges.Pending> change) {
        var users = repositories.hosts(tx, row.id()).stream()
                .map(hostId -> hosts.get(tx, hostId))
                .map(host -> new RepositoryView.User(host.id(), host.name()))
                .toList();
        return RepositoryView.of(
                row,
                users,
                row.maintainerHostId()
                        .flatMap(id -> hosts.get(tx, id).lastSeenAt())
                        .filter(awayBefore()::isAfter),
                contents.count(tx, row.id()),
                tx.attach(RepositoryFindingsDao.class).unexpectedKeys(row.id()),
                change.map(RepositoryChanges.Pending::jobId));
    }

    /**
     * Adds a repository, which no host uses yet.
     *
     * @throws Problem 400, or 409 {@code repository_exists}
     */
    public AddedRepository add(Actor actor, RepositoryRequest request) {
        request.checkDescription();
        var generated = Tokens.mint("");
        var repository = request.added(generated);
        var maintainer = request.maintainer().flatMap(RepositoryRequest.Maintainer::hostId);
        var location = RepositoryLocation.of(repository.url(), maintainer);
        var id = db.write(tx -> {
            refuseTaken(tx, location);
            var added = repositories.add(tx, request.name().orElse(location.value()), repository.url(), location);
            repositories.credentials().putShared(tx, added, repository);
            maintainer.ifPresent(hostId -> {
                hosts.find(hostId).orElseThrow(RepositoryRequest.Maintainer::unknownHost);
                repositories.join(tx, hostId, repositories.get(tx, added), Integer.MAX_VALUE);
            });
            request.maintainer().ifPresent(wanted -> maintain(tx, added, wanted, repository));
            request.expectations().store(tx, added, new HashMap<>());
            audit.record(
                    tx,
                    actor,
                    "repository.create",
                    added.value(),
                    Map.of("url", repository.url().value()));
            return added;
        });
        return new AddedRepository(id, request.repoPassword().isPresent() ? Optional.empty() : Optional.of(generated));
    }

    /** Renames a repository, or sets its maintainer or what is expected of it. */
    void describe(Handle tx, Actor actor, RepositoryId id, RepositoryRequest request) {
        request.name().ifPresent(name -> tx.attach(RepositoryDao.class).rename(id, name));
        request.maintainer().ifPresent(wanted -> maintain(tx, id, wanted, open(tx, id)));
        var detail = request.described();
        request.expectations().store(tx, id, detail);
        if (!detail.isEmpty()) {
            audit.record(tx, actor, "repository.update", id.value(), detail);
        }
    }

    /**
     * A repository with changed access. One whose credentials cannot be read needs all of them.
     *
     * @throws Problem 404, or 400
     */
    Repository changed(RepositoryId id, RepositoryRequest request) {
        var row = db.read(handle -> repositories.get(handle, id));
        return db.read(handle -> repositories.credentials().shared(handle, id))
                .map(request::changed)
                .orElseGet(() -> request.orAt(row.url()).added(""));
    }

    /**
     * A repository with the credentials of all its hosts.
     *
     * @throws Problem 409 {@code credentials_lost} if they cannot be read
     */
    Repository open(Handle tx, RepositoryId id) {
        return repositories
                .credentials()
                .shared(tx, id)
                .orElseThrow(() -> Problem.conflict(
                        "credentials_lost",
                        "the credentials of repository " + id + " cannot be read; set all of them"));
    }

    /**
     * A repository with credentials of one host.
     *
     * @param used in the host's spelling; absent if the host does not use it yet
     * @throws Problem 404, 400, or 409 {@code credentials_lost}
     */
    Repository opened(
            Handle tx, Optional<HostRepository> used, RepositoryId id, RepositoryBody.Credentials credentials) {
        var row = repositories.get(tx, id);
        var url = new RepositoryUrl(used.map(HostRepository::url).orElse(row.url()));
        return RepositoryRequest.otherwise("", open(tx, id), Optional.empty(), Optional.of(credentials))
                .at(url);
    }

    private void maintain(Handle tx, RepositoryId id, RepositoryRequest.Maintainer wanted, Repository everyday) {
        var host = wanted.hostId();
        host.filter(hostId -> !repositories.hosts(tx, id).contains(hostId)).ifPresent(hostId -> {
            throw RepositoryRequest.Maintainer.unknownHost();
        });
        host.map(hostId -> tx.attach(RepositoryDao.class).removingSchedules(id, hostId))
                .filter(others -> !others.isEmpty())
                .ifPresent(others -> {
                    throw Problem.conflict(
                            "schedules_of_others",
                            "only the maintainer may forget and prune, so that these schedules could not run any more: "
                                    + String.join(", ", others)
                                    + "; disable or delete them first. What backup schedules keep, the maintainer applies");
                });
        var opened = wanted.opened(everyday);
        tx.attach(RepositoryDao.class)
                .maintain(
                        id,
                        host,
                        wanted.url().flatMap(url -> opened.map(own -> own.url().value())));
        repositories.credentials().putMaintainer(tx, id, opened);
    }

    /**
     * Changes location or credentials for all hosts that have none of their own.
     *
     * @throws Problem 409 {@code repository_exists}
     */
    public void apply(Handle tx, Actor actor, RepositoryId id, Repository wanted) {
        var row = repositories.get(tx, id);
        var location = RepositoryLocation.of(wanted.url(), row.hostId());
        if (!location.value().equals(row.location())) {
            refuseTaken(tx, location);
        }
        if (!wanted.url().value().equals(row.url())) {
            changes.removeUses(tx, id);
            var dao = tx.attach(RepositoryDao.class);
            dao.move(id, wanted.url().value(), location.value(), location.hostId());
            for (var hostId : repositories.hosts(tx, id)) {
                dao.respell(hostId, id, wanted.url().value());
                repositories
                        .credentials()
                        .own(tx, hostId, id)
                        .ifPresent(own ->
                                repositories.credentials().putOwn(tx, hostId, id, Optional.of(own.at(wanted.url()))));
            }
        }
        repositories.credentials().putShared(tx, id, wanted);
        audit.record(
                tx,
                actor,
                "repository.access",
                id.value(),
                Map.of("url", wanted.url().value()));
    }

    /**
     * Removes a repository from this server; at its location nothing changes.
     *
     * @throws Problem 404, or 409 {@code repository_in_use}
     */
    public void delete(Actor actor, RepositoryId id) {
        db.change(tx -> {
            var row = repositories.get(tx, id);
            var users = repositories.hosts(tx, id);
            if (!users.isEmpty()) {
                throw Problem.conflict(
                        "repository_in_use",
                        users.size() + " hosts use repository " + row.name() + ", such as "
                                + hosts.get(tx, users.get(0)).name()
                                + "; have them use another one first");
            }
            tx.attach(RepositoryDao.class).delete(id);
            audit.record(tx, actor, "repository.delete", id.value(), Map.of("url", row.url()));
        });
    }

    /**
     * Has a host use a repository, with the credentials of all its hosts unless it has its own.
     *
     * @param position from 1; absent: where it is, else the last
     * @param own credentials of the host; absent for those of the repository
     * @throws Problem 404, or 409 {@code too_many_repositories}, or {@code repository_local} if it is a directory of another
     *     host
     */
    void use(
            Handle tx,
            Actor actor,
            HostId hostId,
            RepositoryId id,
            Optional<Integer> position,
            Optional<Repository> own) {
        refuseUse(tx, hostId, id);
        var row = claimed(tx, hostId, repositories.get(tx, id));
        int last = repositories.all(tx, hostId).size() + 1;
        repositories.join(
                tx,
                hostId,
                row,
                position.or(() -> repositories.position(tx, hostId, id)).orElse(last));
        repositories.credentials().putOwn(tx, hostId, id, own);
        audit.record(tx, actor, "host.repository_use", hostId, id, Map.of("repository", row.url()));
    }

    /** @throws Problem 404, or 409 if a host cannot use a repository */
    void refuseUse(Handle tx, HostId hostId, RepositoryId id) {
        var host = hosts.get(tx, hostId);
        var row = repositories.get(tx, id);
        if (row.hostId().filter(owner -> !owner.equals(hostId)).isPresent()) {
            throw Problem.conflict(
                    "repository_local",
                    "repository " + row.name() + " is a directory of another machine, which " + host.name()
                            + " cannot reach by this path");
        }
        if (repositories.all(tx, hostId).size() >= Protocol.MAX_REPOSITORIES
                && repositories.position(tx, hostId, id).isEmpty()) {
            throw Problem.conflict(
                    "too_many_repositories",
                    "a host uses at most " + Protocol.MAX_REPOSITORIES + " repositories; take one away first");
        }
    }

    /**
     * Makes a repository of a host its first, with the credentials that it has.
     *
     * @throws Problem 404
     */
    public void useFirst(Actor actor, HostId hostId, RepositoryId id) {
        db.change(tx -> {
            hosts.get(tx, hostId);
            var row = repositories.get(tx, id);
            refuseUnused(tx, hostId, id);
            repositories.join(tx, hostId, row, 1);
            audit.record(tx, actor, "host.repository_use", hostId, id, Map.of("repository", row.url(), "position", 1));
        });
    }

    private void refuseUnused(Handle tx, HostId hostId, RepositoryId id) {
        if (repositories.all(tx, hostId).stream().noneMatch(used -> used.id().equals(id))) {
            throw Problem.notFound("repository " + id + " on host " + hostId);
        }
    }

    /** A directory belongs to the first host that uses it. */
    private RepositoryRow claimed(Handle tx, HostId hostId, RepositoryRow row) {
        var location = RepositoryLocation.stored(row.location(), row.hostId());
        if (!location.isDirectory() || row.hostId().isPresent()) {
            return row;
        }
        var claimed = RepositoryLocation.stored(row.location(), Optional.of(hostId));
        refuseTaken(tx, claimed);
        tx.attach(RepositoryDao.class).move(row.id(), row.url(), row.location(), Optional.of(hostId));
        return repositories.get(tx, row.id());
    }

    /**
     * Has a host no longer use a repository.
     *
     * @throws Problem 404, or 409 {@code repository_in_use} if a schedule of the host uses it
     */
    public void leave(Actor actor, HostId hostId, RepositoryId id) {
        db.change(tx -> {
            hosts.get(tx, hostId);
            var order = repositories.all(tx, hostId);
            var row = repositories.get(tx, id);
            refuseUnused(tx, hostId, id);
            var schedules = tx.attach(RepositoryDao.class)
                    .schedulesUsing(
                            hostId, id, order.stream().map(HostRepository::id).findFirst());
            if (!schedules.isEmpty()) {
                throw Problem.conflict(
                        "repository_in_use",
                        "schedule " + schedules.get(0) + " uses repository " + row.name()
                                + "; change it, or put another repository first");
            }
            boolean needed = row.maintainerHostId().equals(Optional.of(hostId))
                    && repositories.hosts(tx, id).size() > 1;
            if (needed) {
                throw Problem.conflict(
                        "repository_maintainer",
                        "this host is the maintainer of repository " + row.name()
                                + ", without which nothing is removed from it; make another host the maintainer first, or"
                                + " set none");
            }
            repositories.leave(tx, hostId, id);
            changes.removeUse(tx, hostId, id);
            audit.record(tx, actor, "host.repository_leave", hostId, id, Map.of("repository", row.url()));
        });
    }

    private static void refuseTaken(Handle tx, RepositoryLocation location) {
        Repositories.find(tx, location).ifPresent(other -> {
            throw Problem.conflict("repository_exists", "there is a repository with this location already: " + other);
        });
    }
}
