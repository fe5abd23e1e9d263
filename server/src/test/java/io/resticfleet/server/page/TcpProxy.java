package io.resticfleet.server.page;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A TCP proxy between browser and server that can drop all traffic while connections stay open. */
final class TcpProxy implements AutoCloseable {

    private final URI server;
    private final ServerSocket listening;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean dropping;

    TcpProxy(String serverUrl) throws IOException {
        this.server = URI.create(serverUrl);
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listening.getLocalPort();
    }

    /** Drops all traffic from now on; open connections stay open. */
    void drop() {
        dropping = true;
    }

    /** Forwards new connections again. */
    void forward() {
        dropping = false;
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (var socket : sockets) {
            socket.close();
        }
    }

    private void accept() throws IOException {
        while (true) {
            var near = listening.accept();
            sockets.add(near);
            if (!dropping) {
                var far = new Socket(server.getHost(), server.getPort());
                sockets.add(far);
                start(() -> pass(near, far));
                start(() -> pass(far, near));
            }
        }
    }

    private void pass(Socket from, Socket to) throws IOException {
        boolean dropped = false;
        var buffer = new byte[8192];
        for (int read = from.getInputStream().read(buffer);
                read >= 0;
                read = from.getInputStream().read(buffer)) {
            dropped |= dropping;
            if (!dropped) {
                to.getOutputStream().write(buffer, 0, read);
                to.getOutputStream().flush();
            }
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        var thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // closed, by the test or by one side
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
