package io.resticfleet.server;

import io.javalin.config.JavalinConfig;
import io.resticfleet.server.config.ListenAddress;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.tls.ServerCertificate;
import io.resticfleet.server.web.ConnectionShares;
import io.resticfleet.server.web.Site;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.util.Optional;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.ServerConnector;

/** The address that the server listens on. */
final class Listening {

    /** Of one address. More than a large fleet behind one router needs. */
    private static final int MAX_CONNECTIONS_EACH = HttpSetup.MAX_CONNECTIONS / 2;

    /** Connections that wait to be accepted: a fleet reconnects at the same time. */
    private static final int MAX_WAITING = 1_024;

    private Listening() {}

    /**
     * Binds the address and frees it again. It stays closed until the server answers requests, so that an open port means a
     * server that is running.
     *
     * @throws OperatorError if it is in use, or not of this machine
     */
    static void requireFree(ListenAddress address) {
        try (var channel = ServerSocketChannel.open()) {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(new InetSocketAddress(address.host(), address.port()));
        } catch (UnresolvedAddressException e) {
            throw new OperatorError("cannot listen on " + address + ": the name has no address", e);
        } catch (IOException e) {
            throw new OperatorError("cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    /** Makes a server listen on the address when it starts. */
    static void configure(JavalinConfig javalin, ListenAddress address, Site site, Optional<ServerCertificate> tls) {
        javalin.jetty.addConnector((server, http) -> {
            var connector = tls.map(certificate -> certificate.connector(server, http))
                    .orElseGet(() -> new ServerConnector(server, new HttpConnectionFactory(http)));
            connector.setHost(address.host());
            connector.setPort(address.port());
            connector.setAcceptQueueSize(MAX_WAITING);
            connector.addBean(new ConnectionShares(site, MAX_CONNECTIONS_EACH));
            return connector;
        });
    }
}
