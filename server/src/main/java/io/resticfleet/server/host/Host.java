package io.resticfleet.server.host;

import java.time.Instant;
import java.util.Optional;

/**
 * A machine with an enrolled agent.
 *
 * @param name what the operator calls it
 * @param hostname what its snapshots are filed under; never changes, whatever is renamed
 * @param timeZone IANA name of the machine's own; absent until the agent said so
 * @param resticVersion absent where restic is missing
 * @param clockSkewMs the agent's clock minus ours at the last hello
 * @param lastSeenAt absent until the first hello
 */
public record Host(
        String id,
        String name,
        String hostname,
        String publicKey,
        String os,
        String arch,
        Optional<String> timeZone,
        String agentVersion,
        Optional<String> resticVersion,
        Optional<Long> clockSkewMs,
        Instant createdAt,
        Optional<Instant> lastSeenAt) {}
