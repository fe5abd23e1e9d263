package io.resticfleet.agent.policy;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryTls;
import java.io.IOException;
import java.nio.file.Path;

/** Whether the policy allows a repository of the server. */
public final class RepositoryRule {

    private RepositoryRule() {}

    /**
     * @param stateDir the agent's state directory, in which restic must not write, as the agent trusts its files
     * @throws DeniedByPolicy if it is not allowed
     */
    public static void check(HostPolicy policy, Repository repository, Path stateDir) throws DeniedByPolicy {
        var url = repository.url();
        if (!policy.allows(url)) {
            throw new DeniedByPolicy(
                    ErrorCode.POLICY_REPOSITORY,
                    "this machine's owner does not allow " + url.backend() + " repositories"
                            + (policy.repositories().isEmpty()
                                    ? ""
                                    : ", only " + String.join(", ", policy.repositories()))
                            + " (repositories in " + policy.file() + " on the machine)");
        }
        if (url.localPath().isPresent() && real(Path.of(url.localPath().get())).startsWith(real(stateDir))) {
            throw new DeniedByPolicy(
                    ErrorCode.POLICY_REPOSITORY,
                    "a repository must not be in the agent's state directory, " + stateDir);
        }
        checkTrust(policy, repository);
    }

    private static void checkTrust(HostPolicy policy, Repository repository) throws DeniedByPolicy {
        boolean unchecked = repository.tls().map(RepositoryTls::insecure).orElse(false);
        if (unchecked && !policy.rules().allowsInsecureTls()) {
            throw denied(policy, "that a repository's certificate goes unchecked", "insecure_tls");
        }
        var url = repository.url();
        if (usesRole(repository) && !policy.rules().allowsCloudRole()) {
            throw denied(
                    policy,
                    "that a " + url.backend() + " repository without complete credentials is opened with this machine's"
                            + " own role in the cloud",
                    "cloud_role");
        }
    }

    /** Whether restic would look for credentials on the machine, and at the cloud that it runs in. */
    private static boolean usesRole(Repository repository) {
        boolean pair =
                repository.username().isPresent() && repository.password().isPresent();
        return switch (repository.url().backend()) {
            case "s3" -> !pair;
            case "azure" -> !pair && !repository.env().containsKey("AZURE_ACCOUNT_SAS");
            case "gs" -> repository.password().isEmpty();
            default -> false;
        };
    }

    private static DeniedByPolicy denied(HostPolicy policy, String what, String field) {
        return new DeniedByPolicy(
                ErrorCode.POLICY_REPOSITORY,
                "this machine's owner does not allow " + what + " (" + field + " in " + policy.file()
                        + " on the machine)");
    }

    /** The real path, also of a directory that does not exist yet. */
    private static Path real(Path path) {
        var whole = path.toAbsolutePath().normalize();
        for (var there = whole; there != null; there = there.getParent()) {
            try {
                return there.toRealPath().resolve(there.relativize(whole)).normalize();
            } catch (IOException e) {
                continue; // does not exist; try its parent
            }
        }
        return whole;
    }
}
