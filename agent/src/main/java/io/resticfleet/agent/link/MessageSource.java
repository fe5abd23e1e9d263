package io.resticfleet.agent.link;

import io.resticfleet.protocol.ToServer;
import java.util.Optional;

/** A source of messages for the server. The link polls it when it can send. Safe for use by many threads. */
public interface MessageSource {

    /** Starts again with the first unacknowledged message, as there is a new connection. */
    void reconnected();

    /** The next message, which then counts as sent; empty if there is none at present. */
    Optional<ToServer> next();

    /** Whether everything was sent. If not, less important sources wait. */
    boolean allSent();
}
