package io.resticfleet.server.divergence;

import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.ScheduleVersions;
import io.resticfleet.server.web.Problem;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hosts whose agents know more than this database, because it was restored from an older copy.
 *
 * <p>Neither schedules nor credentials are pushed to such a host until an operator has decided which schedules to keep:
 * a push would undo every change made since the copy. Until then, the agent keeps running the schedules that it has.
 *
 * <p>Two ways of restoring are detected: the {@code restore} command marks the file; and a file that was copied back by
 * hand knows a lower schedule version, or fewer acknowledged results, than the agents. A decision about a host that is
 * not connected is carried out when it connects.
 */
public final class Divergences {

    private static final Logger log = LoggerFactory.getLogger(Divergences.class);

    private static final String BY_COMMAND = "the database was restored from a copy with the restore command";

    private final Database db;
    private final Hosts hosts;
    private final ScheduleVersions versions;
    private final InstantSource clock;
    private final String epoch;

    private Divergences(Database db, Hosts hosts, ScheduleVersions versions, InstantSource clock, String epoch) {
        this.db = db;
        this.hosts = hosts;
        this.versions = versions;
        this.clock = clock;
        this.epoch = epoch;
    }

    /** Handles a restore since the last start: replaces the epoch and marks every host as diverged. */
    public static Divergences open(Database db, Hosts hosts, ScheduleVersions versions, InstantSource clock) {
        if (db.read(handle -> handle.attach(DivergenceDao.class).restoredMark()) != 0) {
            db.change(tx -> {
                var dao = tx.attach(DivergenceDao.class);
                dao.newEpoch();
                dao.allWait(clock.instant(), BY_COMMAND);
                dao.clearRestoredMark();
            });
            log.warn(
                    "the database was restored; nothing is pushed to any host until an operator decides which schedules"
                            + " to keep");
        }
        var epoch = db.read(handle -> handle.attach(DivergenceDao.class).epoch());
        return new Divergences(db, hosts, versions, clock, epoch);
    }

    /** A random mark of this database, replaced by each restore. */
    public String epoch() {
        return epoch;
    }

    /** Hosts that wait for a decision, in order of enrolment. */
    public List<DivergedHost> list() {
        return db.read(handle -> handle.attach(DivergenceDao.class).undecided());
    }

    /** When pushes to this host were stopped; empty if they are allowed. */
    public Optional<Instant> waitsSince(Handle handle, HostId hostId) {
        return handle.attach(DivergenceDao.class)
                .find(hostId)
                .filter(DivergedHostRow::waits)
                .map(DivergedHostRow::sinceAt);
    }

    /** @throws Problem 409 {@code restored_undecided} if pushes to this host are stopped */
    public void refuseWhileWaiting(Handle handle, HostId hostId) {
        handle.attach(DivergenceDao.class)
                .find(hostId)
                .filter(DivergedHostRow::waits)
                .ifPresent(row -> {
                    throw Problem.conflict(
                            "restored_undecided",
                            row.decision().isPresent()
                                    ? "this machine's own schedules are adopted when it connects; change them after that"
                                    : "the database was restored from a copy, and this machine may have newer schedules;"
                                            + " first decide whether to keep the machine's schedules or push the server's");
                });
    }

    /**
     * Records whether an authenticated agent knows more than this database. Called before the agent learns the epoch:
     * after that, its next hello no longer shows the difference.
     */
    public void admit(Hello hello) {
        db.change(tx -> {
            var dao = tx.attach(DivergenceDao.class);
            var host = hosts.get(tx, hello.hostId());
            boolean isNew = hosts.isNew(tx, host.id()) && hello.serverEpoch().isEmpty();
            if (isNew) {
                dao.done(host.id());
                return;
            }
            var row = dao.find(host.id());
            var reason = row.map(DivergedHostRow::reason).or(() -> reason(tx, host, hello));
            reason.ifPresent(why -> dao.waits(host.id(), clock.instant(), why, hello.scheduleVersion()));
            if (row.isEmpty() && reason.isPresent()) {
                log.warn(
                        "a host knows more than this database; nothing is pushed to it until an operator decides host={}: {}",
                        host.id(),
                        reason.get());
            }
            hello.ackedSequence().ifPresent(acked -> hosts.acknowledged(tx, host.id(), acked));
            if (row.filter(decided -> decided.decided(Decision.PUSH)).isPresent()) {
                versions.raiseOver(tx, host.id(), hello.scheduleVersion());
                dao.done(host.id());
            }
        });
    }

    /** Name of the user who decided to keep the agent's schedules; empty unless that decision is yet to be carried out. */
    public Optional<String> keptBy(Handle handle, HostId hostId) {
        return handle.attach(DivergenceDao.class)
                .find(hostId)
                .filter(row -> row.decided(Decision.KEEP))
                .map(row -> row.decidedBy().orElse(""));
    }

    /** Revokes a decision that cannot be carried out, so that the operator decides again. */
    public void reopen(Handle tx, HostId hostId, String reason) {
        tx.attach(DivergenceDao.class).askAgain(hostId, reason);
    }

    /** Ends the divergence of a host. */
    public void settle(Handle tx, HostId hostId) {
        tx.attach(DivergenceDao.class).done(hostId);
    }

    /** The request for the agent's schedules; empty unless it was decided to keep them. */
    public Optional<ToAgent> question(Handle handle, HostId hostId) {
        return handle.attach(DivergenceDao.class)
                .find(hostId)
                .filter(row -> row.decided(Decision.KEEP))
                .map(row -> new ToAgent.ScheduleAsk());
    }

    private Optional<String> reason(Handle tx, Host host, Hello hello) {
        if (hello.serverEpoch().filter(known -> !known.equals(epoch)).isPresent()) {
            return Optional.of("the machine was last connected to another state of this server's database");
        }
        long ours = versions.get(tx, host.id()).version();
        if (hello.scheduleVersion() > ours) {
            return Optional.of("the machine has version " + hello.scheduleVersion()
                    + " of its schedules and this database only version " + ours
                    + ", as after a restore from an older copy");
        }
        return hello.ackedSequence()
                .flatMap(acked -> hosts.lastSequence(tx, host.id()).filter(known -> acked > known))
                .map(known -> "this database lacks results that the machine has already delivered, as after a"
                        + " restore from an older copy");
    }
}
