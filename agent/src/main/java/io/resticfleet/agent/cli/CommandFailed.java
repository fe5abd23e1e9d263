package io.resticfleet.agent.cli;

/** A command could not do what it was asked; the message is for the person who gave it. */
public final class CommandFailed extends Exception {
    private static final long serialVersionUID = 1L;

    public CommandFailed(String message) {
        super(message);
    }
}
