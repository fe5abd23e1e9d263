package io.resticfleet.server.auth;

/** What an API token is for, such as {@code ansible}. */
record TokenName(String value) {

    private static final int LONGEST = 100;

    /** @throws IllegalArgumentException unless {@code value} is one line of 1 to 100 characters */
    TokenName {
        if (value.isBlank() || value.length() > LONGEST || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a token's name is 1 to " + LONGEST + " characters on one line");
        }
    }
}
