package io.resticfleet.agent.restic;

import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Checks whether the backup server is reachable; restic since 0.18 takes 15 minutes to report that. Never stricter than
 * restic: one address that answers is enough, each has as long as restic gives it, and in doubt restic decides.
 */
public final class RepositoryProbe {

    /** restic's own limit. */
    private static final int CONNECT_TIMEOUT_MILLIS = 30_000;

    private RepositoryProbe() {}

    /**
     * A problem in the operator's words; absent if there is none, if the repository is of another kind, or if a proxy may
     * be the one that reaches it.
     */
    public static Optional<String> problem(Repository repository) {
        return repository
                .url()
                .httpServer()
                .filter(server -> repository.env().keySet().stream().noneMatch(name -> name.endsWith("_PROXY")))
                .filter(server -> StandardCharsets.US_ASCII.newEncoder().canEncode(server.host()))
                .flatMap(RepositoryProbe::unreachable);
    }

    /** Why a server cannot be reached; absent if it can. */
    static Optional<String> unreachable(RepositoryUrl.Server server) {
        try {
            return connect(server, InetAddress.getAllByName(server.host()));
        } catch (UnknownHostException e) {
            return Optional.of(unreachable(server, "unknown host " + server.host()));
        }
    }

    /** @param addresses of the server, at least one */
    static Optional<String> connect(RepositoryUrl.Server server, InetAddress... addresses) {
        var failures = new StringBuilder();
        for (var address : addresses) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(address, server.port()), CONNECT_TIMEOUT_MILLIS);
                return Optional.empty();
            } catch (IOException e) {
                failures.append(failures.isEmpty() ? "" : "; ").append(e.getMessage());
                if (addresses.length > 1) {
                    failures.append(" (").append(address.getHostAddress()).append(')');
                }
            }
        }
        return Optional.of(unreachable(server, failures.toString()));
    }

    private static String unreachable(RepositoryUrl.Server server, String why) {
        return "repository unreachable: " + server.host() + ":" + server.port() + ": " + why
                + "; check the backup server and the network";
    }
}
