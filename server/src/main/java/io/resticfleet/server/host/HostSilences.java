package io.resticfleet.server.host;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.web.Problem;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Hosts of which nothing is announced for a while. */
public final class HostSilences {

    private final Database db;
    private final Hosts hosts;
    private final Audit audit;
    private final InstantSource clock;

    public HostSilences(Database db, Hosts hosts, Audit audit, InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.audit = audit;
        this.clock = clock;
    }

    /** Whether nothing is to be announced of a host. */
    public boolean silent(HostId hostId, Instant now) {
        return db.read(handle -> handle.attach(HostQuietDao.class).silences(List.of(hostId), now)).stream()
                .findFirst()
                .isPresent();
    }

    /** The present silence of a host; empty if it is not silenced. */
    public Optional<Silence> find(HostId hostId) {
        return Optional.ofNullable(
                db.read(handle -> of(handle, List.of(hostId))).get(hostId));
    }

    /** The present silences of these hosts, by host id; no entry for one that is not silenced. */
    public Map<HostId, Silence> of(Handle handle, Collection<HostId> hostIds) {
        return hostIds.isEmpty()
                ? Map.of()
                : handle.attach(HostQuietDao.class).silences(hostIds, clock.instant()).stream()
                        .collect(Collectors.toMap(HostQuietDao.QuietRow::hostId, HostQuietDao.QuietRow::silence));
    }

    /**
     * Silences a host. The silence of one that is silenced gets the new end and reason.
     *
     * @throws Problem 404, or 400 {@code invalid_until} or {@code invalid_reason}
     */
    public void silence(Actor actor, HostId hostId, UntilAndReason wanted) {
        var now = clock.instant();
        wanted.check(now);
        db.change(tx -> {
            hosts.get(tx, hostId);
            var since = Optional.ofNullable(of(tx, List.of(hostId)).get(hostId))
                    .map(Silence::at)
                    .orElse(now);
            tx.attach(HostQuietDao.class).silence(hostId, since, actor.name(), wanted.until(), wanted.reason());
            audit.record(tx, actor, "host.silence", hostId, hostId, wanted.detail());
        });
    }

    /**
     * Ends the silence of a host, if it is silenced.
     *
     * @throws Problem 404
     */
    public void end(Actor actor, HostId hostId) {
        db.change(tx -> {
            hosts.get(tx, hostId);
            if (tx.attach(HostQuietDao.class).unsilence(hostId) > 0) {
                audit.record(tx, actor, "host.unsilence", hostId, hostId, Map.of());
            }
        });
    }
}
