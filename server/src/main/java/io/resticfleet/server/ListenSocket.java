package io.resticfleet.server;

import io.javalin.config.JavalinConfig;
import io.resticfleet.server.config.ListenAddress;
import io.resticfleet.server.config.ServerConfig.TlsFiles;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.tls.Tls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.util.Optional;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.ServerConnector;

/** The bound socket that the server listens on; HTTP accepts connections from it later. */
final class ListenSocket {

    private final ServerSocketChannel channel;

    private ListenSocket(ServerSocketChannel channel) {
        this.channel = channel;
    }

    /** @throws OperatorError if the address is in use, or not of this machine */
    static ListenSocket bind(ListenAddress address) {
        try {
            var channel = ServerSocketChannel.open();
            try {
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                channel.bind(new InetSocketAddress(address.host(), address.port()));
                return new ListenSocket(channel);
            } catch (IOException | UnresolvedAddressException e) {
                channel.close();
                throw e;
            }
        } catch (UnresolvedAddressException e) {
            throw new OperatorError("cannot listen on " + address + ": the name has no address", e);
        } catch (IOException e) {
            throw new OperatorError("cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    /** Makes a server accept connections from this socket when it starts; it closes the socket when it stops. */
    void serve(JavalinConfig javalin, Optional<TlsFiles> tls) {
        javalin.jetty.addConnector((server, http) -> {
            var connector = tls.map(files -> Tls.connector(server, http, files))
                    .orElseGet(() -> new ServerConnector(server, new HttpConnectionFactory(http)));
            try {
                connector.open(channel);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return connector;
        });
    }

    /** For a server that does not start. */
    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
