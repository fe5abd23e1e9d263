package io.resticfleet.server.link;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.util.Optional;

/** Decides who is let in, and what they are told first. */
public interface AgentLifecycle {

    /**
     * Whether this hello proves to come from the host it names.
     *
     * @param nonce what was said in the challenge, once, on this connection
     * @return why not; empty if it does
     */
    Optional<ToAgent.Reject> refuse(ToServer.Hello hello, String nonce);

    /**
     * What the server has of an agent.
     *
     * @param epoch of the server's database; absent while nothing can be noted, so that the agent says again what it knows
     * @param storedSequence the highest result that is stored; absent if none is
     */
    record Memory(Optional<String> epoch, Optional<Long> storedSequence) {}

    /** An agent is let in and about to be welcomed: notes what it says of the server, and says what to answer. */
    Memory admit(ToServer.Hello hello);

    /** Says what an agent must hear on each new connection, on that connection. Runs after the welcome. */
    void greet(AgentConnection connection, ToServer.Hello hello);

    /** The agent is connected. Asked of every one from time to time. */
    void seen(String hostId);

    /** Whether what failed so can be kept later: it is to be said again when {@link AgentSocket#resume} is called. */
    boolean passes(RuntimeException failure);

    /** The agent was connected until now. */
    void left(String hostId);
}
