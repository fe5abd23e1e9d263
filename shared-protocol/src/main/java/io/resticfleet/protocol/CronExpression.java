package io.resticfleet.protocol;

import it.sauronsoftware.cron4j.SchedulingPattern;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TimeZone;

/**
 * When a schedule is due: five fields as in crontab(5). The same class validates on the server and fires on the agent.
 *
 * <p>Only cron4j's {@link SchedulingPattern} is used, to match one minute; its scheduler loses, overlaps and blocks, and
 * its predictor can loop for ever. {@link CronFields} makes sure that cron4j understands what crontab(5) says.
 *
 * <p>When clocks change: a time that does not exist comes due at the first valid instant after the gap; a time that
 * exists twice comes due once, the first time; but where the hour is not fixed ({@code *} or {@code *}{@code /n}) each
 * real hour counts.
 *
 * <p>Immutable; safe for use by many threads.
 *
 * @see <a href="https://manpages.debian.org/bookworm/cron/crontab.5.en.html">crontab(5)</a>
 */
public final class CronExpression {

    /** Leap years can be eight years apart (1896 to 1904, 2096 to 2104). */
    private static final int SEARCH_DAYS = 8 * 366 + 1;

    private static final TimeZone UTC = TimeZone.getTimeZone("UTC");

    private final String text;
    private final CronFields fields;
    private final SchedulingPattern minutes;
    private final SchedulingPattern days;

    private CronExpression(String text, CronFields fields) {
        this.text = text;
        this.fields = fields;
        this.minutes = new SchedulingPattern(fields.minutePattern());
        this.days = new SchedulingPattern(fields.dayPattern());
    }

    /**
     * Reads an expression.
     *
     * @throws IllegalArgumentException saying what is wrong with it, fit to show to the person who typed it
     */
    public static CronExpression parse(String text) {
        var cron = new CronExpression(text, CronFields.parse(text));
        if (cron.nextWall(LocalDateTime.of(2024, 1, 1, 0, 0).minusMinutes(1)).isEmpty()) {
            throw new IllegalArgumentException("'" + text + "' never comes due");
        }
        return cron;
    }

    /** What it means, however it was written. */
    public CronFields fields() {
        return fields;
    }

    /**
     * The first instant after {@code after} at which this is due; always on a whole minute.
     *
     * @return empty only if there is none within eight years
     */
    public Optional<Instant> next(Instant after, ZoneId zone) {
        return fields.hourIsStar() ? nextReal(after, zone) : nextFixed(after, zone);
    }

    /**
     * The instants in {@code (after, until]} at which this is due, oldest first.
     *
     * @param most stops after so many
     */
    public List<Instant> dueBetween(Instant after, Instant until, ZoneId zone, int most) {
        var due = new ArrayList<Instant>();
        var next = next(after, zone);
        while (next.isPresent() && !next.get().isAfter(until) && due.size() < most) {
            due.add(next.get());
            next = next(next.get(), zone);
        }
        return due;
    }

    /** Fixed hours are matched on the wall clock; each wall minute is then one instant. */
    private Optional<Instant> nextFixed(Instant after, ZoneId zone) {
        // A wall time in a gap, or in the second half of an overlap, resolves to an instant that is not in step with
        // wall order: start a day early and skip what is not after.
        var wall = LocalDateTime.ofInstant(after, zone).minusDays(1);
        for (var next = nextWall(wall); next.isPresent(); next = nextWall(next.get())) {
            var instant = instantOf(next.get(), zone);
            if (instant.isAfter(after)) {
                return Optional.of(instant);
            }
        }
        return Optional.empty();
    }

    private static Instant instantOf(LocalDateTime wall, ZoneId zone) {
        var transition = zone.getRules().getTransition(wall);
        return transition != null && transition.isGap()
                ? transition.getInstant()
                : wall.atZone(zone).withEarlierOffsetAtOverlap().toInstant();
    }

    /** Unfixed hours are matched on real time: what does not exist is passed over, what exists twice counts twice. */
    private Optional<Instant> nextReal(Instant after, ZoneId zone) {
        var timeZone = TimeZone.getTimeZone(zone);
        var candidate = after.truncatedTo(ChronoUnit.MINUTES).plus(Duration.ofMinutes(1));
        var end = candidate.plus(Duration.ofDays(SEARCH_DAYS));
        while (candidate.isBefore(end)) {
            var day = candidate.atZone(zone).toLocalDate();
            var tomorrow = day.plusDays(1).atStartOfDay(zone).toInstant();
            if (matchesDay(day)) {
                for (; candidate.isBefore(tomorrow); candidate = candidate.plus(Duration.ofMinutes(1))) {
                    if (minutes.match(timeZone, candidate.toEpochMilli())) {
                        return Optional.of(candidate);
                    }
                }
            }
            candidate = tomorrow;
        }
        return Optional.empty();
    }

    /** The first wall minute after {@code after}, whatever the zone. */
    private Optional<LocalDateTime> nextWall(LocalDateTime after) {
        var candidate = after.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
        for (int i = 0; i < SEARCH_DAYS; i++) {
            var tomorrow = candidate.toLocalDate().plusDays(1).atStartOfDay();
            if (matchesDay(candidate.toLocalDate())) {
                for (; candidate.isBefore(tomorrow); candidate = candidate.plusMinutes(1)) {
                    if (minutes.match(UTC, candidate.toInstant(ZoneOffset.UTC).toEpochMilli())) {
                        return Optional.of(candidate);
                    }
                }
            }
            candidate = tomorrow;
        }
        return Optional.empty();
    }

    private boolean matchesDay(LocalDate day) {
        return days.match(UTC, day.atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli());
    }

    /** As it was written. */
    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CronExpression cron && cron.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
