package io.resticfleet.server.repository;

import io.resticfleet.protocol.HostId;
import org.jdbi.v3.core.Handle;

/** The recorded snapshots of a host's repository. Implemented by a package that depends on this one. */
public interface RepositoryContents {

    /** Whether the repository is known to contain snapshots, and therefore must never be created again. */
    boolean isKnown(HostId hostId);

    /** Deletes the recorded snapshots, since the host gets another repository. */
    void forget(Handle tx, HostId hostId);
}
