package io.resticfleet.agent.policy;

/** Something that this machine's owner does not allow, in words that say what, and where it could be allowed. */
public final class DeniedByPolicy extends Exception {
    private static final long serialVersionUID = 1L;

    DeniedByPolicy(String message) {
        super(message);
    }
}
