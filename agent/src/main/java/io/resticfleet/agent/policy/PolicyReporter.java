package io.resticfleet.agent.policy;

import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.ToServer;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Reports this machine's policy to the server, on each connection and after each change.
 *
 * <p>Safe for use by many threads.
 */
public final class PolicyReporter {

    private final PolicyFile file;
    private final Predicate<ToServer> send;
    private Optional<HostPolicy> reported = Optional.empty();

    /** @param send passes a message to the connection; false if there is none */
    public PolicyReporter(PolicyFile file, Predicate<ToServer> send) {
        this.file = file;
        this.send = send;
    }

    /** Reports the policy, after the server has connected. */
    public synchronized void connected() {
        reported = Optional.empty();
        tick();
    }

    /** Reports the policy if it has changed. */
    public synchronized void tick() {
        var now = Optional.of(file.current());
        if (!reported.equals(now) && send.test(new ToServer.PolicyReport(now.get()))) {
            reported = now;
        }
    }
}
