package io.resticfleet.server.auth;

import java.util.regex.Pattern;

/** Name of a user, such as {@code anna} or {@code anna@example.org}. Unique regardless of case. */
record Username(String value) {

    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9._@-]{1,64}");

    /** @throws IllegalArgumentException unless {@code value} is 1 to 64 of {@code A-Z a-z 0-9 . _ @ -} */
    Username {
        if (!isValid(value)) {
            throw new IllegalArgumentException("a username is 1 to 64 of A-Z a-z 0-9 . _ @ -");
        }
    }

    static boolean isValid(String text) {
        return SHAPE.matcher(text).matches();
    }

    @Override
    public String toString() {
        return value;
    }
}
