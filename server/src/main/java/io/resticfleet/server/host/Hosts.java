package io.resticfleet.server.host;

import io.resticfleet.protocol.Enrollment;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HelloProof;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.link.AgentInstance;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;

/** The hosts of this server. */
public final class Hosts {

    /** How old {@code last_seen_at} may be for a connected host; each update costs a flush to disk. */
    private static final Duration SEEN_INTERVAL = Duration.ofMinutes(5);

    /** A heartbeat can be this old when it arrives; see the time limits of connections. */
    private static final Duration SKEW_TOLERANCE = Duration.ofMinutes(2);

    private final Database db;
    private final Agents agents;
    private final ReplacedAgents replaced;
    private final Audit audit;
    private final InstantSource clock;
    private final Map<HostId, Instant> seenAt = new ConcurrentHashMap<>();
    private final Map<HostId, Skew> skews = new ConcurrentHashMap<>();

    /** The deviation of an agent's clock, and when it was stored. */
    private record Skew(long ms, Instant at) {}

    public Hosts(Database db, Agents agents, ReplacedAgents replaced, Audit audit, InstantSource clock) {
        this.db = db;
        this.agents = agents;
        this.replaced = replaced;
        this.audit = audit;
        this.clock = clock;
    }

    /** @throws Problem 404 */
    public Host get(HostId id) {
        return db.read(handle -> get(handle, id));
    }

    /** @throws Problem 404 */
    public Host get(Handle handle, HostId id) {
        return handle.attach(HostDao.class).find(id).orElseThrow(() -> Problem.notFound("host " + id));
    }

    public Optional<Host> find(HostId id) {
        return db.read(handle -> handle.attach(HostDao.class).find(id));
    }

    /** In the order of their enrolment. */
    public Page<Host> list(Page.Request page) {
        return Page.of(
                db.read(handle ->
                        handle.attach(HostDao.class).list(page.cursor().orElse(""), page.limit() + 1)),
                page,
                host -> host.id().value());
    }

    /** All hosts, in the order of their enrolment. */
    public List<Host> all(Handle handle) {
        return handle.attach(HostDao.class).all();
    }

    /** The hosts with these ids that exist, in the order of their enrolment. */
    public List<Host> some(Handle handle, Collection<HostId> ids) {
        return ids.isEmpty() ? List.of() : handle.attach(HostDao.class).some(ids);
    }

    /** Names of these hosts, by id. */
    public Map<HostId, String> names(Handle handle, Collection<HostId> ids) {
        return ids.isEmpty() ? Map.of() : handle.attach(HostDao.class).names(ids);
    }

    /** Ids of all hosts, in the order of their enrolment. */
    public List<HostId> ids() {
        return db.read(this::ids);
    }

    public List<HostId> ids(Handle handle) {
        return handle.attach(HostDao.class).ids();
    }

    /**
     * Adds a host whose enrolment token has been checked.
     *
     * @param wanted the host name of its snapshots; gets a number if another host has it, since restic would take both
     *     for one host
     */
    public Host add(Handle tx, Enrollment.Request request, String wanted) {
        var dao = tx.attach(HostDao.class);
        var taken = new HashSet<>(dao.hostnames());
        var hostname = IntStream.iterate(1, number -> number + 1)
                .mapToObj(number -> number == 1 ? wanted : wanted + "-" + number)
                .filter(name -> !taken.contains(name))
                .findFirst()
                .orElseThrow();
        var host = new Host(
                new HostId(db.newId()),
                hostname,
                hostname,
                request.publicKey(),
                request.os(),
                request.arch(),
                request.timeZone(),
                request.agentVersion(),
                request.resticVersion(),
                Optional.empty(),
                clock.instant(),
                Optional.empty());
        dao.insert(host);
        return host;
    }

    /** @throws Problem 404 */
    public void rename(Handle tx, Actor actor, HostId id, HostName name) {
        var before = get(tx, id);
        tx.attach(HostDao.class).rename(id, name.value());
        audit.record(tx, actor, "host.rename", id, id, Map.of("from", before.name(), "to", name.value()));
    }

    /**
     * Deletes a host with its schedules, jobs and credentials. Its agent stops, at once or at its next connection;
     * its snapshots stay in the repository.
     *
     * @throws Problem 404
     */
    public void delete(Actor actor, HostId id) {
        db.change(tx -> {
            var host = get(tx, id);
            tx.attach(HostDao.class).remember(id, clock.instant());
            tx.attach(HostDao.class).delete(id);
            audit.record(tx, actor, "host.delete", id, id, Map.of("name", host.name()));
        });
        agents.dismiss(id);
    }

    /** Records in the audit log that several agents use a host's identity. */
    public void foundClones(HostId id, List<AgentInstance> clones) {
        db.change(tx -> audit.record(tx, Actor.local("server"), "host.twins", id, id, Map.of("agents", words(clones))));
    }

    private static List<String> words(List<AgentInstance> clones) {
        return clones.stream()
                .map(instance -> instance.hostname() + " at " + instance.address() + ", boot " + instance.bootId())
                .toList();
    }

    /** Why to reject an agent; empty to accept it. */
    public Optional<ToAgent.Reject> refuse(Hello hello, String nonce) {
        if (hello.protocolVersion() < Protocol.MIN_VERSION) {
            noteTooOld(hello, nonce);
            return refusal(
                    "protocol_too_old",
                    "this server supports protocol " + Protocol.MIN_VERSION + " to " + Protocol.VERSION
                            + "; replace the agent's jar by the server's");
        }
        var host = find(hello.hostId());
        boolean proven = host.filter(known -> HelloProof.verify(hello, nonce, HelloProof.publicKey(known.publicKey())))
                .isPresent();
        if (!proven && replaced.refuses(hello, nonce)) {
            return refusal(
                    hello.features()
                                    .filter(known -> known.contains(Protocol.REPLACEMENT))
                                    .isPresent()
                            ? ToAgent.Reject.REPLACED
                            : ToAgent.Reject.HOST_DELETED,
                    "another machine has taken the place of this one on the server, so that its schedules run no more here;"
                            + " to add this machine as another host, run a new install command");
        }
        if (host.isEmpty()) {
            return isDeleted(hello, nonce)
                    ? refusal(
                            ToAgent.Reject.HOST_DELETED,
                            "this machine was deleted on the server, so that its schedules run no more; to add it again, run a"
                                    + " new install command")
                    : refusal("unknown_host", "this host was deleted on the server, or enrolled with another server");
        }
        if (!proven) {
            return refusal("bad_signature", "the signature is not by the key with which this host enrolled");
        }
        return Optional.empty();
    }

    /** Notes that a host's agent is too old; of others, that is no matter. */
    private void noteTooOld(Hello hello, String nonce) {
        find(hello.hostId())
                .filter(host -> HelloProof.verify(hello, nonce, HelloProof.publicKey(host.publicKey())))
                .ifPresent(host -> db.note(tx -> tx.attach(HostDao.class)
                        .tooOld(host.id(), clock.instant(), clock.instant().minus(SEEN_INTERVAL))));
    }

    /** Whether the hello is from the agent of a deleted host; only that one learns it. */
    private boolean isDeleted(Hello hello, String nonce) {
        return db.read(handle -> handle.attach(HostDao.class).deletedKey(hello.hostId()))
                .filter(key -> HelloProof.verify(hello, nonce, HelloProof.publicKey(key)))
                .isPresent();
    }

    private static Optional<ToAgent.Reject> refusal(String code, String detail) {
        return Optional.of(new ToAgent.Reject(code, detail, true));
    }

    /** Handles a hello of a host before it is recorded, in the same transaction. */
    public interface BeforeHello {

        /** @param host as its last hello reported it */
        void of(Handle tx, Host host, Hello hello);
    }

    /** Records what an agent reports of itself at hello. */
    public void recordHello(Hello hello, BeforeHello before) {
        var now = clock.instant();
        long skewMs = Duration.between(now, hello.wallClock()).toMillis();
        db.change(tx -> {
            before.of(tx, get(tx, hello.hostId()), hello);
            tx.attach(HostDao.class).hello(hello.hostId(), hello, skewMs, now);
        });
        seenAt.put(hello.hostId(), now);
        skews.put(hello.hostId(), new Skew(skewMs, now));
    }

    /** Updates the deviation of an agent's clock if it, or this server's, was set since the last hello. */
    public void heard(HostId id, Instant wallClock) {
        var now = clock.instant();
        long skewMs = Duration.between(now, wallClock).toMillis();
        var before = skews.get(id);
        if (before != null
                && Math.abs(skewMs - before.ms()) > SKEW_TOLERANCE.toMillis()
                && Duration.between(before.at(), now).abs().compareTo(SEEN_INTERVAL) > 0) {
            skews.put(id, new Skew(skewMs, now));
            db.note(tx -> tx.attach(HostDao.class).skew(id, skewMs));
        }
    }

    /** Records that this transaction stores a result of a host's agent. */
    public void stored(Handle tx, HostId id, long sequence) {
        tx.attach(HostDao.class).stored(id, sequence);
    }

    /** Sequence number of the last stored result of a host's agent; empty if there is none. */
    public Optional<Long> storedSequence(HostId id) {
        return db.read(handle -> handle.attach(HostDao.class).stored(id));
    }

    /** Records up to which sequence number an agent's results were acknowledged, according to the agent. */
    public void acknowledged(Handle tx, HostId id, long sequence) {
        tx.attach(HostDao.class).acknowledged(id, sequence);
    }

    /**
     * The highest sequence number that is stored or that the agent reported as acknowledged; empty if no result was
     * ever stored.
     */
    public Optional<Long> lastSequence(Handle handle, HostId id) {
        return handle.attach(HostDao.class).lastSequence(id);
    }

    /** Whether a host's agent has not sent a hello yet: it has just enrolled, or is that of a new machine. */
    public boolean isNew(Handle handle, HostId id) {
        return handle.attach(HostDao.class).isNew(id);
    }

    /** Forgets the clock of a host's former machine. */
    public void replaced(HostId id) {
        skews.remove(id);
        agents.replaced(id);
    }

    /** Updates {@code last_seen_at} of a host that is connected, or was until now. */
    public void seen(HostId id) {
        var now = clock.instant();
        var before = seenAt.getOrDefault(id, Instant.EPOCH);
        if (!agents.connected(id) || Duration.between(before, now).compareTo(SEEN_INTERVAL) > 0) {
            seenAt.put(id, now);
            db.note(tx -> tx.attach(HostDao.class).seen(id, now));
        }
    }
}
