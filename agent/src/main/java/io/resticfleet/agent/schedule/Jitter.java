package io.resticfleet.agent.schedule;

import io.resticfleet.protocol.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;

/** How much later than due a run begins, so that machines of one cron expression do not all begin at once. */
final class Jitter {

    private Jitter() {}

    /**
     * The same whenever it is asked for, also after a restart; other for each schedule and each due time.
     *
     * @param next the due time after; the run begins before it
     */
    static Duration of(Schedule schedule, Instant dueAt, Instant next) {
        long most = Math.min(
                Duration.ofMinutes(schedule.jitterMinutes()).toMillis(),
                Duration.between(dueAt, next).toMillis());
        return most <= 0
                ? Duration.ZERO
                : Duration.ofMillis(new SplittableRandom((schedule.id() + "@" + dueAt).hashCode()).nextLong(most));
    }
}
