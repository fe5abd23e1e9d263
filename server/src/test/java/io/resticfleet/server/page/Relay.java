package io.resticfleet.server.page;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A network between a browser and a server, which can go dead as networks do: without a word to either. */
final class Relay implements AutoCloseable {

    private final URI server;
    private final ServerSocket listening;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean dead;

    Relay(String serverUrl) throws IOException {
        this.server = URI.create(serverUrl);
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listening.getLocalPort();
    }

    /** From now on it swallows everything; what is open stays open. */
    void die() {
        dead = true;
    }

    /** What is new comes through again. */
    void live() {
        dead = false;
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
            if (!dead) {
                var far = new Socket(server.getHost(), server.getPort());
                sockets.add(far);
                start(() -> pass(near, far));
                start(() -> pass(far, near));
            }
        }
    }

    private void pass(Socket from, Socket to) throws IOException {
        boolean swallowed = false;
        var buffer = new byte[8192];
        for (int read = from.getInputStream().read(buffer);
                read >= 0;
                read = from.getInputStream().read(buffer)) {
            swallowed |= dead;
            if (!swallowed) {
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
                // it was closed, by us or by one of the two
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
