package io.resticfleet.server.auth;

/** A password that may be set. Prints as asterisks. */
record NewPassword(String value) {

    private static final int MIN_LENGTH = 8;
    private static final int MAX_LENGTH = 200;

    /** @throws IllegalArgumentException unless it has 8 to 200 characters; the message does not contain it */
    NewPassword {
        int length = value.codePointCount(0, value.length());
        if (length < MIN_LENGTH || length > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "a password has " + MIN_LENGTH + " to " + MAX_LENGTH + " characters; this one has " + length);
        }
    }

    @Override
    public String toString() {
        return "***";
    }
}
