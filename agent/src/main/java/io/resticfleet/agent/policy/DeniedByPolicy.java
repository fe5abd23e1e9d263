package io.resticfleet.agent.policy;

import io.resticfleet.protocol.ErrorCode;

/** The machine's policy forbids something. The message names it, and where it can be allowed. */
public final class DeniedByPolicy extends Exception {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    DeniedByPolicy(ErrorCode code, String message) {
        super(message);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }
}
