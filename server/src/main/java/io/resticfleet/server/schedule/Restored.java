package io.resticfleet.server.schedule;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.web.Problem;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether this database was put back from a copy, and which machines therefore know more than it does.
 *
 * <p>Nothing is pushed to such a machine, neither schedules nor credentials, until an operator has decided whose
 * schedules hold: what was set up since the copy was made would be undone. It goes on with what it holds meanwhile.
 *
 * <p>Noticed are both ways: the {@code restore} command, which marks the file, and a file put back by hand, of which the
 * agents hold a higher version or were acknowledged more results than it knows. A decision about a machine that is not
 * there is carried out when it comes.
 */
public final class Restored {

    private static final Logger log = LoggerFactory.getLogger(Restored.class);

    private static final String BY_COMMAND = "the database was put back from a copy with the restore command";

    private final Database db;
    private final Hosts hosts;
    private final Agents agents;
    private final Audit audit;
    private final InstantSource clock;
    private final String epoch;
    private volatile Consumer<String> push = hostId -> {};

    private Restored(Database db, Hosts hosts, Agents agents, Audit audit, InstantSource clock, String epoch) {
        this.db = db;
        this.hosts = hosts;
        this.agents = agents;
        this.audit = audit;
        this.clock = clock;
        this.epoch = epoch;
    }

    /** Takes note of a restore since the last start: a new epoch, and every machine waits. */
    public static Restored open(Database db, Hosts hosts, Agents agents, Audit audit, InstantSource clock) {
        if (db.read(handle -> handle.attach(RestoredDao.class).restoredMark()) != 0) {
            db.change(tx -> {
                var dao = tx.attach(RestoredDao.class);
                dao.newEpoch();
                dao.allWait(clock.instant(), BY_COMMAND);
                dao.clearRestoredMark();
            });
            log.warn("the database was restored; nothing is pushed to any machine until somebody decides");
        }
        var epoch = db.read(handle -> handle.attach(RestoredDao.class).epoch());
        return new Restored(db, hosts, agents, audit, clock, epoch);
    }

    /** @param push sends a host its schedules and credentials, if it is connected */
    public void afterDecision(Consumer<String> push) {
        this.push = push;
    }

    /** Random; another one after each restore. */
    public String epoch() {
        return epoch;
    }

    /** The machines that wait for a decision, in the order in which they joined. */
    public List<RestoredHost> list() {
        return db.read(handle -> handle.attach(RestoredDao.class).undecided());
    }

    /** Since when nothing may be pushed to this host; empty if it may. */
    public Optional<Instant> waitsSince(Handle handle, String hostId) {
        return handle.attach(RestoredDao.class)
                .find(hostId)
                .filter(RestoredRow::waits)
                .map(RestoredRow::sinceAt);
    }

    /** @throws Problem 409 {@code restored_undecided} if nothing may be pushed to this host */
    public void refuseWhileWaiting(Handle handle, String hostId) {
        handle.attach(RestoredDao.class).find(hostId).filter(RestoredRow::waits).ifPresent(row -> {
            throw Problem.conflict(
                    "restored_undecided",
                    row.decision().isPresent()
                            ? "the schedules of this machine are taken over from it as soon as it connects; change them"
                                    + " then"
                            : "the database was restored from a copy, and this machine may hold newer schedules; decide"
                                    + " first whether to push these or to keep the machine's");
        });
    }

    /**
     * An agent has proven who it is and is about to be told which database this is. Afterwards it will not be noticed any
     * more what it knew before, so that is written down here.
     */
    public void admit(ToServer.Hello hello) {
        db.change(tx -> {
            var dao = tx.attach(RestoredDao.class);
            var host = hosts.get(tx, hello.hostId());
            boolean isNew = host.lastSeenAt().isEmpty() && hello.serverEpoch().isEmpty();
            if (isNew) {
                dao.done(host.id());
                return;
            }
            var row = dao.find(host.id());
            var reason = row.map(RestoredRow::reason).or(() -> reason(tx, host, hello));
            reason.ifPresent(why -> dao.waits(host.id(), clock.instant(), why, hello.scheduleVersion()));
            if (row.isEmpty() && reason.isPresent()) {
                log.warn("nothing is pushed to a host until somebody decides host={}: {}", host.id(), reason.get());
            }
            hello.ackedSequence().ifPresent(acked -> hosts.told(tx, host.id(), acked));
            if (row.filter(decided -> decided.decided(RestoredDecision.PUSH)).isPresent()) {
                tx.attach(ScheduleVersionDao.class).raiseOver(host.id(), hello.scheduleVersion());
                dao.done(host.id());
            }
        });
    }

    /**
     * Decides about one machine.
     *
     * @throws Problem 404, or 409 {@code nothing_to_decide}
     */
    public void decide(Actor actor, String hostId, RestoredDecision decision) {
        boolean pushes = db.write(tx -> {
            hosts.get(tx, hostId);
            var row = tx.attach(RestoredDao.class).find(hostId).filter(waiting -> !waiting.decided(decision));
            return decide(tx, actor, row.orElseThrow(Restored::nothing), decision);
        });
        if (pushes) {
            push.accept(hostId);
        } else if (decision == RestoredDecision.KEEP) {
            agents.send(hostId, new ToAgent.ScheduleAsk());
        }
    }

    /**
     * Decides about every machine that waits.
     *
     * @throws Problem 409 {@code nothing_to_decide}
     */
    public void decideAll(Actor actor, RestoredDecision decision) {
        var waiting = list();
        if (waiting.isEmpty()) {
            throw nothing();
        }
        waiting.forEach(host -> decide(actor, host.hostId(), decision));
    }

    /** Asks a machine for what it holds, if that was decided. */
    Optional<ToAgent> question(Handle handle, String hostId) {
        return handle.attach(RestoredDao.class)
                .find(hostId)
                .filter(row -> row.decided(RestoredDecision.KEEP))
                .map(row -> new ToAgent.ScheduleAsk());
    }

    /** Returns whether the set may be pushed now. */
    private boolean decide(Handle tx, Actor actor, RestoredRow row, RestoredDecision decision) {
        var dao = tx.attach(RestoredDao.class);
        dao.decide(row.hostId(), decision.word(), actor.name());
        audit.record(
                tx,
                actor,
                "host.restored",
                row.hostId(),
                row.hostId(),
                Map.of("decision", decision.word(), "reason", row.reason()));
        if (decision != RestoredDecision.PUSH || row.heldVersion().isEmpty()) {
            return false;
        }
        tx.attach(ScheduleVersionDao.class)
                .raiseOver(row.hostId(), row.heldVersion().get());
        dao.done(row.hostId());
        return true;
    }

    private Optional<String> reason(Handle tx, Host host, ToServer.Hello hello) {
        if (hello.serverEpoch().filter(known -> !known.equals(epoch)).isPresent()) {
            return Optional.of("the machine knew another state of this server's database");
        }
        long ours = tx.attach(ScheduleVersionDao.class)
                .find(host.id())
                .map(ScheduleVersion::version)
                .orElse(0L);
        if (hello.scheduleVersion() > ours) {
            return Optional.of("the machine holds schedules of version " + hello.scheduleVersion()
                    + ", and this database knows only version " + ours + ", as an older copy would");
        }
        return hello.ackedSequence()
                .flatMap(acked -> hosts.known(tx, host.id()).filter(known -> acked > known))
                .map(known -> "the machine has told more results than this database has, as an older copy would");
    }

    private static Problem nothing() {
        return Problem.conflict(
                "nothing_to_decide", "the schedules here and on the machine are one; nothing waits for a decision");
    }
}
