package io.resticfleet.agent.schedule;

import io.resticfleet.protocol.Schedule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * How far the planner has come with one schedule.
 *
 * @param timing what decides when it is due; if that changes, counting starts anew
 * @param handledUntil everything due until then was dealt with
 * @param fired the last due times dealt with, oldest first: a clock set back makes them come again
 */
record Position(String timing, Instant handledUntil, List<Instant> fired) {

    private static final int MOST_FIRED = 64;

    static Position start(Schedule schedule, Instant now) {
        return new Position(timing(schedule), now, List.of());
    }

    static String timing(Schedule schedule) {
        return schedule.enabled() + " " + schedule.manual() + " "
                + schedule.cron().orElse("") + " " + schedule.timeZone().orElse("");
    }

    Position handled(List<Instant> due, Instant until) {
        var all = new ArrayList<>(fired);
        all.addAll(due);
        return new Position(timing, until, List.copyOf(all.subList(Math.max(0, all.size() - MOST_FIRED), all.size())));
    }
}
