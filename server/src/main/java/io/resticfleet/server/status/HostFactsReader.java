package io.resticfleet.server.status;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Expectations;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.Pauses;
import io.resticfleet.server.host.ScheduleVersions;
import io.resticfleet.server.job.JobSummaries;
import io.resticfleet.server.job.JobSummary;
import io.resticfleet.server.schedule.ScheduleBrief;
import io.resticfleet.server.schedule.Schedules;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Reads the facts of hosts in one transaction. */
final class HostFactsReader {

    /** Number of hosts in one statement. */
    private static final int BATCH_SIZE = 500;

    private final Database db;
    private final Hosts hosts;
    private final Expectations expectations;
    private final Pauses pauses;
    private final ScheduleVersions versions;
    private final Schedules schedules;
    private final JobSummaries jobs;

    HostFactsReader(
            Database db,
            Hosts hosts,
            Expectations expectations,
            Pauses pauses,
            ScheduleVersions versions,
            Schedules schedules,
            JobSummaries jobs) {
        this.db = db;
        this.hosts = hosts;
        this.expectations = expectations;
        this.pauses = pauses;
        this.versions = versions;
        this.schedules = schedules;
        this.jobs = jobs;
    }

    /** All hosts, by id. */
    Map<HostId, HostFacts> all() {
        return db.read(handle -> handle.inTransaction(tx -> {
            var ids = hosts.ids(tx);
            var all = new HashMap<HostId, HostFacts>();
            for (int from = 0; from < ids.size(); from += BATCH_SIZE) {
                all.putAll(some(tx, ids.subList(from, Math.min(from + BATCH_SIZE, ids.size()))));
            }
            return all;
        }));
    }

    /** Those of the given hosts that exist, by id. */
    Map<HostId, HostFacts> some(Collection<HostId> ids) {
        return db.read(handle -> handle.inTransaction(tx -> some(tx, ids)));
    }

    private Map<HostId, HostFacts> some(Handle tx, Collection<HostId> ids) {
        var expected = expectations.of(tx, ids);
        var paused = pauses.of(tx, ids);
        var versionOf = versions.get(tx, ids);
        var schedulesOf = schedules.briefs(tx, ids).stream().collect(Collectors.groupingBy(ScheduleBrief::hostId));
        var outcomesOf = jobs.outcomes(tx, ids).values().stream()
                .collect(Collectors.groupingBy(
                        JobSummary::hostId,
                        Collectors.toMap(job -> job.scheduleId().orElseThrow(), Function.identity())));
        var openOf = jobs.open(tx, ids).stream().collect(Collectors.groupingBy(JobSummary::hostId));
        var drills = jobs.failedDrills(tx, ids);
        return hosts.some(tx, ids).stream()
                .collect(Collectors.toMap(
                        Host::id,
                        host -> new HostFacts(
                                host,
                                expected.get(host.id()),
                                Optional.ofNullable(paused.get(host.id())),
                                versionOf.get(host.id()),
                                List.copyOf(schedulesOf.getOrDefault(host.id(), List.of())),
                                Map.copyOf(outcomesOf.getOrDefault(host.id(), Map.of())),
                                List.copyOf(openOf.getOrDefault(host.id(), List.of())),
                                Optional.ofNullable(drills.get(host.id())))));
    }
}
