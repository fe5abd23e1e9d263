package io.resticfleet.agent.link;

import io.resticfleet.protocol.ToServer;
import java.util.Optional;

/** Something that has messages for the server, asked by the link when it can send. Safe for use by many threads. */
public interface MessageSource {

    /** A new connection stands: whatever was not acknowledged is to be sent again. */
    void reconnected();

    /** The next message to send, which is then on its way; empty if there is none for now. */
    Optional<ToServer> next();

    /** Whether all there is was sent; if not, what is less important waits. */
    boolean allSent();
}
