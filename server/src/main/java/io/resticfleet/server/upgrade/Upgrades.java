package io.resticfleet.server.upgrade;

import io.resticfleet.protocol.Release;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.web.Problem;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * Makes agents what this server carries: one host, or all, one at a time and no further than the first that fails. The
 * agent does the work, and only where the machine's owner lets it; here is known what was wanted, and what came of it.
 *
 * <p>Safe for use by many threads.
 */
public final class Upgrades {

    /** An agent that was told to become another and is away for so long has not come back. */
    static final Duration LONGEST_AWAY = Duration.ofMinutes(10);

    private static final String RUNNING = "upgrade_running";

    private final Database db;
    private final Hosts hosts;
    private final Agents agents;
    private final Audit audit;
    private final Optional<BundledAgent> offer;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Rollout rollout = new Rollout();

    /** When a host that is being upgraded was first found away, on the monotonic clock. */
    private final Map<String, Long> awaySince = new HashMap<>();

    /** @param offer absent if this server was built without the agent */
    public Upgrades(
            Database db,
            Hosts hosts,
            Agents agents,
            Audit audit,
            Optional<BundledAgent> offer,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.db = db;
        this.hosts = hosts;
        this.agents = agents;
        this.audit = audit;
        this.offer = offer;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** What this server carries; empty if nothing. */
    public Optional<BundledAgent> offer() {
        return offer;
    }

    /** Every host, in the order in which they joined. */
    public List<HostUpgrade> list() {
        return db.read(handle -> {
            var rows = handle.attach(UpgradeDao.class).list().stream()
                    .collect(Collectors.toMap(UpgradeRow::hostId, Function.identity()));
            return hosts.all(handle).stream()
                    .map(host -> view(host, Optional.ofNullable(rows.get(host.id()))))
                    .toList();
        });
    }

    /** @throws Problem 404 */
    public HostUpgrade get(String hostId) {
        return db.read(handle ->
                view(hosts.get(handle, hostId), handle.attach(UpgradeDao.class).find(hostId)));
    }

    synchronized Rollout.View rollout() {
        return rollout.view();
    }

    private HostUpgrade view(Host host, Optional<UpgradeRow> row) {
        boolean outdated =
                offer.filter(newer -> newer.isNewerThan(host.agentVersion())).isPresent();
        return new HostUpgrade(
                host.id(),
                host.name(),
                host.agentVersion(),
                outdated,
                row.isPresent()
                        ? row.get().refusal()
                        : Optional.of("its agent has not said that it can be; run the install line on the machine"),
                row.flatMap(UpgradeRow::version),
                row.flatMap(UpgradeRow::state),
                row.flatMap(UpgradeRow::detail),
                row.flatMap(UpgradeRow::changedAt));
    }

    /**
     * Tells an agent to become what this server carries; not while all do so one after the other.
     *
     * @throws Problem 404, or 409 {@code no_agent_jar}, {@code up_to_date}, {@code upgrade_refused}, {@code upgrade_running}
     *     or {@code host_offline}
     */
    public synchronized void order(Actor actor, String hostId) {
        if (rollout.running()) {
            throw Problem.conflict(RUNNING, "the agents are being upgraded, one after the other");
        }
        orderNow(actor, hostId);
    }

    private void orderNow(Actor actor, String hostId) {
        var newer = offered();
        db.change(tx -> order(tx, actor, hostId, newer));
        send(hostId, newer);
    }

    /**
     * Upgrades every host that can be, one after the other, and halts at the first that fails. Who is away at its turn is
     * passed over.
     *
     * @throws Problem 409 {@code no_agent_jar}, {@code upgrade_running}, or {@code up_to_date} if there is nothing to do
     */
    public synchronized void orderAll(Actor actor) {
        offered();
        if (rollout.running()) {
            throw Problem.conflict(RUNNING, "the agents are being upgraded already");
        }
        var open = open();
        if (!open.isEmpty()) {
            throw Problem.conflict(
                    RUNNING,
                    "an agent is being upgraded: " + name(open.get(0)) + ". All go one after the other; wait for it");
        }
        var possible = list().stream()
                .filter(HostUpgrade::possible)
                .map(HostUpgrade::hostId)
                .toList();
        if (possible.isEmpty()) {
            throw Problem.conflict(
                    "up_to_date", "no agent is older than this server's, and allowed to be upgraded by it");
        }
        rollout.start(actor, possible);
        goOn();
    }

    /** Orders for the host whose turn it is, or the next one that is there. */
    private void goOn() {
        while (rollout.running()) {
            try {
                orderNow(rollout.actor(), rollout.current().orElseThrow());
                return;
            } catch (Problem e) {
                rollout.next(); // it is away, was deleted, or has become it meanwhile
            } catch (StorageRefused e) {
                rollout.halt(e.getMessage());
            }
        }
    }

    private void order(Handle tx, Actor actor, String hostId, BundledAgent newer) {
        var host = hosts.get(tx, hostId);
        var dao = tx.attach(UpgradeDao.class);
        var row = dao.find(hostId);
        var view = view(host, row);
        if (!view.outdated()) {
            throw Problem.conflict(
                    "up_to_date", "the agent is " + host.agentVersion() + ", and this server's is " + newer.version());
        }
        if (view.refusal().isPresent()) {
            throw Problem.conflict("upgrade_refused", view.refusal().get());
        }
        if (!agents.connected(hostId)) {
            throw Problem.conflict("host_offline", "the agent of " + host.name() + " is not connected");
        }
        if (row.filter(UpgradeRow::open).isPresent()) {
            throw Problem.conflict(RUNNING, "the agent is being upgraded already");
        }
        dao.order(hostId, newer.version(), UpgradeState.ORDERED.word(), actor.name(), clock.instant());
        audit.record(
                tx, actor, "agent.upgrade", hostId, hostId, Map.of("from", host.agentVersion(), "to", newer.version()));
    }

    private BundledAgent offered() {
        return offer.orElseThrow(() -> Problem.conflict(
                "no_agent_jar", "this server was built without the agent's jar; build it with make build"));
    }

    private void send(String hostId, BundledAgent newer) {
        agents.send(hostId, new ToAgent.AgentUpgrade(newer.version(), newer.sha256(), newer.size()));
    }

    /** An agent has connected, as some version. */
    public void greeted(ToServer.Hello hello) {
        var row = row(hello.hostId());
        var wanted = row.filter(UpgradeRow::open).flatMap(UpgradeRow::version);
        if (wanted.filter(version ->
                        hello.agentVersion().equals(version) || Release.isNewer(hello.agentVersion(), version))
                .isPresent()) {
            end(hello.hostId(), UpgradeState.SUCCEEDED, Optional.empty());
        }
    }

    /** An agent says how it is with its upgrade. */
    public void reported(AgentConnection connection, ToServer.UpgradeReport report) {
        var hostId = connection.hostId();
        boolean off = report.state().equals("off");
        var refusal =
                off ? report.detail().or(() -> Optional.of("the agent does not say why")) : Optional.<String>empty();
        if (row(hostId).filter(row -> row.refusal().equals(refusal)).isEmpty()) {
            db.change(tx -> tx.attach(UpgradeDao.class).refusal(hostId, refusal));
        }
        var row = row(hostId).filter(UpgradeRow::open);
        if (row.isEmpty()) {
            return;
        }
        boolean ofThis = report.version().equals(row.get().version());
        if (off) {
            end(hostId, UpgradeState.FAILED, refusal);
        } else if (report.state().equals("failed") && ofThis) {
            end(hostId, UpgradeState.FAILED, report.detail());
        } else if (report.state().equals("working") && ofThis) {
            db.change(tx -> tx.attach(UpgradeDao.class)
                    .step(hostId, UpgradeState.WORKING.word(), report.detail(), clock.instant()));
        } else if (report.state().equals("ready")) {
            // It has not heard of it, or has forgotten: an agent that failed would say so.
            offer.filter(newer -> row.get().version().equals(Optional.of(newer.version())))
                    .ifPresentOrElse(
                            newer -> send(hostId, newer),
                            () -> end(
                                    hostId,
                                    UpgradeState.FAILED,
                                    Optional.of("this server does not carry that version any more")));
        }
    }

    /** Gives up on those that have not come back. To be called every minute or so. */
    public void check() {
        gone().forEach(hostId -> end(
                hostId,
                UpgradeState.FAILED,
                Optional.of("it has not come back for " + LONGEST_AWAY.toMinutes() + " minutes")));
    }

    private synchronized List<String> gone() {
        long now = nanoTime.getAsLong();
        var away = open().stream().filter(hostId -> !agents.connected(hostId)).toList();
        awaySince.keySet().retainAll(away);
        away.forEach(hostId -> awaySince.putIfAbsent(hostId, now));
        return away.stream()
                .filter(hostId -> now - awaySince.get(hostId) > LONGEST_AWAY.toNanos())
                .toList();
    }

    /** The hosts that are being upgraded. */
    private List<String> open() {
        return db.read(handle -> handle.attach(UpgradeDao.class).list()).stream()
                .filter(UpgradeRow::open)
                .map(UpgradeRow::hostId)
                .toList();
    }

    private String name(String hostId) {
        return hosts.find(hostId).map(Host::name).orElse(hostId);
    }

    private Optional<UpgradeRow> row(String hostId) {
        return db.read(handle -> handle.attach(UpgradeDao.class).find(hostId));
    }

    private void end(String hostId, UpgradeState state, Optional<String> detail) {
        db.change(tx -> {
            var dao = tx.attach(UpgradeDao.class);
            var version = dao.find(hostId).flatMap(UpgradeRow::version).orElse("");
            dao.step(hostId, state.word(), detail, clock.instant());
            audit.record(
                    tx,
                    Actor.local("server"),
                    state == UpgradeState.SUCCEEDED ? "agent.upgraded" : "agent.upgrade_failed",
                    hostId,
                    hostId,
                    detail.isPresent() ? Map.of("to", version, "why", detail.get()) : Map.of("to", version));
        });
        synchronized (this) {
            if (!rollout.isAt(hostId)) {
                return;
            }
            if (state == UpgradeState.SUCCEEDED) {
                rollout.next();
                goOn();
            } else {
                rollout.halt("the upgrade of " + name(hostId) + " failed: " + detail.orElse(""));
            }
        }
    }
}
