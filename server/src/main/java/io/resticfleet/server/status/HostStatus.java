package io.resticfleet.server.status;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Pause;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.HostExpectations;
import io.resticfleet.server.host.ScheduleVersion;
import io.resticfleet.server.job.JobSummary;
import io.resticfleet.server.link.AgentInstance;
import io.resticfleet.server.schedule.ScheduleBrief;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The status of a host.
 *
 * @param expected what operators expect of it
 * @param pause absent unless it is paused
 * @param schedules all of them, oldest first
 * @param outcomes last ended job by the id of its enabled schedule, without what was missed in a pause; no entry if it never
 *     ran
 * @param open jobs that have not ended, running ones first
 * @param failedDrill the last drill without a schedule that failed, if none of the same backup schedule has succeeded since
 * @param clones the agents that use its identity; empty unless there are several
 * @param exposed whether its connection comes from another machine without TLS; false while not connected
 * @param nextBackup when the next backup is due; absent if none is
 */
public record HostStatus(
        Host host,
        HostExpectations expected,
        Optional<Pause> pause,
        Presence presence,
        ScheduleVersion version,
        List<ScheduleBrief> schedules,
        Map<ScheduleId, JobSummary> outcomes,
        List<JobSummary> open,
        Optional<JobSummary> failedDrill,
        List<AgentInstance> clones,
        boolean exposed,
        Optional<Instant> nextBackup,
        HostState state) {

    static HostStatus of(
            HostFacts facts,
            Optional<Pause> pause,
            Presence presence,
            List<AgentInstance> clones,
            boolean exposed,
            Optional<Instant> nextBackup) {
        return new HostStatus(
                facts.host(),
                facts.expected(),
                pause,
                presence,
                facts.version(),
                facts.schedules(),
                facts.outcomes(),
                facts.open(),
                facts.failedDrill(),
                clones,
                exposed,
                nextBackup,
                pause.isPresent()
                        ? HostState.PAUSED
                        : state(
                                facts.host(),
                                presence,
                                facts.version(),
                                clones,
                                enabledBackups(facts.schedules()),
                                facts.outcomes(),
                                facts.failedDrill(),
                                nextBackup));
    }

    /** Whether the same facts, with these connections and this next backup, result in the same status. */
    boolean matches(
            Optional<Pause> otherPause,
            Presence otherPresence,
            List<AgentInstance> otherClones,
            boolean otherExposed,
            Optional<Instant> next) {
        return presence == otherPresence
                && pause.equals(otherPause)
                && exposed == otherExposed
                && nextBackup.equals(next)
                && clones.equals(otherClones);
    }

    private static HostState state(
            Host host,
            Presence presence,
            ScheduleVersion version,
            List<AgentInstance> clones,
            List<ScheduleBrief> backups,
            Map<ScheduleId, JobSummary> outcomes,
            Optional<JobSummary> failedDrill,
            Optional<Instant> nextBackup) {
        if (any(outcomes, HostStatus::failed)) {
            return HostState.FAILED;
        }
        if (any(outcomes, job -> job.status() == JobStatus.MISSED)) {
            return HostState.MISSED;
        }
        if (failedDrill.isPresent() || any(outcomes, HostStatus::drillFailed)) {
            return HostState.DRILL_FAILED;
        }
        if (!clones.isEmpty()) {
            return HostState.CLONED;
        }
        if (presence == Presence.NEVER_SEEN) {
            return HostState.NEVER_SEEN;
        }
        if (host.resticVersion().isEmpty()) {
            return HostState.RESTIC_MISSING;
        }
        if (version.refused().isPresent()) {
            return HostState.REFUSED;
        }
        if (any(outcomes, job -> job.status() == JobStatus.PARTIAL)) {
            return HostState.PARTIAL;
        }
        if (any(outcomes, JobSummary::holdsRetention)) {
            return HostState.UNUSUAL;
        }
        if (backups.isEmpty()) {
            return HostState.UNPROTECTED;
        }
        if (backups.stream().noneMatch(schedule -> outcomes.containsKey(schedule.id()))) {
            return nextBackup.isPresent() ? HostState.WAITING : HostState.NOT_YET;
        }
        return presence == Presence.OFFLINE ? HostState.OFFLINE : HostState.BACKED_UP;
    }

    /** The run that caused the state; absent if the cause is not a run. */
    public Optional<JobSummary> culprit() {
        return switch (state) {
            case FAILED -> first(HostStatus::failed);
            case MISSED -> first(job -> job.status() == JobStatus.MISSED);
            case DRILL_FAILED -> first(HostStatus::drillFailed).or(() -> failedDrill);
            case PARTIAL -> first(job -> job.status() == JobStatus.PARTIAL);
            case UNUSUAL -> first(JobSummary::holdsRetention);
            default -> Optional.empty();
        };
    }

    /** The enabled backup schedules. */
    public List<ScheduleBrief> backups() {
        return enabledBackups(schedules);
    }

    private static List<ScheduleBrief> enabledBackups(List<ScheduleBrief> schedules) {
        return schedules.stream()
                .filter(schedule -> schedule.enabled() && schedule.kind() == JobKind.BACKUP)
                .toList();
    }

    /** Whether the agent applies another version of the schedules than the server's. */
    public boolean drifted() {
        return version.drifted();
    }

    /** One that was interrupted proves nothing, and its agent or this server tries again. */
    private static boolean drillFailed(JobSummary job) {
        return job.kind() == JobKind.DRILL && job.status() == JobStatus.FAILED;
    }

    private static boolean failed(JobSummary job) {
        return job.kind() != JobKind.DRILL
                && (job.status() == JobStatus.FAILED || job.status() == JobStatus.INTERRUPTED);
    }

    private static boolean any(Map<ScheduleId, JobSummary> outcomes, Predicate<JobSummary> which) {
        return outcomes.values().stream().anyMatch(which);
    }

    /** The first match: backups before other kinds, then newest first. */
    private Optional<JobSummary> first(Predicate<JobSummary> which) {
        return outcomes.values().stream()
                .filter(which)
                .min((one, other) -> one.kind() != other.kind()
                        ? one.kind().compareTo(other.kind())
                        : other.at().compareTo(one.at()));
    }
}
