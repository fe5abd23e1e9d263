package io.resticfleet.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A local port that forwards to a port in another network namespace. */
final class PortForward implements AutoCloseable {

    private static final String CARRY = "exec 3<>/dev/tcp/127.0.0.1/$0 || exit; cat <&3 & exec cat >&3";

    private final ServerSocket socket;
    private final List<String> inside;
    private final int port;

    private PortForward(ServerSocket socket, List<String> inside, int port) {
        this.socket = socket;
        this.inside = inside;
        this.port = port;
    }

    /**
     * Opens a port.
     *
     * @param inside the command prefix that starts a program in that network
     * @param port the target port on that network's loopback
     */
    static PortForward open(List<String> inside, int port) throws IOException {
        var portForward = new PortForward(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), inside, port);
        start(portForward::accept);
        return portForward;
    }

    String url() {
        return "http://127.0.0.1:" + socket.getLocalPort();
    }

    private void accept() throws IOException {
        while (true) {
            forward(socket.accept());
        }
    }

    private void forward(Socket client) throws IOException {
        var command = new ArrayList<>(inside);
        command.addAll(List.of("bash", "-c", CARRY, Integer.toString(port)));
        var carrier = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        start(() -> copy(client.getInputStream(), carrier.getOutputStream(), client, carrier));
        start(() -> copy(carrier.getInputStream(), client.getOutputStream(), client, carrier));
    }

    /** Copies until one side ends, then closes the other. */
    private static void copy(InputStream from, OutputStream to, Socket client, Process carrier) throws IOException {
        try (client) {
            var buffer = new byte[8 * 1024];
            for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
                to.write(buffer, 0, read);
                to.flush();
            }
        } finally {
            carrier.descendants().forEach(ProcessHandle::destroyForcibly);
            carrier.destroyForcibly();
        }
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void start(Task task) {
        var thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException e) {
                        return; // one side has ended, or the port is closed
                    }
                },
                "port-forward");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
