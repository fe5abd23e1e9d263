package io.resticfleet.server.tree;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.OnOff;
import io.resticfleet.protocol.ReadingRules;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.HostPolicies;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.repository.HostRepository;
import io.resticfleet.server.repository.Repositories;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The hosts that can read a repository's snapshots for the server. Safe for use by many threads. */
final class ListingHosts {

    private final Database db;
    private final Hosts hosts;
    private final Repositories repositories;
    private final HostPolicies policies;
    private final Agents agents;

    ListingHosts(Database db, Hosts hosts, HostPolicies policies, Repositories repositories, Agents agents) {
        this.db = db;
        this.hosts = hosts;
        this.policies = policies;
        this.repositories = repositories;
        this.agents = agents;
    }

    /** The connected hosts that use a repository, the one with this hostname first. */
    List<HostId> connected(RepositoryId repositoryId, String hostname, String feature) {
        return db.read(handle -> {
            var users = repositories.hosts(handle, repositoryId).stream()
                    .filter(hostId -> agents.isReady(hostId) && agents.supports(hostId, feature))
                    .toList();
            return hosts.some(handle, users).stream()
                    .sorted(Comparator.comparing(host -> !host.hostname().equals(hostname)))
                    .map(Host::id)
                    .toList();
        });
    }

    /** The host with this hostname that uses a repository; absent if there is none, or there are several. */
    Optional<HostId> named(RepositoryId repositoryId, String hostname) {
        var named = usersNamed(repositoryId, hostname);
        return named.size() == 1 ? Optional.of(named.get(0).id()) : Optional.empty();
    }

    /**
     * As {@link #connected}, without those whose owners do not allow that all files are listed; none if the owner of the
     * machine whose snapshot it is does not allow it.
     */
    List<HostId> listing(RepositoryId repositoryId, String hostname, String feature) {
        if (refuses(repositoryId, hostname, ReadingRules::index)) {
            return List.of();
        }
        return connected(repositoryId, hostname, feature).stream()
                .filter(hostId -> policies.find(hostId)
                        .map(policy -> policy.reading().allowsIndex())
                        .orElse(true))
                .toList();
    }

    /** Whether the policy of a machine forbids downloads of its snapshots, also through other machines. */
    boolean refusesDownload(RepositoryId repositoryId, String hostname) {
        return refuses(repositoryId, hostname, ReadingRules::download);
    }

    /** Of several machines with this hostname, one that refuses is enough. */
    private boolean refuses(RepositoryId repositoryId, String hostname, Function<ReadingRules, Optional<OnOff>> rule) {
        return usersNamed(repositoryId, hostname).stream()
                .flatMap(host -> policies.find(host.id()).stream())
                .anyMatch(policy -> rule.apply(policy.reading()).equals(Optional.of(OnOff.OFF)));
    }

    private List<Host> usersNamed(RepositoryId repositoryId, String hostname) {
        return db.read(handle -> hosts.some(handle, repositories.hosts(handle, repositoryId)).stream()
                .filter(host -> host.hostname().equals(hostname))
                .toList());
    }

    /** The repositories of connected hosts. */
    Set<RepositoryId> repositories() {
        return db.read(handle -> agents.connected().stream()
                .flatMap(hostId -> repositories.all(handle, hostId).stream())
                .map(HostRepository::id)
                .collect(Collectors.toSet()));
    }

    /** The hostname of a host; absent if it was deleted. */
    Optional<String> hostname(HostId hostId) {
        return hosts.find(hostId).map(Host::hostname);
    }
}
