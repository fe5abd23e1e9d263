package io.resticfleet.agent.policy;

import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.RepositoryUrl;
import java.io.IOException;
import java.nio.file.Path;

/** Whether a repository that the server names may be used here. */
public final class RepositoryRule {

    private RepositoryRule() {}

    /**
     * @param stateDir the agent's own, in which restic must not write: what lies there is obeyed
     * @throws DeniedByPolicy if it may not
     */
    public static void check(HostPolicy policy, RepositoryUrl url, Path stateDir) throws DeniedByPolicy {
        if (!policy.allows(url)) {
            throw new DeniedByPolicy("this machine's owner does not allow " + url.backend() + " repositories"
                    + (policy.repositories().isEmpty() ? "" : ", only " + String.join(", ", policy.repositories()))
                    + " (repositories in " + policy.file() + " on the machine)");
        }
        if (url.localPath().isPresent() && real(Path.of(url.localPath().get())).startsWith(real(stateDir))) {
            throw new DeniedByPolicy(
                    "a repository must not lie in " + stateDir + ", where the agent keeps what it goes by");
        }
    }

    /** Where it really is, or will be once it is made. */
    private static Path real(Path path) {
        var whole = path.toAbsolutePath().normalize();
        for (var there = whole; there != null; there = there.getParent()) {
            try {
                return there.toRealPath().resolve(there.relativize(whole)).normalize();
            } catch (IOException e) {
                continue; // not there; its parent may be
            }
        }
        return whole;
    }
}
