package io.resticfleet.server.host;

import io.resticfleet.protocol.HostId;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * A machine with an enrolled agent.
 *
 * @param name display name, chosen by the operator
 * @param hostname host name of its snapshots; never changes, even when the host is renamed
 * @param timeZone IANA name of the host's own time zone; absent until the agent has reported it
 * @param resticVersion absent where restic is missing
 * @param clockSkewMs the agent's clock minus the server's; absent until the first hello
 * @param lastSeenAt absent until the first hello
 */
public record Host(
        HostId id,
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

    /** Time zone of schedules that name none; UTC if the agent has not reported one, or this Java does not know it. */
    public ZoneId zone() {
        return zone(timeZone);
    }

    /** As {@link #zone()}, of a host with this name of a time zone. */
    public static ZoneId zone(Optional<String> timeZone) {
        try {
            return timeZone.map(ZoneId::of).orElse(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            return ZoneOffset.UTC;
        }
    }
}
