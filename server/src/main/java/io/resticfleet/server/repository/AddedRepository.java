package io.resticfleet.server.repository;

import io.resticfleet.protocol.RepositoryId;
import java.util.Optional;

/**
 * A repository that was added.
 *
 * @param repoPassword shown once, if it was generated: the backups cannot be read without it
 */
public record AddedRepository(RepositoryId id, Optional<String> repoPassword) {

    @Override
    public String toString() {
        return "AddedRepository[" + id + "]";
    }
}
