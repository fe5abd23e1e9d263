package io.resticfleet.server.host;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Pause;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.web.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * Hosts whose schedules do not run for a while. A pause has no say in what retention removes, and jobs that somebody starts
 * run. Who pauses or resumes a host must send it its configuration afterwards, so that its agent learns of it.
 */
public final class Pauses {

    /** Ended pauses of a host that are kept, for due times whose grace has not ended. */
    private static final int MAX_ENDED = 100;

    private static final Duration ENDED_KEPT = Duration.ofDays(90);

    private final Database db;
    private final Hosts hosts;
    private final Audit audit;
    private final InstantSource clock;

    public Pauses(Database db, Hosts hosts, Audit audit, InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.audit = audit;
        this.clock = clock;
    }

    /** The present pause of a host; empty if it is not paused. */
    public Optional<Pause> find(HostId hostId) {
        return db.read(handle -> find(handle, hostId));
    }

    public Optional<Pause> find(Handle handle, HostId hostId) {
        return Optional.ofNullable(of(handle, List.of(hostId)).get(hostId));
    }

    /** The present pauses of these hosts, by host id; no entry for one that is not paused. */
    public Map<HostId, Pause> of(Handle handle, Collection<HostId> hostIds) {
        return hostIds.isEmpty()
                ? Map.of()
                : handle.attach(HostQuietDao.class).pauses(hostIds, clock.instant()).stream()
                        .collect(Collectors.toMap(HostQuietDao.QuietRow::hostId, HostQuietDao.QuietRow::pause));
    }

    /** The pause of a host at a time; empty if it was not paused then. */
    public Optional<Pause> at(Handle handle, HostId hostId, Instant at) {
        return handle.attach(HostQuietDao.class).pauseAt(hostId, at).map(HostQuietDao.QuietRow::pause);
    }

    /**
     * Pauses a host. The pause of one that is paused goes on with the new end and reason.
     *
     * @throws Problem 404, or 400 {@code invalid_until} or {@code invalid_reason}
     */
    public void pause(Actor actor, HostId hostId, UntilAndReason wanted) {
        var now = clock.instant();
        wanted.check(now);
        db.change(tx -> {
            hosts.get(tx, hostId);
            var dao = tx.attach(HostQuietDao.class);
            var since = find(tx, hostId).map(Pause::at).orElse(now);
            dao.pause(hostId, since, actor.name(), wanted.until(), wanted.reason());
            dao.deleteEnded(hostId, now.minus(ENDED_KEPT));
            dao.deleteOldest(hostId, MAX_ENDED);
            audit.record(tx, actor, "host.pause", hostId, hostId, wanted.detail());
        });
    }

    /**
     * Ends the pause of a host, if it is paused.
     *
     * @throws Problem 404
     */
    public void resume(Actor actor, HostId hostId) {
        db.change(tx -> {
            hosts.get(tx, hostId);
            if (tx.attach(HostQuietDao.class).resume(hostId, clock.instant()) > 0) {
                audit.record(tx, actor, "host.resume", hostId, hostId, Map.of());
            }
        });
    }
}
