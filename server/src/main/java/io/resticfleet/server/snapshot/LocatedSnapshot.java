package io.resticfleet.server.snapshot;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Snapshot;
import java.util.List;

/**
 * A snapshot, and where it is.
 *
 * @param listedBy the hosts in whose lists it is
 */
public record LocatedSnapshot(RepositoryId repositoryId, Snapshot snapshot, List<HostId> listedBy) {}
