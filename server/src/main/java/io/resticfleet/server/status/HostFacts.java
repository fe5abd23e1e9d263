package io.resticfleet.server.status;

import io.resticfleet.protocol.Pause;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.HostExpectations;
import io.resticfleet.server.host.ScheduleVersion;
import io.resticfleet.server.job.JobSummary;
import io.resticfleet.server.schedule.ScheduleBrief;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The data in the database that a host's status depends on.
 *
 * @param schedules all of them, oldest first
 * @param outcomes last ended job by the id of its enabled schedule; no entry if it never ran
 * @param open jobs that have not ended, running ones first
 * @param expected what operators expect of it
 * @param pause absent if it was not paused when this was read; one with an end may have ended since
 * @param failedDrill the last drill without a schedule that failed, if none of the same backup schedule has succeeded since
 */
record HostFacts(
        Host host,
        HostExpectations expected,
        Optional<Pause> pause,
        ScheduleVersion version,
        List<ScheduleBrief> schedules,
        Map<ScheduleId, JobSummary> outcomes,
        List<JobSummary> open,
        Optional<JobSummary> failedDrill) {}
