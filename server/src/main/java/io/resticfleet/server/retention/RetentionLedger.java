package io.resticfleet.server.retention;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryRow;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the server itself saw, for {@link SlotRetention}: when hosts were away, when it first saw each snapshot, and the slot of
 * each. The versions of schedules are recorded by triggers of the database. Safe for use by many threads.
 */
public final class RetentionLedger {

    private static final Logger log = LoggerFactory.getLogger(RetentionLedger.class);

    private static final int MAX_GAPS = 1_000;

    /** Upper bound for the detection of a lost connection: so long, the host may have been away already. */
    private static final Duration DETECTION = Duration.ofMinutes(1);

    /** No run can claim a slot this old: it was listed since, and its host's gap is closed. */
    private static final Duration CLAIMABLE = Duration.ofDays(100);

    private static final Duration GAPS_KEPT = Duration.ofDays(30);
    private static final int ADDED_AT_ONCE = 1_000;

    private final Database db;
    private final Repositories repositories;
    private final Agents agents;
    private final SlotRetention rule = SlotRetention.standard();
    private final InstantSource clock;

    public RetentionLedger(Database db, Repositories repositories, Agents agents, InstantSource clock) {
        this.db = db;
        this.repositories = repositories;
        this.agents = agents;
        this.clock = clock;
    }

    /** Records that no host was seen until now. Called at start, before agents connect. */
    public void started() {
        db.change(tx -> tx.attach(RecordDao.class).allLeft());
    }

    /** Records in this transaction that a host has connected. */
    public void connected(Handle tx, HostId hostId) {
        var dao = tx.attach(RecordDao.class);
        dao.returned(hostId, clock.instant());
        dao.deleteGaps(hostId, clock.instant().minus(GAPS_KEPT));
        dao.deleteOldest(hostId, MAX_GAPS);
    }

    /** Records that a host has disconnected. */
    public void left(HostId hostId) {
        db.note(tx -> tx.attach(RecordDao.class).left(hostId, clock.instant().minus(DETECTION)));
    }

    /** Looks for the slots of snapshots, after a backup was reported. */
    public void reported(HostId hostId, RepositoryId repositoryId) {
        db.change(tx -> {
            tx.attach(RecordDao.class).drained(hostId, clock.instant());
            bind(tx, repositoryId);
        });
    }

    /**
     * Records what a host's list of a repository's snapshots shows. Where a repository has a maintainer, only its list counts.
     */
    void listed(HostId hostId, RepositoryId repositoryId) {
        if (!db.read(handle -> isLister(handle, hostId, repositoryId))) {
            return;
        }
        var now = clock.instant();
        var added = List.of("");
        do {
            var after = Collections.max(added);
            added = db.write(tx -> tx.attach(SeenDao.class).add(hostId, repositoryId, now, after, ADDED_AT_ONCE));
        } while (added.size() == ADDED_AT_ONCE);
        db.change(tx -> {
            var dao = tx.attach(SeenDao.class);
            dao.returned(hostId, repositoryId);
            long vanished = dao.gone(hostId, repositoryId, now).stream()
                    .filter(expected -> !expected)
                    .count();
            vanished -= dao.repaired(hostId, repositoryId, now);
            if (vanished > 0 && agents.supports(hostId, Protocol.RETENTION_PLANS)) { // older ones remove by themselves
                log.warn(
                        "snapshots disappeared that retention did not remove repository={} snapshots={}",
                        repositoryId,
                        vanished);
                tx.attach(RecordDao.class).alarm(repositoryId.value(), Hold.Cause.LISTING_SHRANK.name(), now);
            }
            dao.listed(hostId, repositoryId, now);
            dao.deleteGone(repositoryId, now.minus(CLAIMABLE));
            bind(tx, repositoryId);
            inherit(tx, repositoryId);
        });
    }

    /** Records that a host has listed a repository again, and found nothing else. */
    void listedAgain(HostId hostId, RepositoryId repositoryId) {
        db.change(tx -> {
            if (isLister(tx, hostId, repositoryId)) {
                tx.attach(SeenDao.class).listed(hostId, repositoryId, clock.instant());
                inherit(tx, repositoryId);
            }
        });
    }

    /** Lets copies in a repository count where their originals do. */
    private static void inherit(Handle tx, RepositoryId target) {
        var dao = tx.attach(CopyDao.class);
        dao.routes().stream()
                .filter(route -> route.target().equals(target))
                .map(CopyDao.Route::source)
                .distinct()
                .forEach(source -> dao.inherit(source, target));
    }

    private boolean isLister(Handle handle, HostId hostId, RepositoryId repositoryId) {
        return repositories
                .find(handle, repositoryId)
                .flatMap(RepositoryRow::maintainerHostId)
                .map(hostId::equals)
                .orElse(true);
    }

    private void bind(Handle tx, RepositoryId repositoryId) {
        var dao = tx.attach(SeenDao.class);
        var records = new HashMap<ScheduleId, Optional<ScheduleRecord>>();
        for (var row : dao.claims(repositoryId)) {
            var record = records.computeIfAbsent(row.scheduleId(), id -> find(tx, id));
            Counting counting = record.isEmpty()
                    ? new Unknown(Unknown.Reason.OTHER_HOST)
                    : rule.bind(record.get(), row.claim(), row.sighting());
            if (counting instanceof Binding binding) {
                record.get().add(binding);
                bind(dao, repositoryId, row.scheduleId(), binding, Optional.of(row.jobId()));
            } else if (counting instanceof Unknown unknown) {
                dao.refuse(repositoryId, row.snapshotId(), unknown.reason().name(), row.jobId());
            }
        }
    }

    private static void bind(
            SeenDao dao, RepositoryId repositoryId, ScheduleId schedule, Binding binding, Optional<JobId> job) {
        dao.bind(
                repositoryId,
                binding.snapshotId(),
                schedule,
                binding.trust().word(),
                binding.slot().at(),
                binding.slot().click(),
                binding.status(),
                job);
    }

    /** What was recorded of a schedule, also of one that was deleted; empty if it never existed. */
    private Optional<ScheduleRecord> find(Handle handle, ScheduleId scheduleId) {
        var bindings = handle
                .attach(SeenDao.class)
                .bound(scheduleId, clock.instant().minus(CLAIMABLE))
                .stream()
                .flatMap(row -> row.binding().stream())
                .toList();
        return find(handle, scheduleId, bindings);
    }

    /** The same, with these bindings. */
    Optional<ScheduleRecord> find(Handle handle, ScheduleId scheduleId, List<Binding> bindings) {
        var dao = handle.attach(RecordDao.class);
        var terms = dao.terms(scheduleId);
        if (terms.isEmpty()) {
            return Optional.empty();
        }
        var host = terms.get(0).hostId();
        var gaps = dao.gaps(host).stream()
                .map(row -> new Gap(row.fromAt(), row.untilAt(), row.drainedAt()))
                .toList();
        var dueTimes = new DueTimes(terms.stream().map(RetentionLedger::terms).toList());
        return Optional.of(new ScheduleRecord(scheduleId, host, dueTimes, gaps, bindings));
    }

    private static Terms terms(RecordDao.TermsRow row) {
        return new Terms(row.fromAt(), row.cron().map(CronExpression::parse), zone(row.timeZone()), row.retention());
    }

    private static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            return ZoneOffset.UTC;
        }
    }

    /** Confirms snapshots that are not proven; returns how many were. */
    int confirm(Handle tx, RepositoryId repositoryId, List<String> snapshotIds) {
        return snapshotIds.stream()
                .mapToInt(id -> tx.attach(SeenDao.class).confirm(repositoryId, id))
                .sum();
    }

    /** Lets snapshots that have no slot count for a schedule at their own time; returns how many now do. */
    int adopt(Handle tx, RepositoryId repositoryId, ScheduleId scheduleId, List<String> snapshotIds) {
        var dao = tx.attach(SeenDao.class);
        int adopted = 0;
        for (var id : snapshotIds) {
            var row = dao.findUnbound(repositoryId, id);
            if (row.isPresent()
                    && rule.adopt(row.get().sighting(), JobStatus.SUCCEEDED, clock.instant())
                            instanceof Binding binding) {
                bind(dao, repositoryId, scheduleId, binding, Optional.empty());
                adopted++;
            }
        }
        return adopted;
    }

    /**
     * A snapshot of a repository that counts for a schedule, or would if it had a slot.
     *
     * @param removing when retention last decided to remove it; absent if it did not
     */
    record Present(
            Sighting sighting,
            Optional<Binding> binding,
            Optional<Unknown.Reason> reason,
            Optional<Instant> removing) {}

    List<Present> present(Handle handle, RepositoryId repositoryId, ScheduleId scheduleId) {
        return present(handle.attach(SeenDao.class).present(repositoryId, scheduleId));
    }

    static List<Present> present(List<SeenDao.SeenRow> rows) {
        return rows.stream()
                .map(row -> new Present(
                        row.sighting(), row.binding(), row.reason().map(Unknown.Reason::valueOf), row.removingAt()))
                .toList();
    }

    /** Records that retention decided to remove these. */
    void removing(Handle tx, RepositoryId repositoryId, List<String> snapshotIds) {
        if (!snapshotIds.isEmpty()) {
            tx.attach(SeenDao.class).removing(repositoryId, snapshotIds, clock.instant());
        }
    }

    /** When a host's last list of a repository was received; empty if it never was. */
    Optional<Instant> receivedAt(Handle handle, HostId hostId, RepositoryId repositoryId) {
        return handle.attach(SeenDao.class).receivedAt(hostId, repositoryId);
    }
}
