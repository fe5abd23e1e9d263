package io.resticfleet.server.host;

import io.resticfleet.protocol.Enrollment;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HelloProof;
import io.resticfleet.protocol.HostId;
import io.resticfleet.server.db.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The agents of machines that others took the place of. They stay refused, also when their host is deleted. */
public final class ReplacedAgents {

    /** Keys of one host that a hello is compared with. */
    private static final int MAX_KEYS = 100;

    /** How old the time of the last refusal may be; each update costs a flush to disk. */
    private static final Duration NOTE_INTERVAL = Duration.ofMinutes(5);

    private final Database db;
    private final InstantSource clock;

    public ReplacedAgents(Database db, InstantSource clock) {
        this.db = db;
        this.clock = clock;
    }

    /**
     * The last replacement of a host's machine.
     *
     * @param by user name
     * @param refusedAt when a former agent last tried to connect; absent if none did
     */
    public record Last(Instant at, String by, Optional<Instant> refusedAt) {}

    /** Empty if the host still has its first machine. */
    public Optional<Last> last(Handle handle, HostId hostId) {
        var dao = handle.attach(ReplacedAgentDao.class);
        return dao.newest(hostId, 1).stream()
                .map(row -> new Last(row.replacedAt(), row.replacedBy(), dao.lastRefused(hostId)))
                .findFirst();
    }

    /** Whether a key belongs, or belonged, to an agent of this host. */
    public boolean isUsed(Handle handle, Host host, String publicKey) {
        return host.publicKey().equals(publicKey)
                || handle.attach(ReplacedAgentDao.class).has(host.id(), publicKey);
    }

    /** Gives a host the agent of another machine, and forgets what only the former one reported. */
    public void replace(Handle tx, HostId hostId, Enrollment.Request request, String by) {
        var dao = tx.attach(ReplacedAgentDao.class);
        dao.remember(hostId, by, clock.instant());
        dao.replace(
                hostId,
                request.publicKey(),
                request.os(),
                request.arch(),
                request.agentVersion(),
                request.resticVersion());
    }

    /** Whether a hello is from an agent that was replaced; only that one learns it. */
    boolean refuses(Hello hello, String nonce) {
        var known = db.read(handle -> handle.attach(ReplacedAgentDao.class).newest(hello.hostId(), MAX_KEYS)).stream()
                .filter(row -> HelloProof.verify(hello, nonce, HelloProof.publicKey(row.publicKey())))
                .findFirst();
        var now = clock.instant();
        known.filter(row -> row.refusedAt()
                        .filter(at -> at.plus(NOTE_INTERVAL).isAfter(now))
                        .isEmpty())
                .ifPresent(row ->
                        db.note(tx -> tx.attach(ReplacedAgentDao.class).refused(row.hostId(), row.publicKey(), now)));
        return known.isPresent();
    }
}
