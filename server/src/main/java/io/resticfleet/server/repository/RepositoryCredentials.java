package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.server.secret.Secrets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The credentials of repositories: those that all hosts use, and those of a host or of the maintainer where they differ. */
final class RepositoryCredentials {

    private static final Logger log = LoggerFactory.getLogger(RepositoryCredentials.class);

    /** Owner of a host's credentials in earlier versions, without its id. */
    private static final String EARLIER = "host_credentials/";

    private static final String OWN = "host_repositories/";

    /** Tables whose rows have a {@link Repository} as a secret. */
    private static final Set<String> TABLES =
            Set.of("repositories/", OWN, "repository_maintainers/", "repository_changes/", "enrollment_tokens/");

    private final Secrets secrets;

    RepositoryCredentials(Secrets secrets) {
        this.secrets = secrets;
    }

    /** With which a host opens a repository; empty if there are none, or they cannot be read. */
    Optional<Repository> of(Handle handle, HostId hostId, HostRepository used) {
        return own(handle, hostId, used.id())
                .or(() -> shared(handle, used.id()).map(common -> common.at(new RepositoryUrl(used.url()))));
    }

    /** What all hosts use that have none of their own. */
    Optional<Repository> shared(Handle handle, RepositoryId id) {
        return read(handle, shared(id));
    }

    /** A host's own; empty if it uses what all use. */
    Optional<Repository> own(Handle handle, HostId hostId, RepositoryId id) {
        return read(handle, own(hostId, id));
    }

    /** What the maintainer uses for what others may not do; empty if it has none of its own. */
    Optional<Repository> maintainer(Handle handle, RepositoryId id) {
        return read(handle, maintainer(id));
    }

    void putShared(Handle tx, RepositoryId id, Repository repository) {
        secrets.put(tx, shared(id), repository);
    }

    void putOwn(Handle tx, HostId hostId, RepositoryId id, Optional<Repository> repository) {
        put(tx, own(hostId, id), repository);
    }

    void putMaintainer(Handle tx, RepositoryId id, Optional<Repository> repository) {
        put(tx, maintainer(id), repository);
    }

    private void put(Handle tx, String owner, Optional<Repository> repository) {
        repository.ifPresentOrElse(value -> secrets.put(tx, owner, value), () -> secrets.remove(tx, owner));
    }

    /**
     * Stores the credentials of one host: as those of the repository if no other host uses it, else as its own, unless they
     * are the same.
     *
     * @param hosts of the repository
     */
    void put(Handle tx, HostId hostId, RepositoryId id, Repository repository, List<HostId> hosts) {
        if (hosts.stream().allMatch(hostId::equals)) {
            putShared(tx, id, repository);
            secrets.remove(tx, own(hostId, id));
        } else {
            join(tx, hostId, id, repository);
        }
    }

    /** Stores the credentials of one host of several: the first that are stored are those of the repository. */
    private void join(Handle tx, HostId hostId, RepositoryId id, Repository repository) {
        var common = shared(tx, id);
        if (common.isEmpty()) {
            putShared(tx, id, repository);
            secrets.remove(tx, own(hostId, id));
        } else if (common.get().at(repository.url()).equals(repository)) {
            secrets.remove(tx, own(hostId, id));
        } else {
            putOwn(tx, hostId, id, Optional.of(repository));
        }
    }

    /** Hosts whose credentials an earlier version has stored. */
    Set<HostId> hostsOfEarlierVersions(Handle handle) {
        return Secrets.owners(handle).stream()
                .filter(owner -> owner.startsWith(EARLIER))
                .map(owner -> new HostId(owner.substring(EARLIER.length())))
                .collect(Collectors.toSet());
    }

    /** Stores what an earlier version has stored for a host. What cannot be read stays where it is. */
    void adopt(Handle tx, HostId hostId, RepositoryId id) {
        var earlier = EARLIER + hostId;
        read(tx, earlier).ifPresent(repository -> {
            join(tx, hostId, id, repository);
            secrets.remove(tx, earlier);
        });
    }

    /** Whether a secret is a repository with credentials. */
    static boolean isRepository(String owner) {
        return TABLES.contains(owner.substring(0, owner.indexOf('/') + 1));
    }

    /** Whether a secret opens this repository. */
    static boolean isOf(String owner, RepositoryId id) {
        return owner.equals(shared(id))
                || owner.equals(maintainer(id))
                || owner.startsWith(OWN) && owner.endsWith("/" + id);
    }

    /** A repository among the secrets; empty if it cannot be read. */
    Optional<Repository> find(Handle handle, String owner) {
        return read(handle, owner);
    }

    private Optional<Repository> read(Handle handle, String owner) {
        return readable(() -> secrets.find(handle, owner, Repository.class), owner);
    }

    /** A secret; empty if it cannot be read. */
    <T> Optional<T> readable(Supplier<Optional<T>> read, String owner) {
        try {
            return read.get();
        } catch (IllegalStateException e) {
            log.error("credentials of a repository cannot be read, set them again owner={}: {}", owner, e.getMessage());
            return Optional.empty();
        }
    }

    private static String shared(RepositoryId id) {
        return "repositories/" + id;
    }

    private static String own(HostId hostId, RepositoryId id) {
        return OWN + hostId + "/" + id;
    }

    private static String maintainer(RepositoryId id) {
        return "repository_maintainers/" + id;
    }
}
