package io.resticfleet.faults;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/**
 * A simple recurrence, evaluated without the product's cron: every n minutes, or once a day.
 *
 * @param everyMinutes divides 60; 60 is hourly; 0 is daily
 * @param hour of the day, if daily
 */
record Recurrence(int everyMinutes, int hour, int minute, ZoneId zone) {

    /** The recurrence as a crontab(5) expression. */
    String cron() {
        if (everyMinutes == 0) {
            return minute + " " + hour + " * * *";
        }
        return (everyMinutes == 60 ? String.valueOf(minute) : "*/" + everyMinutes) + " * * * *";
    }

    /** The due times in {@code (from, until]}. */
    List<Instant> due(Instant from, Instant until) {
        return everyMinutes == 0 ? daily(from, until) : often(from, until);
    }

    /** Whether this is a due time. */
    boolean isDue(Instant at) {
        return due(at.minusMillis(1), at).contains(at);
    }

    /** Every real minute whose clock time matches. */
    private List<Instant> often(Instant from, Instant until) {
        var found = new ArrayList<Instant>();
        long first = Math.floorDiv(from.getEpochSecond(), 60) + 1;
        for (var at = Instant.ofEpochSecond(first * 60); !at.isAfter(until); at = at.plusSeconds(60)) {
            int shown = at.atZone(zone).getMinute();
            if (everyMinutes == 60 ? shown == minute : shown % everyMinutes == 0) {
                found.add(at);
            }
        }
        return found;
    }

    /** Skipped times are due at the end of the gap, repeated times the first time. */
    private List<Instant> daily(Instant from, Instant until) {
        var found = new ArrayList<Instant>();
        var last = until.plus(Duration.ofDays(2)).atZone(zone).toLocalDate();
        for (var day = from.minus(Duration.ofDays(2)).atZone(zone).toLocalDate();
                day.isBefore(last);
                day = day.plusDays(1)) {
            var wall = day.atTime(LocalTime.of(hour, minute));
            var change = zone.getRules().getTransition(wall);
            var at = change != null && change.isGap()
                    ? change.getInstant()
                    : wall.atZone(zone).withEarlierOffsetAtOverlap().toInstant();
            if (at.isAfter(from) && !at.isAfter(until)) {
                found.add(at);
            }
        }
        return found;
    }
}
