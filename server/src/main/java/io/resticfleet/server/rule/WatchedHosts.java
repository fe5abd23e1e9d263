package io.resticfleet.server.rule;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.job.JobSummaries;
import io.resticfleet.server.job.JobSummary;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.HostStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All hosts as rules see them. Reads only those again whose status is another object. Used by one thread at a time. */
public final class WatchedHosts {

    /** Number of hosts in one statement. */
    private static final int BATCH_SIZE = 500;

    private final Database db;
    private final Fleet fleet;
    private final JobSummaries jobs;
    private Map<HostId, WatchedHost> known = Map.of();

    public WatchedHosts(Database db, Fleet fleet, JobSummaries jobs) {
        this.db = db;
        this.jobs = jobs;
        this.fleet = fleet;
    }

    /** In order of enrolment. */
    List<WatchedHost> now(Instant now) {
        var hosts = fleet.now().hosts();
        var changed = hosts.stream()
                .filter(status -> {
                    var before = known.get(status.host().id());
                    return before == null || before.status() != status;
                })
                .toList();
        var fresh = new HashMap<HostId, WatchedHost>(2 * hosts.size());
        for (int from = 0; from < changed.size(); from += BATCH_SIZE) {
            read(changed.subList(from, Math.min(from + BATCH_SIZE, changed.size())), now)
                    .forEach(host -> fresh.put(host.status().host().id(), host));
        }
        var all = new ArrayList<WatchedHost>(hosts.size());
        for (var status : hosts) {
            all.add(fresh.computeIfAbsent(status.host().id(), known::get));
        }
        known = fresh;
        return all;
    }

    private List<WatchedHost> read(Collection<HostStatus> some, Instant now) {
        var ids = some.stream().map(status -> status.host().id()).toList();
        return db.read(handle -> handle.inTransaction(tx -> {
            var dao = tx.attach(RuleDao.class);
            var backups = dao.backups(ids).stream().collect(Collectors.groupingBy(RuleDao.BackupRow::hostId));
            var proofs =
                    dao.proofs(ids).stream().collect(Collectors.toMap(RuleDao.ProofRow::hostId, Function.identity()));
            var upkeep = jobs.failedUpkeep(tx, ids).stream().collect(Collectors.groupingBy(JobSummary::hostId));
            return some.stream()
                    .map(status -> {
                        var id = status.host().id();
                        return WatchedHost.of(
                                status,
                                backups.getOrDefault(id, List.of()),
                                Optional.ofNullable(proofs.get(id)),
                                upkeep.getOrDefault(id, List.of()),
                                now);
                    })
                    .toList();
        }));
    }
}
