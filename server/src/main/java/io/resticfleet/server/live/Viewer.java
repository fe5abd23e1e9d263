package io.resticfleet.server.live;

import io.javalin.http.Context;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * Who looks at a page, and when: times are told in the viewer's own zone.
 *
 * @param zone as the browser said by a cookie; before it has, the server's own
 */
public record Viewer(ZoneId zone, Instant now) {

    /** Set by the pages' script to the browser's IANA zone name. */
    private static final String ZONE_COOKIE = "rf_zone";

    private static final DateTimeFormatter FULL =
            DateTimeFormatter.ofPattern("EEE d MMM uuuu, HH:mm:ss", Locale.ENGLISH);
    private static final DateTimeFormatter SHORT = DateTimeFormatter.ofPattern("EEE d MMM, HH:mm", Locale.ENGLISH);
    private static final DateTimeFormatter WITH_YEAR = DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm", Locale.ENGLISH);
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ENGLISH);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("EEE d MMM", Locale.ENGLISH);

    public static Viewer of(Context ctx, Instant now) {
        var zone = Optional.ofNullable(ctx.cookie(ZONE_COOKIE)).flatMap(Viewer::zone);
        return new Viewer(zone.orElseGet(ZoneId::systemDefault), now);
    }

    private static Optional<ZoneId> zone(String name) {
        try {
            return Optional.of(ZoneId.of(name.replace("%2F", "/")));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Such as {@code Tue 24 Nov 2026, 02:30:12 (Europe/London)}. */
    public String full(Instant at) {
        return FULL.format(at.atZone(zone)) + " (" + zone + ")";
    }

    /** Such as {@code Tue 24 Nov, 02:30}; with the year instead of the day if that is far off. */
    public String date(Instant at) {
        return date(at, zone);
    }

    /** As {@link #date(Instant)}, by the clocks of another zone. */
    public String date(Instant at, ZoneId other) {
        boolean far = Duration.between(at, now).abs().compareTo(Duration.ofDays(300)) > 0;
        return (far ? WITH_YEAR : SHORT).format(at.atZone(other));
    }

    /** Such as {@code 02:30:12}. */
    public String clock(Instant at) {
        return CLOCK.format(at.atZone(zone));
    }

    /** Such as {@code Tue 24 Nov}. */
    public static String day(LocalDate day) {
        return DAY.format(day);
    }

    public LocalDate today() {
        return LocalDate.ofInstant(now, zone);
    }

    /**
     * How long ago something was, such as {@code 3 h ago}. Clocks of machines differ: what is said to be to come was just
     * now. The pages' script has the same words, to keep them true while the page is open.
     */
    public String ago(Instant at) {
        var span = span(Duration.between(at, now).toSeconds());
        return span.isEmpty() ? "just now" : span + " ago";
    }

    /** How far off something is that is due, such as {@code in 12 min}; {@code now} if its time has come. */
    public String until(Instant at) {
        var span = span(Duration.between(now, at).toSeconds());
        return span.isEmpty() ? "now" : "in " + span;
    }

    private static String span(long seconds) {
        if (seconds < 45) {
            return "";
        }
        long minutes = Math.max(1, Math.round(seconds / 60.0));
        if (minutes < 60) {
            return minutes + " min";
        }
        long hours = Math.round(seconds / 3600.0);
        return hours < 48 ? hours + " h" : Math.round(seconds / 86400.0) + " days";
    }
}
