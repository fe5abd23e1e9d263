package io.resticfleet.agent.cli;

/** A command failed. The message is for the person who ran it. */
public final class CommandFailed extends Exception {
    private static final long serialVersionUID = 1L;

    public CommandFailed(String message) {
        super(message);
    }
}
