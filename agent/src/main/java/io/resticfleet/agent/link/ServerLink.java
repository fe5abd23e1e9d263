package io.resticfleet.agent.link;

import io.resticfleet.agent.thread.Signal;
import io.resticfleet.agent.thread.Threads;
import io.resticfleet.protocol.Dispatch;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The connection to the server: established, monitored, and re-established as long as the agent runs.
 *
 * <p>One thread connects, sends and monitors; a thread of the HTTP client calls {@link Connection} with received data.
 * Safe for use by many threads.
 */
public final class ServerLink implements AutoCloseable {

    private static final System.Logger log = System.getLogger(ServerLink.class.getName());

    /** Interval of checks for silence, and so the delay of noticing it. */
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    /** Called when the server accepts a connection, and when it ends. Must not block. */
    public interface ConnectionListener {
        /** Called before anything but the hello is sent. */
        void connected(ToAgent.Welcome welcome);

        void disconnected();

        /** The server does not accept this agent. */
        default void rejected(ToAgent.Reject reject) {}
    }

    /** Settings and dependencies of the link. */
    public record Settings(
            ServerAddress server,
            HttpClient client,
            LinkTimes times,
            Threads threads,
            LongSupplier nanos,
            RandomGenerator random) {}

    private final Settings settings;
    private final SendQueue queue = new SendQueue();
    private Optional<Thread> thread = Optional.empty();
    private final Signal changed;
    private boolean connected;
    private boolean reconnecting;
    private boolean closed;

    /** A link that sends nothing before {@link #start}, and drops messages until then. */
    public ServerLink(Settings settings) {
        this.settings = settings;
        this.changed = settings.threads().signal();
    }

    /**
     * What the link sends, and handles.
     *
     * @param hello makes the signed answer to a challenge
     * @param heartbeat makes what is sent regularly
     * @param dispatch handles all messages except challenge, welcome and reject
     * @param refuseSet makes the answer to a schedule set that is too large to be received
     * @param sources of messages that must arrive, most important first
     */
    public record Handlers(
            Function<ToAgent.Challenge, Hello> hello,
            Supplier<ToServer.Heartbeat> heartbeat,
            Dispatch<ServerLink, ToAgent> dispatch,
            Supplier<ToServer.ScheduleAck> refuseSet,
            List<MessageSource> sources,
            ConnectionListener listener) {}

    /** Starts connecting. Call it once. */
    public synchronized void start(Handlers handlers) {
        thread = Optional.of(settings.threads().start("link", () -> work(handlers)));
    }

    /** Sends soon, in order; drops the message if the connection ends before, or if 1,000 are waiting. */
    public synchronized void send(ToServer message) {
        if (queue.add(message)) {
            wake();
        }
    }

    /**
     * Sends if the server is connected.
     *
     * @return whether it was passed to a connection, not whether it arrived
     */
    public synchronized boolean sendIfConnected(ToServer message) {
        if (connected) {
            send(message);
        }
        return connected;
    }

    /** Sends if nothing more important is waiting; keeps only the latest. */
    public synchronized void offer(ToServer.JobProgress newest) {
        if (connected) {
            queue.replace(newest);
            wake();
        }
    }

    /** Signals that there may be something to send. */
    public void wake() {
        changed.raise();
    }

    /** Ends the present connection, if there is one, and connects again at once, with a new hello. */
    public synchronized void reconnect() {
        reconnecting = connected;
        wake();
    }

    public synchronized boolean connected() {
        return connected;
    }

    @Override
    public void close() {
        Optional<Thread> ending;
        synchronized (this) {
            closed = true;
            changed.raise();
            ending = thread;
        }
        try {
            if (ending.isPresent()) {
                ending.get().join(3_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The server accepted this agent. Called before any further message is handled. */
    void welcomed(Handlers handlers, ToAgent.Welcome welcome) {
        synchronized (this) {
            connected = true;
        }
        handlers.sources().forEach(MessageSource::reconnected);
        handlers.listener().connected(welcome);
        wake();
    }

    private void work(Handlers handlers) {
        var times = settings.times();
        var backoff = new Backoff(times.firstRetry(), times.lastRetry(), settings.random());
        while (!isClosed()) {
            var pause = Optional.<Duration>empty();
            var connection = new Connection(this, handlers, settings.nanos());
            try {
                serve(connection, handlers);
            } catch (Rejected e) {
                report(e, handlers);
                pause = e.permanent() ? Optional.of(times.afterRejection()) : Optional.empty();
                log.log(
                        e.permanent() ? Level.ERROR : Level.WARNING,
                        "the server rejects this agent: " + e.getMessage()
                                + (e.keepsSchedules()
                                        ? "; schedules keep running. Update the agent, or enrol it again with a new token"
                                        : ""));
            } catch (IOException | TimeoutException e) {
                log.log(
                        isClosed() ? Level.DEBUG : Level.WARNING,
                        "no connection to the server server=" + settings.server() + ": " + e.getMessage());
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                log.log(Level.ERROR, "the link failed", e);
            }
            connection.abandon();
            boolean atOnce = disconnected(handlers);
            rest(atOnce ? Duration.ZERO : pause.orElseGet(() -> pause(connection, backoff)));
        }
    }

    private static void report(Rejected rejected, Handlers handlers) {
        try {
            handlers.listener().rejected(rejected.reject());
        } catch (RuntimeException e) {
            log.log(Level.ERROR, "the rejection cannot be recorded, it is on the next connection", e);
        }
    }

    /** The pause after a connection that ended or failed. */
    private Duration pause(Connection connection, Backoff backoff) {
        if (connection.displaced()) {
            return backoff.about(
                    settings.times().afterDisplacement()); // otherwise the two would displace each other endlessly
        }
        boolean good = connection.duration().compareTo(settings.times().lasted()) >= 0;
        return good ? backoff.restart(settings.times().afterCut()) : backoff.next();
    }

    /** Connects, performs the handshake, and sends until the connection ends. */
    private void serve(Connection connection, Handlers handlers)
            throws IOException, TimeoutException, Rejected, InterruptedException {
        var socket = dial(connection);
        try {
            var welcome = handshake(connection, socket);
            log.log(Level.INFO, "connected server=" + settings.server() + " version=" + welcome.serverVersion());
            var interval = Duration.ofSeconds(Math.max(1, Math.min(300, welcome.heartbeatSeconds())));
            long beatAt = settings.nanos().getAsLong();
            while (!connection.closed() && !isEnding()) {
                long now = settings.nanos().getAsLong();
                checkSilence(connection);
                if (now - beatAt >= 0) {
                    put(connection, socket, handlers.heartbeat().get(), silence());
                    beatAt = now + interval.toNanos();
                }
                var next = queue.poll(handlers.sources());
                while (next.isPresent() && !connection.closed()) {
                    put(connection, socket, next.get(), silence());
                    next = queue.poll(handlers.sources());
                }
                changed.await(CHECK_INTERVAL);
            }
            if (isEnding()) {
                socket.sendClose(WebSocket.NORMAL_CLOSURE, isClosed() ? "the agent stops" : "the agent connects again")
                        .get(1, TimeUnit.SECONDS);
            }
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e);
        } finally {
            socket.abort();
        }
    }

    private WebSocket dial(Connection connection) throws IOException, InterruptedException {
        try {
            return settings.client()
                    .newWebSocketBuilder()
                    .connectTimeout(settings.times().connect())
                    .buildAsync(settings.server().webSocket(Protocol.WEBSOCKET_PATH), connection)
                    .get(settings.times().connect().toMillis() * 2, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("the server does not answer", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof WebSocketHandshakeException refused) {
                throw new IOException(
                        "the server answered HTTP " + refused.getResponse().statusCode(), e);
            }
            var wrongKey = WrongKey.in(e.getCause()).map(WrongKey::once);
            throw new IOException(wrongKey.orElseGet(() -> describe(e.getCause())), e);
        }
    }

    /** A text for the HTTP client's exception, which has no message for a closed port. */
    private static String describe(Throwable cause) {
        return cause instanceof ConnectException && cause.getMessage() == null
                ? "no server is listening there"
                : String.valueOf(cause);
    }

    private ToAgent.Welcome handshake(Connection connection, WebSocket socket)
            throws IOException, TimeoutException, Rejected, InterruptedException {
        long until = settings.nanos().getAsLong() + settings.times().handshake().toNanos();
        while (!connection.welcome().isDone()) {
            long left = until - settings.nanos().getAsLong();
            if (left < 0 || isClosed()) {
                throw new TimeoutException("the server did not finish the handshake");
            }
            for (var next = queue.poll(); next.isPresent(); next = queue.poll()) {
                put(connection, socket, next.get(), left);
            }
            changed.await(Duration.ofMillis(200));
        }
        try {
            return connection.welcome().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Rejected rejected) {
                throw rejected;
            }
            throw new IOException(e.getCause().getMessage(), e);
        }
    }

    /** Sends a message with a time limit, as a full socket of a dead server would block for long. */
    private void put(Connection connection, WebSocket socket, ToServer message, long limitNanos)
            throws IOException, TimeoutException, InterruptedException {
        var sent = socket.sendText(Wire.encode(message), true);
        long until = settings.nanos().getAsLong() + limitNanos;
        while (!isSent(sent)) {
            if (connection.closed()) {
                throw new IOException("the connection ended while something was being sent");
            }
            checkSilence(connection);
            if (settings.nanos().getAsLong() - until > 0 || isClosed()) {
                throw new TimeoutException("the server does not accept data");
            }
        }
    }

    /** Waits for up to a second. */
    private static boolean isSent(CompletableFuture<WebSocket> sent) throws IOException, InterruptedException {
        try {
            sent.get(CHECK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e);
        }
    }

    private void checkSilence(Connection connection) throws TimeoutException {
        if (settings.nanos().getAsLong() - connection.lastReceived() > silence()) {
            throw new TimeoutException("the server has been silent for too long");
        }
    }

    private long silence() {
        return settings.times().silence().toNanos();
    }

    /** Returns whether to connect again at once. */
    private boolean disconnected(Handlers handlers) {
        boolean was;
        boolean atOnce;
        synchronized (this) {
            was = connected;
            connected = false;
            atOnce = reconnecting;
            reconnecting = false;
            queue.clear();
        }
        if (was) {
            handlers.listener().disconnected();
        }
        return atOnce;
    }

    private void rest(Duration pause) {
        long until = settings.nanos().getAsLong() + pause.toNanos();
        try {
            for (long left = pause.toNanos();
                    left > 0 && !isClosed();
                    left = until - settings.nanos().getAsLong()) {
                changed.await(Duration.ofNanos(Math.min(CHECK_INTERVAL.toNanos(), left)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isEnding() {
        return closed || reconnecting;
    }

    private synchronized boolean isClosed() {
        return closed;
    }
}
