package io.resticfleet.server.upgrade;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.SampleHellos;
import io.resticfleet.server.TestServer;
import java.util.Map;
import java.util.Optional;

/** Agents that are older than the one that a server carries, and what the server stores of their upgrades. */
record OlderAgents(TestServer server) {

    static final String HASH = "cd".repeat(32);
    static final long SIZE = 4_711;

    /** The report of an agent that can be upgraded. */
    static final ToServer READY = new ToServer.UpgradeReport("ready", Optional.empty(), Optional.empty());

    /** Restarts the server with an agent of this version. */
    void offer(String version) throws Exception {
        server.stop();
        server.bundle(Optional.of(new BundledAgent(version, HASH, SIZE)));
        server.start();
    }

    /** Connects an agent that can be upgraded. */
    AgentClient ready(EnrolledAgent machine) throws Exception {
        var agent = machine.connect();
        agent.sendAndDrain(READY);
        return agent;
    }

    /** Connects the agent of a machine after an upgrade. */
    void comesBackAs(EnrolledAgent machine, String version) throws Exception {
        var agent = server.dial();
        var nonce = agent.receive(ToAgent.Challenge.class).nonce();
        agent.send(machine.sign(SampleHellos.ofVersion(machine.hello(1, server.now()), version), nonce));
        agent.receive(ToAgent.Welcome.class);
        agent.drain();
    }

    /** The report of an upgrade to 0.2.0. */
    static ToServer report(String state, String detail) {
        return new ToServer.UpgradeReport(state, Optional.of("0.2.0"), Optional.of(detail));
    }

    /** Requests the upgrade of one agent. */
    ApiResponse order(EnrolledAgent machine) throws Exception {
        return server.api().post("/api/hosts/" + machine.hostId() + "/upgrade", Map.of());
    }

    /** State of the upgrade of one agent; empty if none was requested. */
    String state(EnrolledAgent machine) throws Exception {
        for (var item : server.api().get("/api/agents/upgrade").json().path("items")) {
            if (item.path("host_id").asText().equals(machine.hostId())) {
                return item.path("state").asText("");
            }
        }
        throw new AssertionError("no such host");
    }
}
