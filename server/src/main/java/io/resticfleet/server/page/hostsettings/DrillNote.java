package io.resticfleet.server.page.hostsettings;

import io.resticfleet.server.drill.WeeklyDrill;
import java.time.Instant;
import java.util.Optional;

/**
 * The weekly drill of a host.
 *
 * @param files value of the form field
 * @param mebibytes value of the form field
 * @param next when the next one is due; absent if it is off, or the host is new
 */
record DrillNote(boolean enabled, String files, String mebibytes, Optional<Instant> next) {

    private static final long MEBIBYTE = 1024 * 1024;

    static DrillNote of(WeeklyDrill drill) {
        return new DrillNote(
                drill.enabled(),
                drill.sample().files().map(String::valueOf).orElse(""),
                "" + Math.max(1, drill.sample().maxBytes() / MEBIBYTE),
                drill.nextAt());
    }

    /** Whether the next one was due before. */
    boolean overdue(Instant now) {
        return next.filter(at -> at.isBefore(now)).isPresent();
    }
}
