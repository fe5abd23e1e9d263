package io.resticfleet.server.job;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.ScheduleId;

/** Backups that are not like the ones before, for which retention is held until an operator accepts one. */
public interface UnusualBackups {

    /** Whether a backup is one of them. */
    boolean contains(HostId hostId, ScheduleId scheduleId, JobId jobId);

    /** Looks at the backups of a schedule again: one has ended, or was accepted. Does nothing if it is deleted. */
    void changed(HostId hostId, ScheduleId scheduleId);
}
