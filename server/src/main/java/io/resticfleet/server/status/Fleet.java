package io.resticfleet.server.status;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.ScheduleVersions;
import io.resticfleet.server.job.JobSummaries;
import io.resticfleet.server.job.JobSummary;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.schedule.ScheduleBrief;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.web.Problem;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** How all hosts stand, made from the database at every look: there is no copy that could be out of date. */
public final class Fleet {

    private final Database db;
    private final Hosts hosts;
    private final ScheduleVersions versions;
    private final Schedules schedules;
    private final JobSummaries jobs;
    private final Agents agents;
    private final InstantSource clock;
    private final NextDue nextDue = new NextDue();

    public Fleet(
            Database db,
            Hosts hosts,
            ScheduleVersions versions,
            Schedules schedules,
            JobSummaries jobs,
            Agents agents,
            InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.versions = versions;
        this.schedules = schedules;
        this.jobs = jobs;
        this.agents = agents;
        this.clock = clock;
    }

    /** Every host, in the order in which they joined. */
    public List<HostStatus> all() {
        return statuses(Optional.empty());
    }

    /** @throws Problem 404 */
    public HostStatus get(String hostId) {
        return statuses(Optional.of(hostId)).stream().findFirst().orElseThrow(() -> Problem.notFound("host " + hostId));
    }

    private List<HostStatus> statuses(Optional<String> hostId) {
        return db.read(handle -> handle.inTransaction(tx -> statuses(tx, hostId)));
    }

    private List<HostStatus> statuses(Handle handle, Optional<String> hostId) {
        var some = hosts.all(handle, hostId);
        var briefs = schedules.briefs(handle, hostId);
        if (hostId.isEmpty()) {
            nextDue.retain(briefs.stream().collect(Collectors.toMap(ScheduleBrief::id, Function.identity())));
        }
        var byHost = briefs.stream().collect(Collectors.groupingBy(ScheduleBrief::hostId));
        var outcomes = jobs.outcomes(handle, hostId).values().stream()
                .collect(Collectors.groupingBy(
                        JobSummary::hostId,
                        Collectors.toMap(job -> job.scheduleId().orElseThrow(), Function.identity())));
        var open = jobs.open(handle, hostId).stream().collect(Collectors.groupingBy(JobSummary::hostId));
        var scheduleVersions = versions.get(handle, some.stream().map(Host::id).toList());
        var now = clock.instant();
        return some.stream()
                .map(host -> {
                    var own = byHost.getOrDefault(host.id(), List.of());
                    return HostStatus.of(
                            host,
                            Presence.of(host, agents),
                            scheduleVersions.get(host.id()),
                            own,
                            outcomes.getOrDefault(host.id(), Map.of()),
                            open.getOrDefault(host.id(), List.of()),
                            agents.clones().of(host.id()),
                            agents.exposed(host.id()).orElse(false),
                            nextBackup(host, own, now));
                })
                .toList();
    }

    private Optional<Instant> nextBackup(Host host, List<ScheduleBrief> own, Instant now) {
        return own.stream()
                .filter(schedule -> schedule.enabled() && schedule.kind() == JobKind.BACKUP)
                .flatMap(schedule -> nextDue.of(schedule, host.zone(), now).stream())
                .min(Instant::compareTo);
    }
}
