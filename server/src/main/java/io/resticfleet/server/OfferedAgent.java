package io.resticfleet.server;

import io.resticfleet.protocol.Protocol;
import io.resticfleet.server.upgrade.AgentOffer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarInputStream;

/** What the agent's jar in this server's jar is. */
final class OfferedAgent {

    private OfferedAgent() {}

    /** Read when it is first asked for. */
    private static final class Found {
        private static final Optional<AgentOffer> OFFER = read();
    }

    /** Reads it once; empty if this server was built without. */
    static Optional<AgentOffer> find() {
        return Found.OFFER;
    }

    private static Optional<AgentOffer> read() {
        var resource = OfferedAgent.class.getResource(Protocol.AGENT_JAR_PATH);
        if (resource == null) {
            return Optional.empty();
        }
        try (var bytes = new DigestInputStream(resource.openStream(), MessageDigest.getInstance("SHA-256"));
                var named = new JarInputStream(resource.openStream())) {
            long size = bytes.transferTo(OutputStream.nullOutputStream());
            var manifest = Optional.ofNullable(named.getManifest());
            return manifest.map(m -> m.getMainAttributes().getValue(Attributes.Name.IMPLEMENTATION_VERSION))
                    .map(version -> new AgentOffer(
                            version,
                            HexFormat.of().formatHex(bytes.getMessageDigest().digest()),
                            size));
        } catch (IOException e) {
            throw new UncheckedIOException("the agent's jar in this server's jar is damaged", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
