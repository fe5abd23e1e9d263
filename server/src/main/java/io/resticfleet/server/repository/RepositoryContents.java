package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;

/** The recorded snapshots of a host's repository. Implemented by a package that depends on this one. */
public interface RepositoryContents {

    /** Whether the repository is known to contain snapshots, and therefore must never be created again. */
    boolean isKnown(HostId hostId);
}
