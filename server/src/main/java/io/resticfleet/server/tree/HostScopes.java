package io.resticfleet.server.tree;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.web.Problem;
import java.util.Comparator;
import java.util.List;

/** Where the snapshots of a host are. Safe for use by many threads. */
final class HostScopes {

    static final Comparator<TreeRow> NEWEST_FIRST = Comparator.comparing(TreeRow::takenAt)
            .thenComparing(TreeRow::snapshotId)
            .reversed();

    private final Database db;
    private final Hosts hosts;
    private final Repositories repositories;

    HostScopes(Database db, Hosts hosts, Repositories repositories) {
        this.db = db;
        this.hosts = hosts;
        this.repositories = repositories;
    }

    /**
     * A machine in a repository.
     *
     * @param hostname as its snapshots there have it
     */
    record Scope(RepositoryId repositoryId, String hostname) {}

    /** @throws Problem 404 if there is no such host */
    List<Scope> of(HostId hostId) {
        return db.read(handle -> {
            var hostname = hosts.get(handle, hostId).hostname();
            return repositories.all(handle, hostId).stream()
                    .map(used -> new Scope(used.id(), hostname))
                    .toList();
        });
    }
}
