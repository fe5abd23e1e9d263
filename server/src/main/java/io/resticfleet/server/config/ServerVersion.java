package io.resticfleet.server.config;

import java.util.Optional;

/** The server's version. */
public final class ServerVersion {

    private ServerVersion() {}

    /** From the jar's manifest; {@code dev} outside of a jar. */
    public static String text() {
        return Optional.ofNullable(ServerVersion.class.getPackage().getImplementationVersion())
                .orElse("dev");
    }
}
