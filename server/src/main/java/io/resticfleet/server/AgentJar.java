package io.resticfleet.server;

import io.resticfleet.protocol.Protocol;
import io.resticfleet.server.web.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The agent that is in this server's jar, and the script that installs it. */
final class AgentJar {

    private static final String SCRIPT = "/dist/install-agent.sh";

    private AgentJar() {}

    /** @throws Problem 404 if this server was built without it */
    static InputStream open() {
        var jar = AgentJar.class.getResourceAsStream(Protocol.AGENT_JAR_PATH);
        if (jar == null) {
            throw absent();
        }
        return jar;
    }

    /**
     * The script, which insists on the jar's hash.
     *
     * @throws Problem 404 if this server was built without the agent
     */
    static String installScript() {
        var offer = OfferedAgent.find().orElseThrow(AgentJar::absent);
        try (var script = AgentJar.class.getResourceAsStream(SCRIPT)) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8)
                    .replaceFirst("(?m)^JAR_SHA256=$", "JAR_SHA256=" + offer.sha256());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Problem absent() {
        return Problem.notFound("agent jar in this build of the server; build it with make build");
    }
}
