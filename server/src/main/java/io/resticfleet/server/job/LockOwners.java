package io.resticfleet.server.job;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.link.Agents;
import java.util.List;
import java.util.Optional;

/** Whose locks are whose: the hosts of this server by the names of their machines. */
public final class LockOwners {

    private final Database db;
    private final Hosts hosts;
    private final Agents agents;

    public LockOwners(Database db, Hosts hosts, Agents agents) {
        this.db = db;
        this.hosts = hosts;
        this.agents = agents;
    }

    /**
     * The owner of a lock.
     *
     * @param hostId absent if no host has this name, or several have
     * @param alive {@code yes} if a host with this name has a running job at the repository; {@code no} if the only one with
     *     it is connected and has none; {@code unknown} otherwise
     */
    record Owner(Optional<HostId> hostId, String alive) {}

    Owner of(RepositoryId repositoryId, String machineName) {
        var named = db.read(hosts::all).stream()
                .filter(host -> host.hostname().equals(machineName))
                .map(Host::id)
                .toList();
        var only = Optional.of(named).filter(ids -> ids.size() == 1).map(ids -> ids.get(0));
        if (runsJob(repositoryId, named)) {
            return new Owner(only, "yes");
        }
        boolean alone = only.filter(agents::connected)
                .filter(id -> agents.clones().of(id).isEmpty())
                .isPresent();
        return new Owner(only, alone ? "no" : "unknown");
    }

    private boolean runsJob(RepositoryId repositoryId, List<HostId> named) {
        return db.read(handle -> handle.attach(JobDao.class).openOfRepository(repositoryId)).stream()
                .anyMatch(job -> job.status() == JobStatus.RUNNING && named.contains(job.hostId()));
    }
}
