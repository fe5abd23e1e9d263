package io.resticfleet.server.channel;

/** Sends messages over the network. Safe for use by several threads. */
public interface Sender extends AutoCloseable {

    /** Sends a message, and waits for its receiver's answer, for at most a minute. Throws nothing: a failure is a result. */
    SendResult send(Outgoing message);

    /** Ends what is being sent. */
    @Override
    void close();
}
