package io.resticfleet.agent.schedule;

import io.resticfleet.protocol.Schedule;
import java.time.Instant;

/** Told of what the planner notices. Must not block, and returns once it has made a note on disk. */
public interface DueListener {

    /** Whether a run of this schedule still waits or runs. */
    boolean busy(String scheduleId);

    void run(Schedule schedule, DueTime time, long scheduleVersion);

    /** @param since the oldest due time that this stands for; the time's own if it stands for one */
    void missed(Schedule schedule, Instant since, DueTime time, String reason);
}
