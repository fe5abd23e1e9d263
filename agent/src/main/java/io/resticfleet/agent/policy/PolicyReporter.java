package io.resticfleet.agent.policy;

import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.ToServer;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Tells the server what this machine allows: on each connection, and when it has changed.
 *
 * <p>Safe for use by many threads.
 */
public final class PolicyReporter {

    private final PolicyFile file;
    private final Predicate<ToServer> send;
    private Optional<HostPolicy> told = Optional.empty();

    /** @param send hands a message to the connection; false if there is none */
    public PolicyReporter(PolicyFile file, Predicate<ToServer> send) {
        this.file = file;
        this.send = send;
    }

    /** A connection stands. */
    public synchronized void connected() {
        told = Optional.empty();
        tick();
    }

    /** Looks whether there is anything new. */
    public synchronized void tick() {
        var now = Optional.of(file.current());
        if (!told.equals(now) && send.test(new ToServer.PolicyReport(now.get()))) {
            told = now;
        }
    }
}
