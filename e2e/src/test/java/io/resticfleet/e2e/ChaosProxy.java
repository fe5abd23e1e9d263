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
 * A network between agents and server that does to each connection one of the things networks do, and to what agents
 * say some that only a broken or hostile peer does. Calm at first. Listens on loopback only.
 */
final class ChaosProxy implements Closeable {

    /** What befalls a connection. */
    enum Fate {
        NONE,
        /** Every piece comes late. */
        DELAY,
        /** Both ways end after some bytes, in the middle of a frame more often than not. */
        CUT,
        /** What the agent says ends after some bytes, as if it had no more to say; it still hears. */
        HALF_CLOSE,
        /** Nothing passes any more after some bytes, and nobody is told. */
        STALL,
        /** Some frames of the agent come twice. */
        DUPLICATE,
        /** Some frames of the agent come after the one that followed them. */
        REORDER,
        /** Some bytes of a frame of the agent are missing, then it ends. */
        TRUNCATE,
        /** Frames that any agent said before, on any connection, come in between. */
        REPLAY
    }

    private static final int MOST_BYTES = 20_000;
    private static final Duration LONGEST_DELAY = Duration.ofMillis(400);

    private final ServerSocket listening;
    private final InetSocketAddress server;
    private final Random random;
    private final List<Fate> deck = new ArrayList<>();
    private final Frames frames = new Frames();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Map<Fate, Integer> befell = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean calm = true;

    /** @param server its URL; reached anew for every connection */
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

    /** Ends all connections; something may befall those that follow. */
    void rage() {
        calm = false;
        cut();
    }

    /** Ends all connections and does nothing to those that follow. */
    void calm() {
        calm = true;
        cut();
    }

    /** Ends all connections at once. */
    void cut() {
        open.forEach(ChaosProxy::end);
    }

    /** How many connections met each fate. */
    Map<Fate, Integer> befell() {
        return befell;
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                var agent = listening.accept();
                open.add(agent);
                start(() -> join(agent));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void join(Socket agent) {
        var peer = new Socket();
        open.add(peer);
        try {
            peer.connect(server);
            agent.setTcpNoDelay(true);
            peer.setTcpNoDelay(true);
            var fate = fate();
            var said = new Pump(fate, calm ? Integer.MAX_VALUE : 1 + random(MOST_BYTES));
            var heard = new Pump(fate == Fate.DELAY || fate == Fate.STALL ? fate : Fate.NONE, said.bytes);
            start(() -> heard.run(peer, agent));
            said.run(agent, peer);
        } catch (IOException e) {
            end(agent);
            end(peer);
        }
    }

    private Fate fate() {
        var fate = calm ? Fate.NONE : deal();
        befell.merge(fate, 1, Integer::sum);
        return fate;
    }

    /** Each in its turn, in an order of chance, so that a short search meets them all. */
    private Fate deal() {
        synchronized (random) {
            if (deck.isEmpty()) {
                deck.addAll(List.of(Fate.values()));
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

    /** One way of a connection. */
    private final class Pump {
        private final Fate fate;
        private final int bytes;

        Pump(Fate fate, int bytes) {
            this.fate = fate;
            this.bytes = bytes;
        }

        void run(Socket from, Socket to) {
            try {
                switch (fate) {
                    case DUPLICATE, REORDER, REPLAY, TRUNCATE -> frames(from.getInputStream(), to.getOutputStream());
                    default -> bytes(from.getInputStream(), to.getOutputStream());
                }
                if (fate == Fate.STALL && !calm) {
                    return; // nobody is told
                }
                to.shutdownOutput();
                if (fate == Fate.HALF_CLOSE) {
                    return;
                }
            } catch (IOException e) {
                // as good as an end
            }
            if (fate != Fate.NONE || from.isClosed()) {
                end(from);
                end(to);
            }
        }

        private void bytes(InputStream in, OutputStream out) throws IOException {
            var buffer = new byte[4_096];
            int passed = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (fate == Fate.DELAY) {
                    delay();
                }
                int length = fate == Fate.NONE || fate == Fate.DELAY ? read : Math.min(read, bytes - passed);
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
                boolean now = Frames.isText(frame) && random(4) == 0;
                if (fate == Fate.TRUNCATE && now) {
                    out.write(frame, 0, frame.length - 1 - random(frame.length - 1));
                    return;
                }
                if (fate == Fate.REORDER && now && late.length == 0) {
                    late = frame;
                    continue;
                }
                out.write(frame);
                out.write(late);
                late = new byte[0];
                if (fate == Fate.DUPLICATE && now) {
                    out.write(frame);
                }
                if (fate == Fate.REPLAY && now) {
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
