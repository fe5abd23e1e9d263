package io.resticfleet.server.page.hostrepository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Repository;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.repository.HostRepository;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryCatalog;
import io.resticfleet.server.web.Page;
import java.util.List;
import java.util.Optional;

/** Which repositories a host uses, and could use. */
public final class HostRepositoryUses {

    private static final int MAX_OTHERS = 1_000;

    private final Database db;
    private final Repositories repositories;
    private final RepositoryCatalog catalog;

    public HostRepositoryUses(Database db, Repositories repositories, RepositoryCatalog catalog) {
        this.db = db;
        this.repositories = repositories;
        this.catalog = catalog;
    }

    HostRepositoryScreen.Uses of(HostId hostId) {
        var used = db.read(handle -> repositories.all(handle, hostId));
        var ids = used.stream().map(HostRepository::id).toList();
        return new HostRepositoryScreen.Uses(
                used.stream().map(one -> used(hostId, one)).toList(),
                catalog.list(new Page.Request(MAX_OTHERS, Optional.empty())).items().stream()
                        .filter(repository -> !ids.contains(repository.id()))
                        .filter(repository -> !repository.backend().equals("local")
                                || repository.hosts().isEmpty()) // else a directory of another host
                        .toList());
    }

    private HostRepositoryScreen.Used used(HostId hostId, HostRepository used) {
        var repository = catalog.get(used.id());
        return new HostRepositoryScreen.Used(
                used.id(),
                repository.name(),
                used.url(),
                db.read(handle -> repositories.hasOwn(handle, hostId, used.id())),
                repository.hosts().stream()
                        .filter(user -> !user.id().equals(hostId))
                        .toList());
    }

    /** With which a host opens one of its repositories; empty if there are no credentials, or it does not use it. */
    Optional<Repository> opened(HostId hostId, HostRepository used) {
        return db.read(handle -> repositories.open(handle, hostId, used));
    }

    List<HostRepository> all(HostId hostId) {
        return db.read(handle -> repositories.all(handle, hostId));
    }
}
