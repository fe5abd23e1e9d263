package io.resticfleet.server.upgrade;

import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.Release;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarInputStream;

/**
 * The agent that this server's jar contains: for new hosts, and for the upgrade of older agents.
 *
 * @param sha256 of the agent's jar, 64 lower-case hexadecimal digits
 * @param size of the agent's jar, in bytes
 */
public record BundledAgent(String version, String sha256, long size) {

    private static final String INSTALL_SCRIPT = "/dist/install-agent.sh";

    /** Holder for lazy initialization: the jar is hashed once, when first asked for. */
    private static final class Found {
        private static final Optional<BundledAgent> AGENT = read();
    }

    /** The bundled agent; empty if this server was built without it. */
    public static Optional<BundledAgent> find() {
        return Found.AGENT;
    }

    /** Whether an agent of that version is older; false if the versions cannot be compared. */
    public boolean isNewerThan(String agentVersion) {
        return Release.isNewer(version, agentVersion);
    }

    /** The agent's jar, to be closed by the caller; empty if this server was built without the agent. */
    public static Optional<InputStream> jar() {
        return Optional.ofNullable(BundledAgent.class.getResourceAsStream(Protocol.AGENT_JAR_PATH));
    }

    /** The script that installs this agent; it rejects a jar with another hash. */
    public String installScript() {
        try (var script = BundledAgent.class.getResourceAsStream(INSTALL_SCRIPT)) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8)
                    .replaceFirst("(?m)^JAR_SHA256=$", "JAR_SHA256=" + sha256);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<BundledAgent> read() {
        var resource = BundledAgent.class.getResource(Protocol.AGENT_JAR_PATH);
        if (resource == null) {
            return Optional.empty();
        }
        try (var bytes = new DigestInputStream(resource.openStream(), MessageDigest.getInstance("SHA-256"));
                var named = new JarInputStream(resource.openStream())) {
            long size = bytes.transferTo(OutputStream.nullOutputStream());
            var manifest = Optional.ofNullable(named.getManifest());
            return manifest.map(m -> m.getMainAttributes().getValue(Attributes.Name.IMPLEMENTATION_VERSION))
                    .map(version -> new BundledAgent(
                            version,
                            HexFormat.of().formatHex(bytes.getMessageDigest().digest()),
                            size));
        } catch (IOException e) {
            throw new UncheckedIOException("the agent's jar in this server's jar is damaged", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has SHA-256
        }
    }
}
