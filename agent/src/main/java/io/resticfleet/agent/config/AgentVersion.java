package io.resticfleet.agent.config;

import java.util.Optional;

/** The version of this agent. */
public final class AgentVersion {

    private AgentVersion() {}

    /** The version in the jar's manifest; {@code dev} outside a jar. */
    public static String text() {
        return Optional.ofNullable(AgentVersion.class.getPackage().getImplementationVersion())
                .orElse("dev");
    }
}
