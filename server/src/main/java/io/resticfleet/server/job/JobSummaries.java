package io.resticfleet.server.job;

import com.github.f4b6a3.ulid.Ulid;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ScheduleId;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Jobs of many hosts at once, for pages. All methods read within the handle's transaction. */
public final class JobSummaries {

    /** Tolerance for the time in a job's id, which may come from a host's clock. */
    private static final Duration ID_SLACK = Duration.ofDays(1);

    private static final Comparator<JobSummary> LATEST =
            Comparator.comparing(job -> job.finishedAt().orElse(job.at()));

    /** The last ended job of each schedule of these hosts, by schedule id. */
    public Map<ScheduleId, JobSummary> outcomes(Handle handle, Collection<HostId> hostIds) {
        return hostIds.isEmpty()
                ? Map.of()
                : handle.attach(JobSummaryDao.class).outcomes(hostIds).stream()
                        .collect(Collectors.toMap(job -> job.scheduleId().orElseThrow(), Function.identity()));
    }

    /** The last failed drill without a schedule of each of these hosts, after which no such drill succeeded; by host id. */
    public Map<HostId, JobSummary> failedDrills(Handle handle, Collection<HostId> hostIds) {
        return hostIds.isEmpty()
                ? Map.of()
                : handle.attach(JobSummaryDao.class).failedDrills(hostIds).stream()
                        .collect(Collectors.toMap(
                                JobSummary::hostId, Function.identity(), BinaryOperator.maxBy(LATEST)));
    }

    /**
     * The last forget, prune, check and copy without a schedule of each of these hosts, those that failed or were interrupted:
     * somebody started them, or the server itself.
     */
    public List<JobSummary> failedUpkeep(Handle handle, Collection<HostId> hostIds) {
        return hostIds.isEmpty()
                ? List.of()
                : handle.attach(JobSummaryDao.class).failedUpkeep(hostIds);
    }

    /** Jobs of these hosts that have not ended, running jobs first. */
    public List<JobSummary> open(Handle handle, Collection<HostId> hostIds) {
        return hostIds.isEmpty()
                ? List.of()
                : handle.attach(JobSummaryDao.class).open(hostIds);
    }

    /**
     * Numbers of backups of these hosts, by the day in a time zone on which they were due or requested. A day with a
     * clock change may be in two parts.
     */
    public List<BackupCount> backupsByDay(
            Handle handle, Collection<HostId> hostIds, LocalDate first, LocalDate last, ZoneId zone) {
        if (hostIds.isEmpty()) {
            return List.of();
        }
        var counts = new ArrayList<BackupCount>();
        var end = last.plusDays(1).atStartOfDay(zone).toInstant();
        for (var from = first.atStartOfDay(zone).toInstant(); from.isBefore(end); ) {
            var until = nextChange(zone, from).filter(end::isAfter).orElse(end);
            var sinceId = Ulid.min(from.minus(ID_SLACK).toEpochMilli()).toString();
            long offsetMs = zone.getRules().getOffset(from).getTotalSeconds() * 1_000L;
            counts.addAll(handle.attach(JobSummaryDao.class).backupCounts(hostIds, sinceId, from, until, offsetMs));
            from = until;
        }
        return counts;
    }

    private static Optional<Instant> nextChange(ZoneId zone, Instant from) {
        return Optional.ofNullable(zone.getRules().nextTransition(from)).map(ZoneOffsetTransition::getInstant);
    }

    /** The last backup of each enabled schedule of these hosts that made a snapshot. */
    public List<Job> lastGoodBySchedule(Handle handle, Collection<HostId> hostIds) {
        return hostIds.isEmpty()
                ? List.of()
                : handle.attach(JobSummaryDao.class).lastGoodBySchedule(hostIds);
    }

    /** The last backup of each of these hosts that made a snapshot, by host id. */
    public Map<HostId, Job> lastGood(Handle handle, Collection<HostId> hostIds) {
        return hostIds.isEmpty()
                ? Map.of()
                : handle.attach(JobSummaryDao.class).lastGood(hostIds).stream()
                        .collect(Collectors.toMap(Job::hostId, Function.identity()));
    }
}
