package io.resticfleet.server.auth;

/** Name of an API token, such as {@code ansible}. */
record TokenName(String value) {

    private static final int MAX_LENGTH = 100;

    /** @throws IllegalArgumentException unless {@code value} is one line of 1 to 100 characters */
    TokenName {
        if (value.isBlank() || value.length() > MAX_LENGTH || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a token's name is 1 to " + MAX_LENGTH + " characters on one line");
        }
    }
}
