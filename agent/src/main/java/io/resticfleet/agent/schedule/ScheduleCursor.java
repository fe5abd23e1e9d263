package io.resticfleet.agent.schedule;

import io.resticfleet.protocol.Schedule;
import java.time.Instant;

/**
 * How far the planner has come with one schedule.
 *
 * @param timing what decides when it is due
 * @param handledUntil everything due until then was dealt with
 * @param life how often the clock was set back: what then comes due again is another due time of the same name
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
     * The same place in a schedule that may have changed. What passed while it was disabled was not due.
     *
     * @param now where one that was disabled begins
     */
    ScheduleCursor of(Schedule schedule, Instant now) {
        return timing.startsWith(ACTIVE)
                ? new ScheduleCursor(timing(schedule), handledUntil, life)
                : timing.equals(timing(schedule)) ? this : new ScheduleCursor(timing(schedule), now, life);
    }
}
