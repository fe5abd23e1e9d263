package io.resticfleet.server;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.job.Dispatcher;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.link.Doorkeeper;
import io.resticfleet.server.overview.HostConfigs;
import io.resticfleet.server.schedule.Schedules;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens at every hello: credentials, if there are any, then the schedule set, always; then the jobs that the agent
 * should have and has not.
 */
final class Greeting implements Doorkeeper {

    private static final Logger log = LoggerFactory.getLogger(Greeting.class);

    private final Hosts hosts;
    private final HostConfigs configs;
    private final Schedules schedules;
    private final Dispatcher dispatcher;

    Greeting(Hosts hosts, HostConfigs configs, Schedules schedules, Dispatcher dispatcher) {
        this.hosts = hosts;
        this.configs = configs;
        this.schedules = schedules;
        this.dispatcher = dispatcher;
    }

    @Override
    public Optional<ToAgent.Reject> refuse(ToServer.Hello hello, String nonce) {
        return hosts.refuse(hello, nonce);
    }

    @Override
    public void greet(AgentConnection connection, ToServer.Hello hello) {
        step(connection, "note what it says of itself", () -> hosts.greeted(hello));
        step(connection, "send its credentials", () -> configs.greet(connection));
        step(connection, "send its schedules", () -> schedules.greet(connection, hello));
        step(connection, "send its jobs", () -> dispatcher.greet(connection, hello));
    }

    /** Each on its own: a host whose credentials do not open must get its schedules all the same. */
    private static void step(AgentConnection connection, String what, Runnable work) {
        try {
            work.run();
        } catch (StorageRefused e) {
            connection.owe(); // at its next hello
        } catch (RuntimeException e) {
            log.error("an agent has connected, but the server could not {} host={}", what, connection.hostId(), e);
        }
    }

    @Override
    public boolean passes(RuntimeException failure) {
        return failure instanceof StorageRefused;
    }

    @Override
    public void seen(String hostId) {
        hosts.seen(hostId);
    }

    @Override
    public void left(String hostId) {
        hosts.seen(hostId);
        dispatcher.freed(hostId); // others no longer wait for it
    }

    /** An agent could not use what it was told. */
    static void complained(AgentConnection connection, ToServer.Error error) {
        log.warn(
                "agent could not use a message host={} code={}: {}", connection.hostId(), error.code(), error.detail());
    }
}
