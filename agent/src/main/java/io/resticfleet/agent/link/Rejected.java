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

    ToAgent.Reject reject() {
        return reject;
    }

    /** Whether schedules keep running until somebody acts. */
    boolean keepsSchedules() {
        return reject.permanent() && !reject.endsSchedules();
    }

    boolean permanent() {
        return reject.permanent();
    }
}
