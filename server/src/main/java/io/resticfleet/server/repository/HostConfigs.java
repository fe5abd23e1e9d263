package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ToAgent;
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
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What an agent needs to open its repository. Sent at every hello and after every change. */
public final class HostConfigs {

    private final Database db;
    private final Hosts hosts;
    private final Repositories repositories;
    private final Divergences divergences;
    private final RepositoryContents contents;
    private final Consumer<RepositoryId> onFreed;
    private final Agents agents;
    private final Audit audit;

    /** @param onFreed called with the id of a repository after a host that used it was deleted */
    public HostConfigs(
            Database db,
            Hosts hosts,
            Repositories repositories,
            Divergences divergences,
            RepositoryContents contents,
            Consumer<RepositoryId> onFreed,
            Agents agents,
            Audit audit) {
        this.db = db;
        this.hosts = hosts;
        this.repositories = repositories;
        this.divergences = divergences;
        this.contents = contents;
        this.onFreed = onFreed;
        this.agents = agents;
        this.audit = audit;
    }

    /**
     * Sends a newly connected agent its credentials, if there are any. Sends none to an agent that may know more than
     * this database.
     */
    public void onHello(AgentConnection connection) {
        find(connection.hostId()).ifPresent(connection::send);
    }

    /** Sends a host its credentials, if it is connected and there are any. */
    public void push(HostId hostId) {
        find(hostId).ifPresent(config -> agents.send(hostId, config));
    }

    /**
     * Changes a host's name or repository; what is absent stays.
     *
     * @throws Problem 404, or 400
     */
    public void change(Actor actor, HostId hostId, Optional<String> name, Optional<RepositoryBody> repository) {
        var newName = name.map(text -> Requests.valid("name", "invalid_name", HostName::new, text));
        var newRepository = repository.map(RepositoryBody::checked);
        db.change(tx -> {
            hosts.get(tx, hostId);
            newName.ifPresent(wanted -> hosts.rename(tx, actor, hostId, wanted));
            newRepository.ifPresent(make -> {
                var password = repositories.find(tx, hostId).map(Repository::repoPassword);
                var wanted = make.apply(password.orElse(""));
                repositories.assign(tx, hostId, wanted);
                audit.record(
                        tx,
                        actor,
                        "host.repository",
                        hostId,
                        hostId,
                        Map.of("repository", wanted.url().value()));
            });
        });
        if (repository.isPresent()) {
            push(hostId);
        }
    }

    /** @throws Problem 404 */
    public void delete(Actor actor, HostId hostId) {
        var repository = db.read(handle -> repositories.idOf(handle, hostId));
        hosts.delete(actor, hostId);
        repository.ifPresent(onFreed); // jobs no longer wait for this host
    }

    /** Reads credentials and id in one transaction: an agent checks the repository of a job by the id. */
    private Optional<ToAgent.ConfigUpdate> find(HostId hostId) {
        boolean known = contents.isKnown(hostId);
        return hosts.find(hostId)
                .flatMap(host -> db.read(handle -> handle.inTransaction(tx -> repositories
                        .find(tx, hostId)
                        .filter(repository -> divergences.waitsSince(tx, hostId).isEmpty())
                        .map(repository -> new ToAgent.ConfigUpdate(
                                host.hostname(), repository, known, repositories.idOf(tx, hostId))))));
    }
}
