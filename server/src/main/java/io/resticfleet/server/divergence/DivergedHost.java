package io.resticfleet.server.divergence;

import io.resticfleet.protocol.HostId;
import java.time.Instant;
import java.util.Optional;

/**
 * A host whose agent knows more than this database, and that waits for an operator's decision.
 *
 * @param since when the divergence was detected
 * @param reason how it was detected, for the operator
 * @param heldVersion version of the agent's schedule set; absent until the agent reports it
 * @param ourVersion version of the schedule set in this database
 */
public record DivergedHost(HostId hostId, Instant since, String reason, Optional<Long> heldVersion, long ourVersion) {}
