package io.resticfleet.server.channel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import javax.net.SocketFactory;

/** Sockets that connect to no address that is not allowed, whatever a name resolves to. */
final class CheckedSockets extends SocketFactory {

    /** An address to which no connection is made. */
    static final class RefusedAddress extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedAddress(String message) {
            super(message);
        }
    }

    private static final class Checked extends Socket {

        @Override
        public void connect(SocketAddress endpoint, int timeout) throws IOException {
            check(endpoint);
            super.connect(endpoint, timeout);
        }

        @Override
        public void connect(SocketAddress endpoint) throws IOException {
            connect(endpoint, 0);
        }

        private static void check(SocketAddress endpoint) throws IOException {
            if (!(endpoint instanceof InetSocketAddress internet) || internet.isUnresolved()) {
                throw new UnknownHostException("not resolved");
            }
            CheckedSockets.check(internet.getAddress());
        }
    }

    /** @throws RefusedAddress if it is not allowed */
    static void check(InetAddress address) throws RefusedAddress {
        var refusal = AllowedAddresses.refusal(address);
        if (refusal.isPresent()) {
            throw new RefusedAddress(refusal.get());
        }
    }

    @Override
    public Socket createSocket() {
        return new Checked();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected(InetAddress.getByName(host), port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return connected(InetAddress.getByName(host), port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(host, port);
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        return connected(address, port);
    }

    private static Socket connected(InetAddress address, int port) throws IOException {
        var socket = new Checked();
        socket.connect(new InetSocketAddress(address, port));
        return socket;
    }
}
