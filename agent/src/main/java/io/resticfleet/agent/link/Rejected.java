package io.resticfleet.agent.link;

import io.resticfleet.protocol.ToAgent;

/** The server rejects this agent. */
final class Rejected extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient ToAgent.Reject reject;

    Rejected(ToAgent.Reject reject) {
        super(reject.code() + ": " + reject.detail());
        this.reject = reject;
    }

    boolean permanent() {
        return reject.permanent();
    }
}
