package io.resticfleet.server;

import java.util.Optional;

/** Which release this is. */
final class ServerVersion {

    private ServerVersion() {}

    /** From the jar's manifest; {@code dev} outside of a jar. */
    static String text() {
        return Optional.ofNullable(App.class.getPackage().getImplementationVersion())
                .orElse("dev");
    }
}
