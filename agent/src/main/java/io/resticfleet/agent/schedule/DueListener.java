package io.resticfleet.agent.schedule;

import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import java.time.Instant;

/** Receives the planner's decisions. Must not block; returns once the decision is on disk. */
public interface DueListener {

    /** Whether a run of this schedule is waiting or running. */
    boolean busy(ScheduleId scheduleId);

    void run(Schedule schedule, DueTime time, long scheduleVersion);

    /** @param since the oldest due time that this entry covers; {@code time.at()} if it covers one */
    void missed(Schedule schedule, Instant since, DueTime time, String reason);
}
