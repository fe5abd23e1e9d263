package io.resticfleet.server.repository;

import io.resticfleet.protocol.RepositoryId;
import org.jdbi.v3.core.Handle;

/** The recorded snapshots of a repository. Implemented by a package that depends on this one. */
public interface RepositoryContents {

    /** Whether the repository is known to contain snapshots, and therefore must never be created again. */
    boolean isKnown(Handle handle, RepositoryId id);

    /** Number of all snapshots that hosts listed in a repository. */
    long count(Handle handle, RepositoryId id);
}
