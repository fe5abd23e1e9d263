package io.resticfleet.agent;

/** A command could not do what it was asked; the message is for the person who gave it. */
final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    Failure(String message) {
        super(message);
    }
}
