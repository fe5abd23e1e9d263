package io.resticfleet.agent.restic;

import io.resticfleet.protocol.RepositoryUrl;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;

/** Asks quickly what restic since 0.18 takes a quarter of an hour to say: whether the backup server can be reached. */
public final class RepositoryProbe {

    private static final int PATIENCE_MILLIS = 10_000;

    private RepositoryProbe() {}

    /** What is wrong, in words for the operator; empty if nothing, or if there is nothing to ask. */
    public static Optional<String> problem(RepositoryUrl url) {
        return url.http().flatMap(RepositoryProbe::connect);
    }

    private static Optional<String> connect(URI uri) {
        int port = uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
        var host = uri.getHost().replaceAll("^\\[|]$", "");
        try (var socket = new Socket()) {
            var address = new InetSocketAddress(host, port);
            if (address.isUnresolved()) {
                throw new UnknownHostException("there is no machine called " + host);
            }
            socket.connect(address, PATIENCE_MILLIS);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("repository unreachable: " + host + ":" + port + ": " + e.getMessage()
                    + "; is the backup server up, and the network?");
        }
    }
}
