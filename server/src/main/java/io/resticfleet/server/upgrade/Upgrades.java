package io.resticfleet.server.upgrade;

import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HostId;
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
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * Upgrades agents to the version that this server carries: one host, or all, one at a time until the first failure. The
 * agent installs the new version itself, if the owner of its machine allows it; this class keeps the request and its
 * outcome.
 *
 * <p>Safe for use by many threads.
 */
public final class Upgrades {

    /** How long an agent may be disconnected during an upgrade before it counts as failed. */
    static final Duration MAX_AWAY = Duration.ofMinutes(10);

    private static final String RUNNING = "upgrade_running";

    private final Database db;
    private final Hosts hosts;
    private final Agents agents;
    private final Audit audit;
    private final Optional<BundledAgent> offer;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Rollout rollout;

    /** When a host that is being upgraded was first seen disconnected; nanoseconds of the monotonic clock. */
    private final Map<HostId, Long> awaySince = new HashMap<>();

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
        this.rollout = Rollout.open(db);
    }

    /** The agent that this server carries; empty if it was built without it. */
    public Optional<BundledAgent> offer() {
        return offer;
    }

    /** Every host, in order of enrolment. */
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
    public HostUpgrade get(HostId hostId) {
        return db.read(handle ->
                view(hosts.get(handle, hostId), handle.attach(UpgradeDao.class).find(hostId)));
    }

    synchronized Rollout.View rollout() {
        rollout.retain(existing());
        return rollout.view();
    }

    /** Number of hosts whose upgrade waits since the server was restarted, until a user continues it. */
    public synchronized int pausedHosts() {
        rollout.retain(existing());
        return rollout.paused() ? rollout.view().waiting().size() : 0;
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
                        : Optional.of(
                                "this agent has not reported that it can be upgraded remotely; run the install command on the"
                                        + " machine"),
                row.flatMap(UpgradeRow::version),
                row.flatMap(UpgradeRow::state),
                row.flatMap(UpgradeRow::detail),
                row.flatMap(UpgradeRow::changedAt));
    }

    /**
     * Starts the upgrade of one agent; refused while a rollout is running.
     *
     * @throws Problem 404, or 409 {@code no_agent_jar}, {@code up_to_date}, {@code upgrade_refused}, {@code upgrade_running}
     *     or {@code host_offline}
     */
    public synchronized void order(Actor actor, HostId hostId) {
        skipDeleted();
        if (rollout.running()) {
            throw Problem.conflict(
                    RUNNING, "all agents are being upgraded, one at a time; wait until that is finished");
        }
        orderNow(actor, hostId);
    }

    private void orderNow(Actor actor, HostId hostId) {
        var newer = offered();
        db.change(tx -> order(tx, actor, hostId, newer));
        send(hostId, newer);
    }

    /**
     * Starts a rollout: upgrades every agent that is older and allows it, one at a time, until the first failure. An agent
     * that is not connected when its turn comes is skipped. A rollout that is paused since the server was restarted is
     * continued instead.
     *
     * @throws Problem 409 {@code no_agent_jar}, {@code upgrade_running}, or {@code up_to_date} if there is nothing to do
     */
    public synchronized void orderAll(Actor actor) {
        offered();
        skipDeleted();
        if (rollout.running()) {
            throw Problem.conflict(RUNNING, "all agents are already being upgraded");
        }
        if (rollout.paused()) {
            rollout.resume(actor);
            startNext();
            return;
        }
        var open = open();
        if (!open.isEmpty()) {
            throw Problem.conflict(
                    RUNNING, "the agent of " + name(open.get(0)) + " is being upgraded; wait until that is finished");
        }
        var possible = list().stream()
                .filter(HostUpgrade::possible)
                .map(HostUpgrade::hostId)
                .toList();
        if (possible.isEmpty()) {
            throw Problem.conflict("up_to_date", "there is no older agent that this server is allowed to upgrade");
        }
        rollout.start(actor, possible);
        startNext();
    }

    /** Starts the upgrade of the current host of the rollout, or of the next one that is connected. */
    private void startNext() {
        while (rollout.running()) {
            try {
                orderNow(rollout.actor(), rollout.current().orElseThrow());
                return;
            } catch (Problem e) {
                if (e.code().equals(RUNNING)) {
                    return; // since before a restart of the server; its end continues the rollout
                }
                rollout.next(); // disconnected, deleted, or upgraded in the meantime
            } catch (StorageRefused e) {
                rollout.halt(e.getMessage());
            }
        }
    }

    /** Goes on to the next host if the current one was deleted: its agent reports no end. */
    private synchronized void skipDeleted() {
        if (rollout.retain(existing())) {
            rollout.next();
            startNext();
        }
    }

    private Set<HostId> existing() {
        return Set.copyOf(hosts.ids());
    }

    private void order(Handle tx, Actor actor, HostId hostId, BundledAgent newer) {
        var host = hosts.get(tx, hostId);
        var dao = tx.attach(UpgradeDao.class);
        var row = dao.find(hostId);
        var view = view(host, row);
        if (!view.outdated()) {
            throw Problem.conflict(
                    "up_to_date",
                    "the agent has version " + host.agentVersion() + "; this server carries " + newer.version());
        }
        if (view.refusal().isPresent()) {
            throw Problem.conflict("upgrade_refused", view.refusal().get());
        }
        if (!agents.connected(hostId)) {
            throw Problem.conflict("host_offline", "the agent of " + host.name() + " is not connected");
        }
        if (row.filter(UpgradeRow::open).isPresent()) {
            throw Problem.conflict(RUNNING, "this agent is already being upgraded");
        }
        dao.order(hostId, newer.version(), UpgradeState.ORDERED.word(), actor.name(), clock.instant());
        audit.record(
                tx, actor, "agent.upgrade", hostId, hostId, Map.of("from", host.agentVersion(), "to", newer.version()));
    }

    private BundledAgent offered() {
        return offer.orElseThrow(() -> Problem.conflict(
                "no_agent_jar", "this server was built without the agent's jar; build it with make build"));
    }

    private void send(HostId hostId, BundledAgent newer) {
        agents.send(hostId, new ToAgent.AgentUpgrade(newer.version(), newer.sha256(), newer.size()));
    }

    /** Ends the upgrade of an agent that has connected with the new version, or a newer one. */
    public void greeted(Hello hello) {
        var row = row(hello.hostId());
        var wanted = row.filter(UpgradeRow::open).flatMap(UpgradeRow::version);
        if (wanted.filter(version ->
                        hello.agentVersion().equals(version) || Release.isNewer(hello.agentVersion(), version))
                .isPresent()) {
            end(hello.hostId(), UpgradeState.SUCCEEDED, Optional.empty());
        }
    }

    /** Handles an agent's report on its upgrade. */
    public void reported(AgentConnection connection, ToServer.UpgradeReport report) {
        var hostId = connection.hostId();
        boolean off = report.state().equals("off");
        var refusal =
                off ? report.detail().or(() -> Optional.of("the agent gave no reason")) : Optional.<String>empty();
        if (row(hostId).filter(row -> row.refusal().equals(refusal)).isEmpty()) {
            db.change(tx -> tx.attach(UpgradeDao.class).refusal(hostId, refusal));
        }
        var row = row(hostId).filter(UpgradeRow::open);
        if (row.isEmpty()) {
            return;
        }
        boolean current = report.version().equals(row.get().version());
        if (off) {
            end(hostId, UpgradeState.FAILED, refusal);
        } else if (report.state().equals("failed") && current) {
            end(hostId, UpgradeState.FAILED, report.detail());
        } else if (report.state().equals("working") && current) {
            db.change(tx -> tx.attach(UpgradeDao.class)
                    .step(hostId, UpgradeState.WORKING.word(), report.detail(), clock.instant()));
        } else if (report.state().equals("ready")) {
            // The request did not arrive, or was lost in a restart: an agent that failed would report it.
            offer.filter(newer -> row.get().version().equals(Optional.of(newer.version())))
                    .ifPresentOrElse(
                            newer -> send(hostId, newer),
                            () -> end(
                                    hostId,
                                    UpgradeState.FAILED,
                                    Optional.of("this server no longer carries that version")));
        }
    }

    /**
     * Fails the upgrades of agents that have not reconnected, and leaves out those of deleted hosts. To be called about once
     * a minute.
     */
    public void check() {
        skipDeleted();
        overdue()
                .forEach(hostId -> end(
                        hostId,
                        UpgradeState.FAILED,
                        Optional.of("the agent has not reconnected for " + MAX_AWAY.toMinutes() + " minutes")));
    }

    private synchronized List<HostId> overdue() {
        long now = nanoTime.getAsLong();
        var away = open().stream().filter(hostId -> !agents.connected(hostId)).toList();
        awaySince.keySet().retainAll(away);
        away.forEach(hostId -> awaySince.putIfAbsent(hostId, now));
        return away.stream()
                .filter(hostId -> now - awaySince.get(hostId) > MAX_AWAY.toNanos())
                .toList();
    }

    /** The hosts with an upgrade in progress. */
    private List<HostId> open() {
        return db.read(handle -> handle.attach(UpgradeDao.class).list()).stream()
                .filter(UpgradeRow::open)
                .map(UpgradeRow::hostId)
                .toList();
    }

    private String name(HostId hostId) {
        return hosts.find(hostId).map(Host::name).orElse(hostId.value());
    }

    private Optional<UpgradeRow> row(HostId hostId) {
        return db.read(handle -> handle.attach(UpgradeDao.class).find(hostId));
    }

    private void end(HostId hostId, UpgradeState state, Optional<String> detail) {
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
                startNext();
            } else {
                rollout.halt("the upgrade of " + name(hostId) + " failed: " + detail.orElse(""));
            }
        }
    }
}
