package io.resticfleet.agent.restic;

/** Restic cannot be run on this machine; the message says why and what to do. */
public final class ResticMissing extends Exception {
    private static final long serialVersionUID = 1L;

    ResticMissing(String message) {
        super(message);
    }
}
