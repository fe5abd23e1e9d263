package io.resticfleet.agent.schedule;

import io.resticfleet.protocol.Schedule;
import java.time.Instant;

/**
 * The planner's position in one schedule.
 *
 * @param timing everything that decides when the schedule is due
 * @param handledUntil due times up to here were handled
 * @param life how often the clock was set back: due times that come again are then different ones
 */
record ScheduleCursor(String timing, Instant handledUntil, int life) {

    private static final String ACTIVE = "true false ";

    static ScheduleCursor start(Schedule schedule, Instant now) {
        return new ScheduleCursor(timing(schedule), now, 0);
    }

    static String timing(Schedule schedule) {
        return schedule.enabled() + " " + schedule.manual() + " "
                + schedule.cron().orElse("") + " " + schedule.timeZone().orElse("");
    }

    ScheduleCursor until(Instant handled) {
        return new ScheduleCursor(timing, handled, life);
    }

    ScheduleCursor setBack(Instant now) {
        return new ScheduleCursor(timing, now, life + 1);
    }

    /**
     * The same position in a schedule that may have changed. Time during which it was disabled does not count.
     *
     * @param now the position of a schedule that was disabled
     */
    ScheduleCursor of(Schedule schedule, Instant now) {
        return timing.startsWith(ACTIVE)
                ? new ScheduleCursor(timing(schedule), handledUntil, life)
                : timing.equals(timing(schedule)) ? this : new ScheduleCursor(timing(schedule), now, life);
    }
}
