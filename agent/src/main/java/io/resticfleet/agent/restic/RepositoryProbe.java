package io.resticfleet.agent.restic;

import io.resticfleet.protocol.RepositoryUrl;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;

/** Checks within 10 s whether the backup server is reachable; restic since 0.18 takes 15 minutes to report that. */
public final class RepositoryProbe {

    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;

    private RepositoryProbe() {}

    /** A problem in the operator's words; absent if there is none, or the URL is not HTTP. */
    public static Optional<String> problem(RepositoryUrl url) {
        return url.http().flatMap(RepositoryProbe::connect);
    }

    private static Optional<String> connect(URI uri) {
        int port = uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
        var host = uri.getHost().replaceAll("^\\[|]$", "");
        try (var socket = new Socket()) {
            var address = new InetSocketAddress(host, port);
            if (address.isUnresolved()) {
                throw new UnknownHostException("unknown host " + host);
            }
            socket.connect(address, CONNECT_TIMEOUT_MILLIS);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("repository unreachable: " + host + ":" + port + ": " + e.getMessage()
                    + "; check the backup server and the network");
        }
    }
}
