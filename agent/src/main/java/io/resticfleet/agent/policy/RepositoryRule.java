package io.resticfleet.agent.policy;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.RepositoryUrl;
import java.io.IOException;
import java.nio.file.Path;

/** Whether the policy allows a repository of the server. */
public final class RepositoryRule {

    private RepositoryRule() {}

    /**
     * @param stateDir the agent's state directory, in which restic must not write, as the agent trusts its files
     * @throws DeniedByPolicy if it is not allowed
     */
    public static void check(HostPolicy policy, RepositoryUrl url, Path stateDir) throws DeniedByPolicy {
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
