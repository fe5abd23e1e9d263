package io.resticfleet.server.retention;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.web.Problem;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** What only an operator can decide about retention. */
public final class RetentionDecisions {

    private final Database db;
    private final Hosts hosts;
    private final Schedules schedules;
    private final Repositories repositories;
    private final RetentionLedger ledger;
    private final Audit audit;
    private final InstantSource clock;

    public RetentionDecisions(
            Database db,
            Hosts hosts,
            Schedules schedules,
            Repositories repositories,
            RetentionLedger ledger,
            Audit audit,
            InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.schedules = schedules;
        this.repositories = repositories;
        this.ledger = ledger;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Lets retention of a schedule go on, whatever held it until now.
     *
     * @throws Problem 404
     */
    public void release(Actor actor, HostId hostId, ScheduleId scheduleId) {
        db.change(tx -> {
            schedules.get(tx, hostId, scheduleId);
            tx.attach(RecordDao.class).release(scheduleId, clock.instant());
            audit.record(tx, actor, "retention.release", hostId, scheduleId, Map.of());
        });
    }

    /**
     * Confirms unproven snapshots: from now on they count like proven ones.
     *
     * @return how many were unproven
     * @throws Problem 404
     */
    public int confirm(Actor actor, RepositoryId repositoryId, List<String> snapshotIds) {
        return db.write(tx -> {
            repositories.get(tx, repositoryId);
            int confirmed = ledger.confirm(tx, repositoryId, snapshotIds);
            audit.record(
                    tx,
                    actor,
                    "retention.confirm",
                    repositoryId.value(),
                    Map.of("snapshots", confirmed, "snapshot_ids", snapshotIds));
            return confirmed;
        });
    }

    /**
     * Lets snapshots without a slot count for a schedule, each at its own time.
     *
     * @return how many count now; not those with a time in the future, nor those that counted before
     * @throws Problem 404
     */
    public int adopt(Actor actor, RepositoryId repositoryId, ScheduleId scheduleId, List<String> snapshotIds) {
        return db.write(tx -> {
            repositories.get(tx, repositoryId);
            var hostId = schedules.owner(tx, scheduleId).orElseThrow(() -> Problem.notFound("schedule " + scheduleId));
            int adopted = ledger.adopt(tx, repositoryId, scheduleId, snapshotIds);
            audit.record(
                    tx,
                    actor,
                    "retention.adopt",
                    hostId,
                    scheduleId,
                    Map.of("snapshots", adopted, "snapshot_ids", snapshotIds));
            return adopted;
        });
    }

    /**
     * From a moment on, nothing that a host makes counts, and its retention is held.
     *
     * @throws Problem 404
     */
    public void distrust(Actor actor, HostId hostId, Instant since) {
        db.change(tx -> {
            hosts.get(tx, hostId);
            tx.attach(RecordDao.class).distrust(hostId, since);
            audit.record(tx, actor, "retention.distrust", hostId, hostId, Map.of("since", since));
        });
    }

    /** @throws Problem 404 */
    public void trust(Actor actor, HostId hostId) {
        db.change(tx -> {
            hosts.get(tx, hostId);
            tx.attach(RecordDao.class).trust(hostId);
            audit.record(tx, actor, "retention.trust", hostId, hostId, Map.of());
        });
    }
}
