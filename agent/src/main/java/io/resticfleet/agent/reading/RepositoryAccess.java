package io.resticfleet.agent.reading;

import io.resticfleet.agent.policy.DeniedByPolicy;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.policy.RepositoryRule;
import io.resticfleet.agent.restic.CredentialStore;
import io.resticfleet.agent.restic.RepositoryProbe;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ToAgent;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which repositories may be read.
 *
 * @param stateDir the agent's state directory
 */
public record RepositoryAccess(CredentialStore credentials, PolicyFile policy, Path stateDir) {

    /** What the machine's owner allows now. */
    HostPolicy allowed() {
        return policy.look();
    }

    /**
     * A repository of this host, which is reachable as far as that can be known without restic.
     *
     * @param id absent for the first
     */
    Repository open(Optional<RepositoryId> id) throws ReadingFailed {
        var repository = credentials
                .find()
                .flatMap(held -> id.isPresent() ? held.at(id.get()) : Optional.of(held))
                .map(ToAgent.ConfigUpdate::repository)
                .orElseThrow(() -> new ReadingFailed("no_repository", "the machine does not use this repository"));
        try {
            RepositoryRule.check(allowed(), repository, stateDir);
        } catch (DeniedByPolicy e) {
            throw new ReadingFailed(e.code(), e.getMessage());
        }
        var unreachable = RepositoryProbe.problem(repository);
        if (unreachable.isPresent()) {
            throw new ReadingFailed(ErrorCode.NETWORK, unreachable.get());
        }
        return repository;
    }

    /** A failure as the server may know it, without secrets. */
    ReadingFailed withoutSecrets(ReadingFailed failure) {
        return new ReadingFailed(failure.code(), credentials.redactor().redact(failure.getMessage()));
    }
}
