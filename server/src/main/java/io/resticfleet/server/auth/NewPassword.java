package io.resticfleet.server.auth;

/** A password that is good enough to be set. Prints as stars. */
record NewPassword(String value) {

    private static final int SHORTEST = 8;
    private static final int LONGEST = 200;

    /** @throws IllegalArgumentException unless it has 8 to 200 characters; the message does not hold it */
    NewPassword {
        int length = value.codePointCount(0, value.length());
        if (length < SHORTEST || length > LONGEST) {
            throw new IllegalArgumentException(
                    "a password has " + SHORTEST + " to " + LONGEST + " characters; this one has " + length);
        }
    }

    @Override
    public String toString() {
        return "***";
    }
}
