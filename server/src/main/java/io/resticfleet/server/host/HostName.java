package io.resticfleet.server.host;

/** What an operator calls a host. */
public record HostName(String value) {

    private static final int LONGEST = 100;

    /** @throws IllegalArgumentException unless it has 1 to 100 characters on one line, not all of them blank */
    public HostName {
        if (value.isBlank() || value.length() > LONGEST || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a name is 1 to " + LONGEST + " characters on one line");
        }
    }
}
