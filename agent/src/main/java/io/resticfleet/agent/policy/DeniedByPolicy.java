package io.resticfleet.agent.policy;

/** The machine's policy forbids something. The message names it, and where it can be allowed. */
public final class DeniedByPolicy extends Exception {
    private static final long serialVersionUID = 1L;

    DeniedByPolicy(String message) {
        super(message);
    }
}
