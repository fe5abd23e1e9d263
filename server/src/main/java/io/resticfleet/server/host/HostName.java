package io.resticfleet.server.host;

/** Display name of a host. */
public record HostName(String value) {

    private static final int MAX_LENGTH = 100;

    /** @throws IllegalArgumentException unless it is one line of 1 to 100 characters that is not blank */
    public HostName {
        if (value.isBlank() || value.length() > MAX_LENGTH || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a name is 1 to " + MAX_LENGTH + " characters on one line");
        }
    }
}
