package io.resticfleet.server;

import java.util.Optional;

/** The server's version. */
final class ServerVersion {

    private ServerVersion() {}

    /** From the jar's manifest; {@code dev} outside of a jar. */
    static String text() {
        return Optional.ofNullable(App.class.getPackage().getImplementationVersion())
                .orElse("dev");
    }
}
