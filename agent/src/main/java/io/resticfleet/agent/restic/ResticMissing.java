package io.resticfleet.agent.restic;

/** restic cannot be run on this machine; the message gives the reason and what to do. */
public final class ResticMissing extends Exception {
    private static final long serialVersionUID = 1L;

    ResticMissing(String message) {
        super(message);
    }
}
