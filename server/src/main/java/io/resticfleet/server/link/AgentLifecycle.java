package io.resticfleet.server.link;

import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ToAgent;
import java.util.Optional;

/** Authenticates agents, and decides what they receive first. */
public interface AgentLifecycle {

    /**
     * Checks that a hello comes from the host it names.
     *
     * @param nonce sent in this connection's challenge
     * @return the reason to reject it; empty if it is valid
     */
    Optional<ToAgent.Reject> refuse(Hello hello, String nonce);

    /**
     * What the server stores of an agent.
     *
     * @param epoch of the server's database; absent while nothing can be stored, so that the agent repeats its reports
     *     later
     * @param storedSequence sequence number of the last stored result; absent if there is none
     */
    record Memory(Optional<String> epoch, Optional<Long> storedSequence) {}

    /**
     * Called for an accepted hello, before the welcome: records what the agent reports of this server, and returns what
     * to answer.
     */
    Memory admit(Hello hello);

    /** Called after the welcome: sends what an agent must receive on each new connection. */
    void onHello(AgentConnection connection, Hello hello);

    /** Called regularly for each connected agent. */
    void seen(HostId hostId);

    /** Whether a failure is temporary: the agent must resend the message after {@link AgentSocket#resume}. */
    boolean isTemporary(RuntimeException failure);

    /** Called when an agent has disconnected. */
    void left(HostId hostId);
}
