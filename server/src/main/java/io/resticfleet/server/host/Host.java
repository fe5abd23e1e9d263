package io.resticfleet.server.host;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
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
        Optional<Instant> lastSeenAt) {

    /** Where schedules that name no zone count their hours; UTC if the agent has not said, or this Java does not know it. */
    public ZoneId zone() {
        try {
            return timeZone.map(ZoneId::of).orElse(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            return ZoneOffset.UTC;
        }
    }
}
