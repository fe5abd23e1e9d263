package io.resticfleet.server.config;

/**
 * One thing the operator can set: a line of {@code --help} and of the manual.
 *
 * @param name of the environment variable
 * @param flag the same on the command line; beats the variable
 * @param fallback what holds when neither is given; in words where it is not a value
 */
public record Setting(String name, String flag, String fallback, String meaning) {

    /** Whether its value must not be shown. */
    boolean isSecret() {
        return name.endsWith("_TOKEN");
    }
}
