package io.resticfleet.agent.schedule;

import io.resticfleet.protocol.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;

/** The random delay of a run, so that machines with the same cron expression do not start at once. */
final class Jitter {

    private Jitter() {}

    /**
     * A delay that differs by schedule and due time, but is always the same for both, also after a restart.
     *
     * @param next the following due time; the run starts before it
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
