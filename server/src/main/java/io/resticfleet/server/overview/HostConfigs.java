package io.resticfleet.server.overview;

import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Credentials;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.RepositoryBody;
import io.resticfleet.server.job.Dispatcher;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.web.Problem;
import java.util.Map;
import java.util.Optional;

/** What an agent needs to open its repository: changed here, told at every hello and after every change. */
public final class HostConfigs {

    private final Database db;
    private final Hosts hosts;
    private final Credentials credentials;
    private final Schedules schedules;
    private final Snapshots snapshots;
    private final Dispatcher dispatcher;
    private final Agents agents;
    private final Audit audit;

    public HostConfigs(
            Database db,
            Hosts hosts,
            Credentials credentials,
            Schedules schedules,
            Snapshots snapshots,
            Dispatcher dispatcher,
            Agents agents,
            Audit audit) {
        this.db = db;
        this.hosts = hosts;
        this.credentials = credentials;
        this.schedules = schedules;
        this.snapshots = snapshots;
        this.dispatcher = dispatcher;
        this.agents = agents;
        this.audit = audit;
    }

    /**
     * An agent has connected: it gets its credentials, if there are any. None is not an error. One that may know more
     * than this database gets none.
     */
    public void greet(AgentConnection connection) {
        find(connection.hostId()).ifPresent(connection::send);
    }

    /** Sends a host all that it should hold, if it is connected. */
    public void push(String hostId) {
        find(hostId).ifPresent(config -> agents.send(hostId, config));
        schedules.push(hostId);
    }

    /**
     * Changes a host's name or repository; what is absent stays.
     *
     * @throws Problem 404, or 400
     */
    public void change(Actor actor, String hostId, Optional<String> name, Optional<RepositoryBody> repository) {
        db.change(tx -> {
            hosts.get(tx, hostId);
            name.ifPresent(wanted -> hosts.rename(tx, actor, hostId, wanted));
            repository.ifPresent(body -> {
                if (!credentials.url(tx, hostId).equals(Optional.of(body.url()))) {
                    snapshots.forget(tx, hostId);
                }
                var password = credentials.find(tx, hostId).map(Repository::repoPassword);
                credentials.put(tx, hostId, body.toRepository(password.orElse("")));
                audit.record(tx, actor, "host.repository", hostId, hostId, Map.of("repository", body.url()));
            });
        });
        if (repository.isPresent()) {
            find(hostId).ifPresent(config -> agents.send(hostId, config));
        }
    }

    /** @throws Problem 404 */
    public void delete(Actor actor, String hostId) {
        var url = db.read(handle -> credentials.url(handle, hostId));
        hosts.delete(actor, hostId);
        url.ifPresent(dispatcher::freedAt); // nobody waits for it any more
    }

    private Optional<ToAgent.ConfigUpdate> find(String hostId) {
        return hosts.find(hostId)
                .filter(host ->
                        db.read(handle -> schedules.waitsSince(handle, hostId)).isEmpty())
                .flatMap(host -> credentials
                        .find(hostId)
                        .map(repository -> new ToAgent.ConfigUpdate(
                                host.hostname(), repository, snapshots.repositoryKnown(hostId))));
    }
}
