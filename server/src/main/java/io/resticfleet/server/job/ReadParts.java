package io.resticfleet.server.job;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.DataPart;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.repository.RepositoryFindings;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;

/** Which part of a repository's data a scheduled check reads, so that all is read within the days that its schedule sets. */
public final class ReadParts {

    private final Hosts hosts;
    private final RepositoryFindings findings;
    private final InstantSource clock;

    public ReadParts(Hosts hosts, RepositoryFindings findings, InstantSource clock) {
        this.hosts = hosts;
        this.findings = findings;
        this.clock = clock;
    }

    /** The part that the schedule's next check reads; empty if it reads none. */
    Optional<DataPart> next(RepositoryId id, HostId hostId, Schedule schedule) {
        return schedule.options()
                .readAllDays()
                .filter(days -> schedule.kind() == JobKind.CHECK)
                .map(days -> findings.nextPart(id, runs(hostId, schedule, days)));
    }

    /** How many checks are due within so many days; of a manual schedule, one a day is assumed. */
    private int runs(HostId hostId, Schedule schedule, int days) {
        if (schedule.cron().isEmpty()) {
            return Math.min(days, DataPart.MAX);
        }
        var zone = schedule.zone(hosts.find(hostId).map(Host::zone).orElse(ZoneOffset.UTC));
        var cron = CronExpression.parse(schedule.cron().get());
        var until = clock.instant().plus(Duration.ofDays(days));
        int runs = 0;
        for (var due = cron.next(clock.instant(), zone);
                due.isPresent() && !due.get().isAfter(until) && runs < DataPart.MAX;
                due = cron.next(due.get(), zone)) {
            runs++;
        }
        return Math.max(1, runs);
    }
}
