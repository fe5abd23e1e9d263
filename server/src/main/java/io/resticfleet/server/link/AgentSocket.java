package io.resticfleet.server.link;

import io.resticfleet.protocol.Dispatch;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import jakarta.servlet.http.HttpServletRequest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.eclipse.jetty.ee10.websocket.server.JettyWebSocketServletFactory;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agents' WebSocket: authenticates each connection, then passes its messages to the handlers. */
public final class AgentSocket {

    private static final Logger log = LoggerFactory.getLogger(AgentSocket.class);

    private static final int POLICY_VIOLATION = 1008;
    private static final int SERVER_ERROR = 1011;
    private static final int TRY_AGAIN = 1013;
    private static final int HEARTBEAT_SECONDS = 10;
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(4 * HEARTBEAT_SECONDS);
    private static final Duration HELLO_LIMIT = Duration.ofSeconds(10);

    /** Interval for calling {@link #check}. */
    public static final Duration CHECK_EVERY = Duration.ofSeconds(5);

    /** Upper bound for detecting a dead connection. */
    static final Duration MAX_DETECTION = SILENCE_LIMIT.plus(CHECK_EVERY);

    private static final int MAX_PENDING = 500;

    /**
     * Age at which a connection without a hello may be closed in favour of a new one. Agents send their hello at once.
     */
    private static final Duration MIN_PENDING = Duration.ofSeconds(2);

    private static final int MAX_OUTGOING_FRAMES = 1_000;

    /** In bytes; Jetty passes on longer frames in parts. */
    private static final int MAX_PART = 64 * 1024;

    /**
     * An open WebSocket.
     *
     * @param sessionId unique
     * @param address its remote address
     * @param exposed whether it crosses the network unencrypted
     * @param drop forgets what was received of an unfinished message, and ignores what follows
     */
    public record Caller(
            String sessionId, Session session, Supplier<String> address, BooleanSupplier exposed, Runnable drop) {

        private void closeSession(int code, String reason) {
            session.close(code, reason, Callback.NOOP);
        }
    }

    /** A connection that has not yet sent its hello. */
    private record PendingConnection(Session session, String nonce, long since) {}

    private final Agents agents;
    private final AgentLifecycle lifecycle;
    private final Dispatch<AgentConnection, ToServer> handlers;
    private final Function<HttpServletRequest, String> addressOf;
    private final Predicate<HttpServletRequest> exposed;
    private final String serverVersion;
    private final Supplier<Optional<List<String>>> pins;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, PendingConnection> pending = new ConcurrentHashMap<>();
    private final Map<String, AgentConnection> known = new ConcurrentHashMap<>();
    private final ReceiveBudget strangers = new ReceiveBudget(ReceiveBudget.LIMIT_OF_STRANGERS);
    private final ReceiveBudget budget = new ReceiveBudget(ReceiveBudget.LIMIT);
    private final RepeatedWarnings badFrames;

    /**
     * @param addressOf determines the remote address of a connection
     * @param exposed determines whether a connection crosses the network unencrypted
     * @param pins pins of this server's keys, sent to agents; absent without TLS
     */
    public AgentSocket(
            Agents agents,
            AgentLifecycle lifecycle,
            Dispatch<AgentConnection, ToServer> handlers,
            Function<HttpServletRequest, String> addressOf,
            Predicate<HttpServletRequest> exposed,
            String serverVersion,
            Supplier<Optional<List<String>>> pins,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.agents = agents;
        this.lifecycle = lifecycle;
        this.handlers = handlers;
        this.addressOf = addressOf;
        this.exposed = exposed;
        this.serverVersion = serverVersion;
        this.pins = pins;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.badFrames = new RepeatedWarnings(nanoTime);
    }

    /** Replaces Jetty's defaults, and Javalin's endpoint, which receives whole messages only. */
    public void install(JettyWebSocketServletFactory factory) {
        factory.setIdleTimeout(SILENCE_LIMIT.plusSeconds(15));
        factory.setMaxFrameSize(MAX_PART);
        factory.setMaxOutgoingFrames(MAX_OUTGOING_FRAMES);
        factory.addMapping(Protocol.WEBSOCKET_PATH, (request, response) -> {
            var address = addressOf.apply(request.getHttpServletRequest());
            boolean unencrypted = exposed.test(request.getHttpServletRequest());
            return new AgentEndpoint(
                    this,
                    strangers,
                    budget,
                    (session, drop) ->
                            new Caller(UUID.randomUUID().toString(), session, () -> address, () -> unencrypted, drop));
        });
    }

    /** Pings connections and closes silent ones, with or without a hello. Does not block. */
    public void check() {
        checkPending();
        agents.check(SILENCE_LIMIT);
        known.values().forEach(AgentConnection::cutIfClosing);
    }

    /** Records which agents are connected. Called about every 15 s. */
    public void recordConnected() {
        agents.connected().forEach(lifecycle::seen);
    }

    private void checkPending() {
        pending.forEach((id, connection) -> {
            if (nanoTime.getAsLong() - connection.since > HELLO_LIMIT.toNanos()) {
                disconnect(id, connection);
            }
        });
    }

    private void disconnect(String id, PendingConnection connection) {
        pending.remove(id);
        connection.session.disconnect(); // no closing handshake: it would not be answered
    }

    /**
     * Makes room for a new connection, if necessary by closing the oldest without a hello. Returns whether there is
     * room.
     */
    private boolean makeRoom() {
        if (pending.size() < MAX_PENDING) {
            return true;
        }
        var oldest = pending.entrySet().stream()
                .min(Comparator.comparingLong(entry -> entry.getValue().since))
                .filter(entry -> nanoTime.getAsLong() - entry.getValue().since > MIN_PENDING.toNanos());
        oldest.ifPresent(entry -> disconnect(entry.getKey(), entry.getValue()));
        return oldest.isPresent();
    }

    /** Whether a hello was accepted. */
    boolean isAuthenticated(Caller ctx) {
        return known.containsKey(ctx.sessionId());
    }

    static void broken(Throwable cause) {
        log.debug("connection broke: {}", String.valueOf(cause));
    }

    /** Called for a new WebSocket. */
    public void connected(Caller ctx) {
        if (!makeRoom()) {
            ctx.closeSession(TRY_AGAIN, "too many connections without a hello; try again later");
            return;
        }
        var bytes = new byte[32];
        random.nextBytes(bytes);
        var nonce = Base64.getEncoder().encodeToString(bytes);
        pending.put(ctx.sessionId(), new PendingConnection(ctx.session, nonce, nanoTime.getAsLong()));
        send(ctx, new ToAgent.Challenge(Protocol.VERSION, nonce));
    }

    /** Called for a received frame; never concurrently for one caller. */
    public void received(Caller ctx, String frame) {
        var connection = known.get(ctx.sessionId());
        try {
            received(ctx, connection, Wire.decodeToServer(frame));
        } catch (Wire.UnreadableMessage e) {
            // Perhaps from a newer agent: report it and keep the connection.
            badFrames
                    .count(host(connection))
                    .ifPresent(count -> log.warn(
                            "ignored a message host={} count={}: {}", host(connection), count, e.getMessage()));
            send(ctx, new ToAgent.Error("unreadable", e.getMessage()));
            if (connection == null) {
                pending.remove(ctx.sessionId());
                ctx.closeSession(POLICY_VIOLATION, "unreadable");
            } else {
                e.result().ifPresent(result -> received(ctx, connection, result));
            }
        }
    }

    private void received(Caller ctx, AgentConnection connection, ToServer message) {
        if (connection == null) {
            authenticate(ctx, message);
        } else if (agents.find(connection.hostId()).filter(connection::equals).isPresent()) {
            connection.received();
            handle(connection, message);
        }
    }

    /**
     * Keeps the connection when a message cannot be handled, unless it is a result, which must be sent again in order.
     */
    private void handle(AgentConnection connection, ToServer message) {
        if (connection.isDropped(message)) {
            return;
        }
        try {
            handleWithRetry(connection, message);
        } catch (RuntimeException e) {
            if (lifecycle.isTemporary(e)) {
                connection.markUnstored(message);
                return;
            }
            log.error("failed to handle a message host={}", connection.hostId(), e);
            if (message instanceof ToServer.Result) {
                // Acknowledging a later one would acknowledge this one, too: accept nothing more on this connection.
                agents.left(connection);
                connection.close(SERVER_ERROR, "a result could not be stored; send it again");
                lifecycle.left(connection.hostId());
            } else {
                connection.send(new ToAgent.Error("internal", "the server could not handle this message; see its log"));
            }
        }
    }

    /** Tries a result twice: the first failure may have released the disk reserve. */
    private void handleWithRetry(AgentConnection connection, ToServer message) {
        try {
            handlers.handle(connection, message);
        } catch (RuntimeException e) {
            if (!(message instanceof ToServer.Result) || !lifecycle.isTemporary(e)) {
                throw e;
            }
            handlers.handle(connection, message);
        }
    }

    /** Called when storage works again: makes agents reconnect that must resend messages. */
    public void resume() {
        agents.storesAgain();
        known.values().stream()
                .filter(AgentConnection::mustReconnect)
                .forEach(connection -> connection.close(TRY_AGAIN, "the server can store again; send it again"));
    }

    private void authenticate(Caller ctx, ToServer message) {
        var challenged = pending.remove(ctx.sessionId());
        if (challenged == null) {
            return; // already closed
        }
        if (!(message instanceof Hello hello)) {
            reject(ctx, new ToAgent.Reject("hello_expected", "the first message must be hello", false));
            return;
        }
        var refusal = lifecycle.refuse(hello, challenged.nonce);
        if (refusal.isPresent()) {
            log.warn(
                    "agent rejected host={} code={}",
                    hello.hostId(),
                    refusal.get().code());
            reject(ctx, refusal.get());
            return;
        }
        var memory = admit(ctx, hello);
        if (memory.isEmpty()) {
            return;
        }
        var peer = new AgentConnection.Peer(
                hello.hostId(),
                hello.instanceId(),
                ctx.address.get(),
                ctx.exposed.getAsBoolean(),
                features(hello),
                challenged.since);
        var connection = new AgentConnection(peer, ctx.session, ctx.drop, nanoTime);
        known.put(ctx.sessionId(), connection);
        connection.send(new ToAgent.Welcome(
                serverVersion,
                HEARTBEAT_SECONDS,
                clock.instant(),
                memory.get().epoch(),
                memory.get().storedSequence(),
                pins.get(),
                Optional.of(Protocol.serverFeatures())));
        agents.joined(connection); // from here on, other threads send on it
        var late = lifecycle.refuse(hello, challenged.nonce); // deleted or replaced since the first check
        if (late.isPresent()) {
            agents.left(connection);
            connection.close(POLICY_VIOLATION, late.get().code());
            return;
        }
        log.info(
                "agent connected host={} agent={} restic={}",
                hello.hostId(),
                hello.agentVersion(),
                hello.resticVersion().orElse("missing"));
        lifecycle.onHello(connection, hello);
    }

    private static Set<String> features(Hello hello) {
        var known = new HashSet<>(Protocol.features());
        known.retainAll(hello.features().orElse(List.of()));
        return Set.copyOf(known);
    }

    /** Refuses to welcome an agent whose reports cannot be recorded, since it does not repeat them after a welcome. */
    private Optional<AgentLifecycle.Memory> admit(Caller ctx, Hello hello) {
        try {
            return Optional.of(lifecycle.admit(hello));
        } catch (RuntimeException e) {
            log.error("an agent could not be accepted, it will try again host={}", hello.hostId(), e);
            ctx.closeSession(SERVER_ERROR, "the server cannot store this now; try again");
            return Optional.empty();
        }
    }

    /** Called last, for a closed WebSocket. */
    public void closed(Caller ctx, int code) {
        pending.remove(ctx.sessionId());
        var connection = known.remove(ctx.sessionId());
        if (connection != null && agents.left(connection)) {
            lifecycle.left(connection.hostId());
            log.info("agent disconnected host={} code={}", connection.hostId(), code);
        }
    }

    private static void reject(Caller ctx, ToAgent.Reject reject) {
        send(ctx, reject);
        ctx.closeSession(POLICY_VIOLATION, reject.code());
    }

    private static void send(Caller ctx, ToAgent message) {
        ctx.session.sendText(Wire.encode(message), Callback.NOOP);
    }

    private static String host(AgentConnection connection) {
        return connection == null ? "unknown" : connection.hostId().value();
    }
}
