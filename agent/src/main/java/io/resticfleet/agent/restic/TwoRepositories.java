package io.resticfleet.agent.restic;

import io.resticfleet.protocol.Repository;
import java.util.Optional;
import java.util.Set;

/**
 * Two repositories of one call of restic, as for a copy. restic has one environment for both, and so one set of credentials
 * for each kind of backend.
 *
 * @see <a href="https://restic.readthedocs.io/en/stable/045_working_with_repos.html#copying-snapshots-between-repositories">restic:
 *     copying snapshots</a>
 */
public final class TwoRepositories {

    /** Backends without an environment of their own, whose credentials are in the URL. */
    private static final Set<String> IN_URL = Set.of("local", "rest", "sftp", "rclone");

    private TwoRepositories() {}

    /** Why restic cannot use both, as a sentence; empty if it can. */
    public static Optional<String> conflict(Repository from, Repository to) {
        boolean sameKind = from.url().backend().equals(to.url().backend());
        boolean sameCredentials = from.variables().equals(to.variables())
                && from.username().equals(to.username())
                && from.password().equals(to.password());
        if (sameKind && !IN_URL.contains(to.url().backend()) && !sameCredentials) {
            return Optional.of("restic has one environment for both repositories, so that two "
                    + to.url().backend() + " repositories need the same credentials");
        }
        boolean confirmed = !from.sshHostKeys().isEmpty() || !to.sshHostKeys().isEmpty();
        boolean sameServer = from.url().sshServer().equals(to.url().sshServer())
                && from.sshHostKeys().equals(to.sshHostKeys());
        if (sameKind && confirmed && !sameServer) {
            return Optional.of(
                    "restic has one command of ssh for both repositories, so that host keys that are confirmed"
                            + " here cannot be used for two sftp servers; make them known to the machine's own ssh");
        }
        var other = to.variables();
        var shared = from.variables().entrySet().stream()
                .filter(variable ->
                        !variable.getValue().equals(other.getOrDefault(variable.getKey(), variable.getValue())))
                .findFirst();
        if (shared.isPresent()) {
            return Optional.of("restic has one environment for both repositories, and they need different values of "
                    + shared.get().getKey());
        }
        return isRemote(from) && isRemote(to) && !from.tls().equals(to.tls())
                ? Optional.of("restic trusts the same certificates for both repositories, and they need different ones")
                : Optional.empty();
    }

    private static boolean isRemote(Repository repository) {
        return !Set.of("local", "sftp").contains(repository.url().backend());
    }
}
