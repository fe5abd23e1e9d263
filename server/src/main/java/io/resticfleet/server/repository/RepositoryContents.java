package io.resticfleet.server.repository;

import org.jdbi.v3.core.Handle;

/** What is recorded of the snapshots in a host's repository; they are kept by a package that stands above this one. */
public interface RepositoryContents {

    /** Whether the repository is known to hold snapshots, so that it must never be created again. */
    boolean isKnown(String hostId);

    /** Removes what was recorded: the host has another repository from now on. */
    void forget(Handle tx, String hostId);
}
