package io.resticfleet.e2e;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A proxy between agents and server that injects one network fault per connection, and some that only a broken or
 * hostile peer causes. No faults at first. Listens on loopback only.
 */
final class ChaosProxy implements Closeable {

    /** A fault of a connection. "Agent's bytes" are those from agent to server. */
    enum Fault {
        NONE,
        /** Every chunk is delayed. */
        DELAY,
        /** Both directions are closed after some bytes, usually within a frame. */
        CUT,
        /** The agent's direction is closed after some bytes; the other stays open. */
        HALF_CLOSE,
        /** Nothing passes any more after some bytes, but the connection stays open. */
        STALL,
        /** Some of the agent's frames arrive twice. */
        DUPLICATE,
        /** Some of the agent's frames arrive after the one that followed them. */
        REORDER,
        /** A frame of the agent is cut short, then the connection is closed. */
        TRUNCATE,
        /** Frames sent earlier by any agent, on any connection, are inserted. */
        REPLAY
    }

    private static final int MOST_BYTES = 20_000;
    private static final Duration LONGEST_DELAY = Duration.ofMillis(400);

    private final ServerSocket listening;
    private final InetSocketAddress server;
    private final Random random;
    private final List<Fault> deck = new ArrayList<>();
    private final Frames frames = new Frames();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Map<Fault, Integer> injected = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean calm = true;

    /** @param server its URL, resolved for every connection */
    ChaosProxy(String server, Random random) throws IOException {
        var url = URI.create(server);
        this.server = new InetSocketAddress(url.getHost(), url.getPort());
        this.random = random;
        this.listening = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listening.getLocalPort();
    }

    /** Closes all connections; later ones may have faults. */
    void startFaults() {
        calm = false;
        cut();
    }

    /** Closes all connections; later ones have no faults. */
    void stopFaults() {
        calm = true;
        cut();
    }

    /** Closes all connections. */
    void cut() {
        open.forEach(ChaosProxy::end);
    }

    /** The number of connections per fault. */
    Map<Fault, Integer> injected() {
        return injected;
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                var agent = listening.accept();
                open.add(agent);
                start(() -> connect(agent));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void connect(Socket agent) {
        var peer = new Socket();
        open.add(peer);
        try {
            peer.connect(server);
            agent.setTcpNoDelay(true);
            peer.setTcpNoDelay(true);
            var fault = fault();
            var upstream = new Pump(fault, calm ? Integer.MAX_VALUE : 1 + random(MOST_BYTES));
            var downstream =
                    new Pump(fault == Fault.DELAY || fault == Fault.STALL ? fault : Fault.NONE, upstream.bytes);
            start(() -> downstream.run(peer, agent));
            upstream.run(agent, peer);
        } catch (IOException e) {
            end(agent);
            end(peer);
        }
    }

    private Fault fault() {
        var fault = calm ? Fault.NONE : nextFault();
        injected.merge(fault, 1, Integer::sum);
        return fault;
    }

    /** Draws each fault in turn, in random order, so that a short test meets them all. */
    private Fault nextFault() {
        synchronized (random) {
            if (deck.isEmpty()) {
                deck.addAll(List.of(Fault.values()));
                Collections.shuffle(deck, random);
            }
            return deck.remove(deck.size() - 1);
        }
    }

    private int random(int bound) {
        synchronized (random) {
            return random.nextInt(bound);
        }
    }

    /** One direction of a connection. */
    private final class Pump {
        private final Fault fault;
        private final int bytes;

        Pump(Fault fault, int bytes) {
            this.fault = fault;
            this.bytes = bytes;
        }

        void run(Socket from, Socket to) {
            try {
                switch (fault) {
                    case DUPLICATE, REORDER, REPLAY, TRUNCATE -> frames(from.getInputStream(), to.getOutputStream());
                    default -> bytes(from.getInputStream(), to.getOutputStream());
                }
                if (fault == Fault.STALL && !calm) {
                    return; // leaves the connection open
                }
                to.shutdownOutput();
                if (fault == Fault.HALF_CLOSE) {
                    return;
                }
            } catch (IOException e) {
                // treated like the end of the stream
            }
            if (fault != Fault.NONE || from.isClosed()) {
                end(from);
                end(to);
            }
        }

        private void bytes(InputStream in, OutputStream out) throws IOException {
            var buffer = new byte[4_096];
            int passed = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (fault == Fault.DELAY) {
                    delay();
                }
                int length = fault == Fault.NONE || fault == Fault.DELAY ? read : Math.min(read, bytes - passed);
                out.write(buffer, 0, length);
                out.flush();
                passed += length;
                if (length < read) {
                    return;
                }
            }
        }

        private void delay() {
            try {
                closed.await(random((int) LONGEST_DELAY.toMillis()), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void frames(InputStream in, OutputStream out) throws IOException {
            Frames.passRequest(in, out);
            byte[] late = {};
            for (var frame = Frames.read(in); frame.length > 0; frame = Frames.read(in)) {
                boolean hit = Frames.isText(frame) && random(4) == 0;
                if (fault == Fault.TRUNCATE && hit) {
                    out.write(frame, 0, frame.length - 1 - random(frame.length - 1));
                    return;
                }
                if (fault == Fault.REORDER && hit && late.length == 0) {
                    late = frame;
                    continue;
                }
                out.write(frame);
                out.write(late);
                late = new byte[0];
                if (fault == Fault.DUPLICATE && hit) {
                    out.write(frame);
                }
                if (fault == Fault.REPLAY && hit) {
                    out.write(frames.any(random(Integer.MAX_VALUE)));
                }
                frames.remember(frame);
                out.flush();
            }
        }
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void start(Runnable work) {
        var thread = new Thread(work, "chaos");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        closed.countDown();
        cut();
    }
}
