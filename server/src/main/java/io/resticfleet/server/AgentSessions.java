package io.resticfleet.server;

import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.job.AgentJobs;
import io.resticfleet.server.job.Dispatcher;
import io.resticfleet.server.job.TimeZones;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.link.AgentLifecycle;
import io.resticfleet.server.link.CloneDetector;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.retention.RetentionLedger;
import io.resticfleet.server.rotation.PasswordRotations;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.snapshot.SnapshotReports;
import io.resticfleet.server.upgrade.Upgrades;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles every hello: sends the credentials, if there are any, then the schedule set, always, then the jobs that the agent
 * lacks. {@link Divergences} first checks whether the agent knows more than this database.
 */
final class AgentSessions implements AgentLifecycle {

    private static final Logger log = LoggerFactory.getLogger(AgentSessions.class);

    private final Hosts hosts;
    private final HostConfigs configs;
    private final Divergences divergences;
    private final Schedules schedules;
    private final Dispatcher dispatcher;
    private final AgentJobs agentJobs;
    private final Upgrades upgrades;
    private final CloneDetector clones;
    private final Questions questions;
    private final TimeZones timeZones;
    private final SnapshotReports snapshots;
    private final RetentionLedger ledger;
    private final PasswordRotations rotations;

    AgentSessions(
            Hosts hosts,
            HostConfigs configs,
            Divergences divergences,
            Schedules schedules,
            Dispatcher dispatcher,
            AgentJobs agentJobs,
            Upgrades upgrades,
            CloneDetector clones,
            Questions questions,
            TimeZones timeZones,
            SnapshotReports snapshots,
            RetentionLedger ledger,
            PasswordRotations rotations) {
        this.hosts = hosts;
        this.divergences = divergences;
        this.configs = configs;
        this.schedules = schedules;
        this.dispatcher = dispatcher;
        this.agentJobs = agentJobs;
        this.upgrades = upgrades;
        this.clones = clones;
        this.questions = questions;
        this.timeZones = timeZones;
        this.snapshots = snapshots;
        this.ledger = ledger;
        this.rotations = rotations;
    }

    @Override
    public Optional<ToAgent.Reject> refuse(Hello hello, String nonce) {
        return hosts.refuse(hello, nonce);
    }

    @Override
    public Memory admit(Hello hello) {
        try {
            divergences.admit(hello);
            return new Memory(Optional.of(divergences.epoch()), hosts.storedSequence(hello.hostId()));
        } catch (StorageRefused e) {
            return new Memory(Optional.empty(), Optional.empty());
        }
    }

    @Override
    public void onHello(AgentConnection connection, Hello hello) {
        questions.connectionChanged(hello.hostId());
        if (!step(connection, "store its details", () -> hosts.recordHello(hello, this::recordHello))) {
            return; // whether anything may be sent to it is not stored either
        }
        step(
                connection,
                "check for a clone",
                () -> detectClone(connection, hello)); // early, as the time of arrival counts
        step(connection, "send its credentials", () -> configs.onHello(connection));
        step(connection, "ask for its snapshots", () -> snapshots.onHello(connection));
        step(connection, "send its schedules", () -> schedules.onHello(connection, hello));
        step(connection, "update the state of its upgrade", () -> upgrades.greeted(hello));
        step(
                connection,
                "report its clone to it",
                () -> clones.foundAt(hello.hostId())
                        .ifPresent(since -> connection.send(new ToAgent.CloneNotice(since))));
        connection.ready();
        step(connection, "send its jobs", () -> {
            if (clones.foundAt(hello.hostId()).isPresent()) {
                agentJobs.onHelloOfClone(connection, hello);
            } else {
                agentJobs.onHello(connection, hello);
            }
        });
        step(connection, "go on with changes of passwords", () -> rotations.connected(hello.hostId()));
    }

    private void recordHello(Handle tx, Host host, Hello hello) {
        timeZones.follow(tx, host, hello);
        ledger.connected(tx, host.id());
    }

    private void detectClone(AgentConnection connection, Hello hello) {
        if (clones.onHello(connection, hello)) {
            log.error(
                    "two agents use one identity, as on a machine and its clone; enrol one of them again host={} {}",
                    hello.hostId(),
                    clones.of(hello.hostId()));
            hosts.foundClones(hello.hostId(), clones.of(hello.hostId()));
        }
    }

    /**
     * Runs one step. Each may fail alone: a host whose credentials cannot be decrypted still gets its schedules.
     *
     * @return false if nothing can be stored now; the step is repeated at the agent's next hello
     */
    private static boolean step(AgentConnection connection, String what, Runnable work) {
        try {
            work.run();
        } catch (StorageRefused e) {
            connection.requireReconnect();
            return false;
        } catch (RuntimeException e) {
            log.error("an agent has connected, but the server could not {} host={}", what, connection.hostId(), e);
        }
        return true;
    }

    @Override
    public boolean isTemporary(RuntimeException failure) {
        return failure instanceof StorageRefused;
    }

    @Override
    public void seen(HostId hostId) {
        hosts.seen(hostId);
    }

    @Override
    public void left(HostId hostId) {
        questions.connectionChanged(hostId);
        hosts.seen(hostId);
        ledger.left(hostId);
        dispatcher.freed(hostId); // others no longer wait for its waiting jobs
    }

    /** Logs that an agent could not use a message. */
    static void errorReported(AgentConnection connection, ToServer.Error error) {
        log.warn(
                "agent could not use a message host={} code={}: {}", connection.hostId(), error.code(), error.detail());
    }
}
