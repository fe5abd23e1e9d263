package io.resticfleet.protocol;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.zone.ZoneRules;
import java.util.Optional;

/**
 * A schedule's due times: five fields as in crontab(5). The server validates with this class and the agent starts runs
 * by it.
 *
 * <p>Of cron4j only {@code SchedulingPattern} is used, to match one minute of the wall clock: its scheduler loses,
 * overlaps and blocks runs, and its predictor may loop endlessly. {@link CronFields} makes sure that cron4j applies the
 * rules of crontab(5).
 *
 * <p>DST: a time that is skipped is due at the first valid instant after the gap; a time that is repeated is due once,
 * the first time. If the hour is a wildcard ({@code *} or {@code *}{@code /n}), each real hour counts instead: skipped
 * times are never due, repeated times twice. So a due time is a whole minute of the zone's clock, or the end of a gap.
 * Offsets come from the JDK's {@link ZoneRules} only.
 *
 * <p>Immutable; safe for use by many threads.
 *
 * @see <a href="https://manpages.debian.org/bookworm/cron/crontab.5.en.html">crontab(5)</a>
 */
public final class CronExpression {

    /** The 29th of February falls on a given day of the week every 28 years, or 40 across 1900 or 2100. */
    private static final Period SEARCH = Period.ofYears(41);

    private final String text;
    private final CronFields fields;
    private final WallMinutes minutes;

    private CronExpression(String text, CronFields fields) {
        this.text = text;
        this.fields = fields;
        this.minutes = new WallMinutes(fields);
    }

    /**
     * Parses an expression.
     *
     * @throws IllegalArgumentException with a message for the person who typed it
     */
    public static CronExpression parse(String text) {
        var cron = new CronExpression(text, CronFields.parse(text));
        var anyDay = LocalDateTime.of(2024, 1, 1, 0, 0);
        if (cron.minutes.next(anyDay, anyDay.plus(SEARCH)).isEmpty()) {
            throw new IllegalArgumentException("'" + text + "' never comes due");
        }
        return cron;
    }

    /** The parsed fields; equal for expressions that mean the same. */
    public CronFields fields() {
        return fields;
    }

    /**
     * The first due time after an instant.
     *
     * @return absent only if there is none within forty years
     */
    public Optional<Instant> next(Instant after, ZoneId zone) {
        return fields.hourIsStar() ? nextReal(after, zone.getRules()) : nextFixed(after, zone.getRules());
    }

    /**
     * The last due time up to and including an instant. Fast however many due times there were before.
     *
     * @return absent only if there is none within forty years
     */
    public Optional<Instant> previous(Instant atOrBefore, ZoneId zone) {
        return fields.hourIsStar()
                ? previousReal(atOrBefore, zone.getRules())
                : previousFixed(atOrBefore, zone.getRules());
    }

    /** The number of due times in {@code (after, until]}; 0 if {@code until} is not later. Takes one step per day. */
    public long count(Instant after, Instant until, ZoneId zone) {
        if (!until.isAfter(after)) {
            return 0;
        }
        return fields.hourIsStar()
                ? countReal(after, until, zone.getRules())
                : countFixed(after, until, zone.getRules());
    }

    /** Fixed hours are matched on the wall clock: each wall minute corresponds to one instant, in the same order. */
    private Optional<Instant> nextFixed(Instant after, ZoneRules rules) {
        var wall = passed(after, rules);
        return minutes.next(wall, wall.plus(SEARCH)).map(next -> instantOf(next, rules));
    }

    private Optional<Instant> previousFixed(Instant until, ZoneRules rules) {
        var wall = passed(until, rules);
        return minutes.previous(wall.minus(SEARCH), wall).map(previous -> instantOf(previous, rules));
    }

    private long countFixed(Instant after, Instant until, ZoneRules rules) {
        long count = minutes.count(passed(after, rules), passed(until, rules));
        for (var change = rules.nextTransition(after);
                change != null && !change.getInstant().isAfter(until);
                change = rules.nextTransition(change.getInstant())) {
            if (change.isGap()) {
                // All minutes of a gap and the one at its end are one instant.
                long together = minutes.count(justBefore(change.getDateTimeBefore()), change.getDateTimeAfter());
                count -= Math.max(0, together - 1);
            }
        }
        return count;
    }

    /** The latest wall time passed or skipped so far; during a repeated hour it stays at that hour's end. */
    private static LocalDateTime passed(Instant at, ZoneRules rules) {
        var wall = wallOf(at, rules);
        var change = rules.getTransition(wall);
        return change != null && change.isOverlap() && !at.isBefore(change.getInstant())
                ? justBefore(change.getDateTimeBefore())
                : wall;
    }

    private static Instant instantOf(LocalDateTime wall, ZoneRules rules) {
        var change = rules.getTransition(wall);
        if (change == null) {
            return wall.toInstant(rules.getOffset(wall));
        }
        return change.isGap() ? change.getInstant() : wall.toInstant(change.getOffsetBefore());
    }

    /** Wildcard hours are matched on real time: skipped times do not count, repeated times count twice. */
    private Optional<Instant> nextReal(Instant after, ZoneRules rules) {
        var wall = wallOf(after, rules);
        var limit = wall.plus(SEARCH);
        var from = after;
        while (wall.isBefore(limit)) {
            var offset = rules.getOffset(from);
            var change = rules.nextTransition(from);
            var next = minutes.next(wall, change == null ? limit : change.getDateTimeBefore());
            if (next.isPresent() || change == null) {
                return next.map(found -> found.toInstant(offset));
            }
            from = change.getInstant();
            wall = justBefore(change.getDateTimeAfter());
        }
        return Optional.empty();
    }

    private Optional<Instant> previousReal(Instant until, ZoneRules rules) {
        var wall = wallOf(until, rules);
        var limit = wall.minus(SEARCH);
        var to = until;
        while (wall.isAfter(limit)) {
            var offset = rules.getOffset(to);
            var change = rules.previousTransition(to.plusNanos(1));
            var previous = minutes.previous(change == null ? limit : change.getDateTimeAfter(), wall);
            if (previous.isPresent() || change == null) {
                return previous.map(found -> found.toInstant(offset));
            }
            to = change.getInstant().minusNanos(1);
            wall = justBefore(change.getDateTimeBefore());
        }
        return Optional.empty();
    }

    private long countReal(Instant after, Instant until, ZoneRules rules) {
        long count = 0;
        var wall = wallOf(after, rules);
        for (var change = rules.nextTransition(after);
                change != null && !change.getInstant().isAfter(until);
                change = rules.nextTransition(change.getInstant())) {
            count += minutes.count(wall, justBefore(change.getDateTimeBefore()));
            wall = justBefore(change.getDateTimeAfter());
        }
        return count + minutes.count(wall, wallOf(until, rules));
    }

    private static LocalDateTime wallOf(Instant at, ZoneRules rules) {
        return LocalDateTime.ofInstant(at, rules.getOffset(at));
    }

    private static LocalDateTime justBefore(LocalDateTime wall) {
        return wall.minusNanos(1);
    }

    /** The expression as written. */
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
