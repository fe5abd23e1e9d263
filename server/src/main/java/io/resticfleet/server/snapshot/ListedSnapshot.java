package io.resticfleet.server.snapshot;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Snapshot;

/**
 * A snapshot in one of the lists that have it.
 *
 * @param hostId whose agent listed it
 */
record ListedSnapshot(HostId hostId, RepositoryId repositoryId, Snapshot snapshot) {}
