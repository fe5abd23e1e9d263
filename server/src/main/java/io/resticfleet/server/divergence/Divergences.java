package io.resticfleet.server.divergence;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
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
 * Whether this database was put back from a copy, and which machines therefore know more than it does.
 *
 * <p>Nothing is pushed to such a machine, neither schedules nor credentials, until an operator has decided whose
 * schedules hold: what was set up since the copy was made would be undone. It goes on with what it holds meanwhile.
 *
 * <p>Noticed are both ways: the {@code restore} command, which marks the file, and a file put back by hand, of which the
 * agents hold a higher version or were acknowledged more results than it knows. A decision about a machine that is not
 * there is carried out when it comes.
 */
public final class Divergences {

    private static final Logger log = LoggerFactory.getLogger(Divergences.class);

    private static final String BY_COMMAND = "the database was put back from a copy with the restore command";

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

    /** Takes note of a restore since the last start: a new epoch, and every machine waits. */
    public static Divergences open(Database db, Hosts hosts, ScheduleVersions versions, InstantSource clock) {
        if (db.read(handle -> handle.attach(DivergenceDao.class).restoredMark()) != 0) {
            db.change(tx -> {
                var dao = tx.attach(DivergenceDao.class);
                dao.newEpoch();
                dao.allWait(clock.instant(), BY_COMMAND);
                dao.clearRestoredMark();
            });
            log.warn("the database was restored; nothing is pushed to any machine until somebody decides");
        }
        var epoch = db.read(handle -> handle.attach(DivergenceDao.class).epoch());
        return new Divergences(db, hosts, versions, clock, epoch);
    }

    /** Random; another one after each restore. */
    public String epoch() {
        return epoch;
    }

    /** The machines that wait for a decision, in the order in which they joined. */
    public List<DivergedHost> list() {
        return db.read(handle -> handle.attach(DivergenceDao.class).undecided());
    }

    /** Since when nothing may be pushed to this host; empty if it may. */
    public Optional<Instant> waitsSince(Handle handle, String hostId) {
        return handle.attach(DivergenceDao.class)
                .find(hostId)
                .filter(DivergedHostRow::waits)
                .map(DivergedHostRow::sinceAt);
    }

    /** @throws Problem 409 {@code restored_undecided} if nothing may be pushed to this host */
    public void refuseWhileWaiting(Handle handle, String hostId) {
        handle.attach(DivergenceDao.class)
                .find(hostId)
                .filter(DivergedHostRow::waits)
                .ifPresent(row -> {
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
            var dao = tx.attach(DivergenceDao.class);
            var host = hosts.get(tx, hello.hostId());
            boolean isNew = host.lastSeenAt().isEmpty() && hello.serverEpoch().isEmpty();
            if (isNew) {
                dao.done(host.id());
                return;
            }
            var row = dao.find(host.id());
            var reason = row.map(DivergedHostRow::reason).or(() -> reason(tx, host, hello));
            reason.ifPresent(why -> dao.waits(host.id(), clock.instant(), why, hello.scheduleVersion()));
            if (row.isEmpty() && reason.isPresent()) {
                log.warn("nothing is pushed to a host until somebody decides host={}: {}", host.id(), reason.get());
            }
            hello.ackedSequence().ifPresent(acked -> hosts.told(tx, host.id(), acked));
            if (row.filter(decided -> decided.decided(Decision.PUSH)).isPresent()) {
                versions.raiseOver(tx, host.id(), hello.scheduleVersion());
                dao.done(host.id());
            }
        });
    }

    /** The user name of who decided to keep what this machine holds; empty unless that waits to be carried out. */
    public Optional<String> keptBy(Handle handle, String hostId) {
        return handle.attach(DivergenceDao.class)
                .find(hostId)
                .filter(row -> row.decided(Decision.KEEP))
                .map(row -> row.decidedBy().orElse(""));
    }

    /** The decision cannot be carried out: another one is needed. */
    public void reopen(Handle tx, String hostId, String reason) {
        tx.attach(DivergenceDao.class).askAgain(hostId, reason);
    }

    /** Database and machine agree again. */
    public void settle(Handle tx, String hostId) {
        tx.attach(DivergenceDao.class).done(hostId);
    }

    /** Asks a machine for what it holds, if that was decided. */
    public Optional<ToAgent> question(Handle handle, String hostId) {
        return handle.attach(DivergenceDao.class)
                .find(hostId)
                .filter(row -> row.decided(Decision.KEEP))
                .map(row -> new ToAgent.ScheduleAsk());
    }

    private Optional<String> reason(Handle tx, Host host, ToServer.Hello hello) {
        if (hello.serverEpoch().filter(known -> !known.equals(epoch)).isPresent()) {
            return Optional.of("the machine knew another state of this server's database");
        }
        long ours = versions.get(tx, host.id()).version();
        if (hello.scheduleVersion() > ours) {
            return Optional.of("the machine holds schedules of version " + hello.scheduleVersion()
                    + ", and this database knows only version " + ours + ", as an older copy would");
        }
        return hello.ackedSequence()
                .flatMap(acked -> hosts.known(tx, host.id()).filter(known -> acked > known))
                .map(known -> "the machine has told more results than this database has, as an older copy would");
    }
}
