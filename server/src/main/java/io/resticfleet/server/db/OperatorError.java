package io.resticfleet.server.db;

/** An error that the operator can fix, such as a wrong setting. The message is shown without a stack trace. */
public final class OperatorError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public OperatorError(String message) {
        super(message);
    }

    public OperatorError(String message, Throwable cause) {
        super(message, cause);
    }
}
