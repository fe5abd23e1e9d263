package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The agent of a host that has enrolled. */
public record EnrolledAgent(TestServer server, AgentIdentity identity) {

    /** Enrols with a token made from {@code tokenBody}. */
    static EnrolledAgent enrol(TestServer server, String hostname, Map<String, ?> tokenBody) throws Exception {
        var minted = server.api().post("/api/enrollment-tokens", tokenBody);
        if (minted.status() != 201) {
            throw new AssertionError(minted.text());
        }
        return enrolWith(server, minted.at("/token"), hostname);
    }

    /** Enrols with a token that exists. */
    static EnrolledAgent enrolWith(TestServer server, String token, String hostname) throws Exception {
        var keys = AgentIdentity.newKeys();
        var body = ApiClient.json(Samples.enrolment(token, hostname, AgentIdentity.publicKey(keys)));
        var response = server.api().request("POST", "/api/agents/enroll", body);
        if (response.status() != 201) {
            throw new AssertionError(response.text());
        }
        return new EnrolledAgent(server, new AgentIdentity(response.at("/host_id"), response.at("/hostname"), keys));
    }

    public String hostId() {
        return identity.hostId();
    }

    public String hostname() {
        return identity.hostname();
    }

    /** The same key under another host id. */
    public EnrolledAgent posingAs(String otherId) {
        return new EnrolledAgent(server, new AgentIdentity(otherId, hostname(), identity.keys()));
    }

    /** The same host id with another key. */
    public EnrolledAgent withOtherKey() {
        return new EnrolledAgent(server, new AgentIdentity(hostId(), hostname(), AgentIdentity.newKeys()));
    }

    /** Adds a schedule to the host through the API; its id. */
    public String addSchedule(Map<String, ?> body) throws Exception {
        var response = server.api().post("/api/hosts/" + hostId() + "/schedules", body);
        if (response.status() != 201) {
            throw new AssertionError(response.text());
        }
        return response.at("/id");
    }

    /** Connects as an agent that holds no schedules and no jobs; see {@link #connect(long, String...)}. */
    public AgentClient connect() throws Exception {
        return connect(0);
    }

    /**
     * Connects, and returns after the welcome: what the server sends next can be received.
     *
     * @param scheduleVersion that the agent holds
     * @param jobs ids of those that the agent runs or has queued
     */
    public AgentClient connect(long scheduleVersion, String... jobs) throws Exception {
        var agent = server.dial();
        var challenge = agent.receive(ToAgent.Challenge.class);
        agent.send(sign(hello(scheduleVersion, server.now(), jobs), challenge.nonce()));
        agent.receive(ToAgent.Welcome.class);
        return agent;
    }

    /** Connects, drops what the server sends at first, and acknowledges the schedule set. */
    public AgentClient connectInSync(String... jobs) throws Exception {
        var agent = connect(0, jobs);
        var set = (ToAgent.ScheduleSet) agent.drain().stream()
                .filter(ToAgent.ScheduleSet.class::isInstance)
                .findFirst()
                .orElseThrow();
        agent.sendAndDrain(new ToServer.ScheduleAck(set.version(), Optional.empty()));
        return agent;
    }

    /** The same, to a server at this URL. */
    AgentClient connectInSyncTo(String url) throws Exception {
        var agent = server.dial(url);
        var challenge = agent.receive(ToAgent.Challenge.class);
        agent.send(sign(hello(0, server.now()), challenge.nonce()));
        var set = agent.receive(ToAgent.ScheduleSet.class);
        agent.sendAndDrain(new ToServer.ScheduleAck(set.version(), Optional.empty()));
        return agent;
    }

    /**
     * Connects to another address of the server; its welcome.
     *
     * @param url of a proxy, or of the server
     * @param headers names and values in turn
     */
    public ToAgent.Welcome connectVia(String url, String... headers) throws Exception {
        var agent = server.dial(url, headers);
        agent.send(sign(
                hello(0, server.now()), agent.receive(ToAgent.Challenge.class).nonce()));
        var welcome = agent.receive(ToAgent.Welcome.class);
        agent.receive(ToAgent.ScheduleSet.class);
        return welcome;
    }

    /** Returns once the API reports this status, such as {@code offline}, for the host. */
    public void awaitStatus(String status) throws Exception {
        Eventually.eventually(
                () -> assertThat(server.api().get("/api/hosts/" + hostId()).at("/status"))
                        .isEqualTo(status));
    }

    /** A hello without a signature. */
    public Hello hello(long scheduleVersion, Instant now, String... jobs) {
        return hello(Protocol.VERSION, scheduleVersion, now, jobs);
    }

    public Hello hello(int protocolVersion, long scheduleVersion, Instant now, String... jobs) {
        return identity.hello(protocolVersion, scheduleVersion, now, jobs);
    }

    public Hello sign(Hello hello, String nonce) {
        return identity.sign(hello, nonce);
    }
}
