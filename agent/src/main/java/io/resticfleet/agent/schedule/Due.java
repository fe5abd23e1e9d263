package io.resticfleet.agent.schedule;

import io.resticfleet.protocol.Schedule;
import java.time.Instant;

/** Told of what the planner notices. Must not block, and returns once it has made a note on disk. */
public interface Due {

    /** Whether a run of this schedule still waits or runs. */
    boolean busy(String scheduleId);

    void run(Schedule schedule, Instant dueAt, long scheduleVersion);

    void missed(Schedule schedule, Instant dueAt, String reason);
}
