package io.resticfleet.agent.config;

import java.util.Optional;

/** Which release this is. */
public final class AgentVersion {

    private AgentVersion() {}

    /** From the jar's manifest; {@code dev} outside of a jar. */
    public static String text() {
        return Optional.ofNullable(AgentVersion.class.getPackage().getImplementationVersion())
                .orElse("dev");
    }
}
