package io.resticfleet.server.schedule;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.ScheduleId;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/**
 * The part of a schedule that an overview of all hosts needs.
 *
 * @param cron absent if and only if {@code manual}
 * @param timeZone if absent, the host's own
 */
public record ScheduleBrief(
        ScheduleId id,
        HostId hostId,
        JobKind kind,
        String name,
        boolean enabled,
        boolean manual,
        Optional<String> cron,
        Optional<String> timeZone,
        List<String> tags) {

    /** @param host the host's time zone, for a schedule that names none */
    public ZoneId zone(ZoneId host) {
        return timeZone.map(ZoneId::of).orElse(host);
    }
}
