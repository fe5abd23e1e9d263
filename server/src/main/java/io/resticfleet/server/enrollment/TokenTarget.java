package io.resticfleet.server.enrollment;

import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import java.util.Optional;

/**
 * The repository that a machine uses once it is enrolled.
 *
 * @param id of a known one; absent for one that is added
 * @param repository with credentials; absent if the machine uses those of the known one
 */
record TokenTarget(Optional<RepositoryId> id, Optional<Repository> repository) {

    static TokenTarget known(RepositoryId id) {
        return new TokenTarget(Optional.of(id), Optional.empty());
    }

    /** A known one, with credentials of the machine's own. */
    static TokenTarget own(RepositoryId id, Repository repository) {
        return new TokenTarget(Optional.of(id), Optional.of(repository));
    }

    static TokenTarget added(Repository repository) {
        return new TokenTarget(Optional.empty(), Optional.of(repository));
    }

    /** Whether this is its repository password. */
    boolean uses(String password) {
        return repository.filter(one -> one.repoPassword().equals(password)).isPresent();
    }

    @Override
    public String toString() {
        return "TokenTarget[" + id + "]";
    }
}
