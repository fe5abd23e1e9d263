package io.resticfleet.server.auth;

import java.util.regex.Pattern;

/** What a user is called, such as {@code anna} or {@code anna@example.org}. Unique without regard to case. */
record Username(String value) {

    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9._@-]{1,64}");

    /** @throws IllegalArgumentException unless {@code value} is 1 to 64 of {@code A-Z a-z 0-9 . _ @ -} */
    Username {
        if (!isOne(value)) {
            throw new IllegalArgumentException("a username is 1 to 64 of A-Z a-z 0-9 . _ @ -");
        }
    }

    static boolean isOne(String text) {
        return SHAPE.matcher(text).matches();
    }

    @Override
    public String toString() {
        return value;
    }
}
