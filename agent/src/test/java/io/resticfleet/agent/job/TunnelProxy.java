package io.resticfleet.agent.job;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** An HTTP proxy whose tunnels all lead to one port of this machine, whatever server is asked for. */
final class TunnelProxy implements AutoCloseable {

    private final ServerSocket server;
    private final int target;
    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    TunnelProxy(int target) throws IOException {
        this.target = target;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    /** The servers that were asked for, each with its port. */
    Set<String> asked() {
        return asked;
    }

    private void accept() throws IOException {
        while (true) {
            var client = server.accept();
            start(() -> connect(client));
        }
    }

    private void connect(Socket client) throws IOException {
        try (client;
                var upstream = new Socket(InetAddress.getLoopbackAddress(), target)) {
            asked.add(head(client.getInputStream()).split(" ")[1]);
            client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            start(() -> {
                try (upstream) {
                    client.getInputStream().transferTo(upstream.getOutputStream());
                }
            });
            upstream.getInputStream().transferTo(client.getOutputStream());
        }
    }

    private static String head(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("closed before the end of the request");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** In a thread that ends with its connection. */
    private static void start(Work work) {
        var thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // closed by one of the two
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private interface Work {
        void run() throws IOException;
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
