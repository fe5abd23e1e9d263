package io.resticfleet.server.config;

/**
 * One setting of the server, with its line in {@code --help} and docs/settings.md.
 *
 * @param name of the environment variable
 * @param flag on the command line; takes precedence over the variable
 * @param fallback the default value, or a word for it where it is not a fixed value
 */
public record Setting(String name, String flag, String fallback, String meaning) {

    /** Whether the value must never be shown. */
    boolean isSecret() {
        return name.endsWith("_TOKEN");
    }
}
