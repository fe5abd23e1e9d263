package io.resticfleet.server.divergence;

import java.time.Instant;
import java.util.Optional;

/**
 * A machine that waits for a decision, since its agent knows more than this database.
 *
 * @param since when that was noticed
 * @param reason how, in words for the operator
 * @param heldVersion of the schedules on the machine; absent until its agent has said so
 * @param ourVersion of the schedules in this database
 */
public record DivergedHost(String hostId, Instant since, String reason, Optional<Long> heldVersion, long ourVersion) {}
