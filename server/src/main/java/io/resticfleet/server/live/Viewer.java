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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A user's view of a page: formats times in the user's time zone.
 *
 * @param zone from the browser's cookie; the server's zone until it is set
 * @param now time of the request
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

    private static final Pattern INSTANT =
            Pattern.compile("\\b\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?Z\\b");

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

    /** A text whose ISO 8601 instants, such as {@code 2026-11-24T02:30:12Z}, are replaced by {@link #date(Instant)}. */
    public String withLocalTimes(String text) {
        return INSTANT.matcher(text).replaceAll(found -> Matcher.quoteReplacement(local(found.group())));
    }

    private String local(String instant) {
        try {
            return date(Instant.parse(instant));
        } catch (DateTimeException e) {
            return instant;
        }
    }

    /** Such as {@code Tue 24 Nov 2026, 02:30:12 (Europe/London)}. */
    public String full(Instant at) {
        return FULL.format(at.atZone(zone)) + " (" + zone + ")";
    }

    /** Such as {@code Tue 24 Nov, 02:30}; with the year instead of the weekday if more than 300 days away. */
    public String date(Instant at) {
        return date(at, zone);
    }

    /** As {@link #date(Instant)}, in another zone. */
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
     * The time since an event, such as {@code 3 h ago}. An event in the future, as clocks of machines differ, counts as just
     * now. The pages' script uses the same words to update them.
     */
    public String ago(Instant at) {
        var span = span(Duration.between(at, now).toSeconds());
        return span.isEmpty() ? "just now" : span + " ago";
    }

    /** The time until something is due, such as {@code in 12 min}; {@code now} if it is due or overdue. */
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
