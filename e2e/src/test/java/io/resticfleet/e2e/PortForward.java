package io.resticfleet.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A local port through which this test reaches one of a network that it is not in. */
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
     * Opens one.
     *
     * @param inside the program that starts others in that network
     * @param port where they listen there
     */
    static PortForward open(List<String> inside, int port) throws IOException {
        var portForward = new PortForward(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), inside, port);
        begin(portForward::accept);
        return portForward;
    }

    String url() {
        return "http://127.0.0.1:" + socket.getLocalPort();
    }

    private void accept() throws IOException {
        while (true) {
            let(socket.accept());
        }
    }

    private void let(Socket visitor) throws IOException {
        var command = new ArrayList<>(inside);
        command.addAll(List.of("bash", "-c", CARRY, Integer.toString(port)));
        var carrier = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        begin(() -> carry(visitor.getInputStream(), carrier.getOutputStream(), visitor, carrier));
        begin(() -> carry(carrier.getInputStream(), visitor.getOutputStream(), visitor, carrier));
    }

    /** Until one side ends, and then ends the other. */
    private static void carry(InputStream from, OutputStream to, Socket visitor, Process carrier) throws IOException {
        try (visitor) {
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

    private interface Carrying {
        void run() throws IOException;
    }

    private static void begin(Carrying carrying) {
        var thread = new Thread(
                () -> {
                    try {
                        carrying.run();
                    } catch (IOException e) {
                        return; // one side has gone, or the port is closed
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
