package io.resticfleet.server.status;

import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.ScheduleVersion;
import io.resticfleet.server.job.JobSummary;
import io.resticfleet.server.schedule.ScheduleBrief;
import java.util.List;
import java.util.Map;

/**
 * What the database has of a host that matters to its status.
 *
 * @param schedules all of them, oldest first
 * @param outcomes by the id of an enabled schedule: how it last ended, if it ever did
 * @param open what has not ended, running first
 */
record HostFacts(
        Host host,
        ScheduleVersion version,
        List<ScheduleBrief> schedules,
        Map<String, JobSummary> outcomes,
        List<JobSummary> open) {}
