package io.resticfleet.server.link;

import io.javalin.websocket.WsConfig;
import io.javalin.websocket.WsContext;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.Dispatch;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
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

/** The agents' WebSocket: challenges each connection, then hands its messages to the table of handlers. */
public final class AgentSocket {

    private static final Logger log = LoggerFactory.getLogger(AgentSocket.class);

    private static final int POLICY_VIOLATION = 1008;
    private static final int SERVER_ERROR = 1011;
    private static final int TRY_AGAIN = 1013;
    private static final int HEARTBEAT_SECONDS = 10;
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(4 * HEARTBEAT_SECONDS);
    private static final Duration HELLO_LIMIT = Duration.ofSeconds(10);

    /** How often {@link #check} is to be called. */
    public static final Duration CHECK_EVERY = Duration.ofSeconds(5);

    /** After this no agent is waited for that can still be there; in less than a minute, however it went. */
    static final Duration NOTICED_WITHIN = SILENCE_LIMIT.plus(CHECK_EVERY);

    private static final int MOST_PENDING = 500;

    /** A connection that has not said hello for so long makes room for a newcomer; agents speak at once. */
    private static final Duration HURRY = Duration.ofSeconds(2);

    private static final int MOST_OUTGOING_FRAMES = 1_000;

    /**
     * A WebSocket that is open here.
     *
     * @param sessionId of no other
     * @param address where it comes from
     * @param exposed whether others on the way could read along
     */
    public record Caller(String sessionId, Session session, Supplier<String> address, BooleanSupplier exposed) {

        private void closeSession(int code, String reason) {
            session.close(code, reason, Callback.NOOP);
        }
    }

    /** A connection that has not yet said who it is. */
    private record PendingConnection(Session session, String nonce, long since) {}

    private final Agents agents;
    private final AgentLifecycle lifecycle;
    private final Dispatch<AgentConnection, ToServer> handlers;
    private final Function<WsContext, String> addressOf;
    private final Predicate<WsContext> exposed;
    private final String serverVersion;
    private final Optional<List<String>> pins;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, PendingConnection> pending = new ConcurrentHashMap<>();
    private final Map<String, AgentConnection> known = new ConcurrentHashMap<>();
    private final AtomicLong badFrames = new AtomicLong();

    /**
     * @param addressOf tells where a connection comes from
     * @param exposed tells whether others on the way could read along
     * @param pins of the keys of this server's certificates, which agents are told; absent without TLS
     */
    public AgentSocket(
            Agents agents,
            AgentLifecycle lifecycle,
            Dispatch<AgentConnection, ToServer> handlers,
            Function<WsContext, String> addressOf,
            Predicate<WsContext> exposed,
            String serverVersion,
            Optional<List<String>> pins,
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
    }

    /** Jetty's own limits are 30 s of idleness, 64 KiB a message, and no end of outgoing frames. */
    public static void limit(JettyWebSocketServletFactory factory) {
        factory.setIdleTimeout(SILENCE_LIMIT.plusSeconds(15));
        factory.setMaxTextMessageSize(Protocol.MAX_HELLO_BYTES);
        factory.setMaxFrameSize(Protocol.MAX_FRAME_BYTES);
        factory.setMaxBinaryMessageSize(1024);
        factory.setMaxOutgoingFrames(MOST_OUTGOING_FRAMES);
    }

    public void configure(WsConfig ws) {
        ws.onConnect(ctx -> connected(caller(ctx)));
        ws.onMessage(ctx -> received(caller(ctx), ctx.message()));
        ws.onClose(ctx -> closed(caller(ctx), ctx.status()));
        ws.onError(ctx -> log.debug("connection broke: {}", String.valueOf(ctx.error())));
    }

    /** Pings, and cuts off who is silent, whether or not it has said hello. Does not wait for anything. */
    public void check() {
        checkPending();
        agents.check(SILENCE_LIMIT);
    }

    /** Notes who is connected. To be called every 15 s or so. */
    public void noteConnected() {
        agents.connected().forEach(lifecycle::seen);
    }

    private void checkPending() {
        pending.forEach((id, connection) -> {
            if (nanoTime.getAsLong() - connection.since > HELLO_LIMIT.toNanos()) {
                cutOff(id, connection);
            }
        });
    }

    private void cutOff(String id, PendingConnection connection) {
        pending.remove(id);
        connection.session.disconnect(); // whoever does not speak need not answer a closing handshake either
    }

    /** Whether there is room for one more connection, for which the one that has been silent longest may have to go. */
    private boolean makeRoom() {
        if (pending.size() < MOST_PENDING) {
            return true;
        }
        var silent = pending.entrySet().stream()
                .min(Comparator.comparingLong(entry -> entry.getValue().since))
                .filter(entry -> nanoTime.getAsLong() - entry.getValue().since > HURRY.toNanos());
        silent.ifPresent(entry -> cutOff(entry.getKey(), entry.getValue()));
        return silent.isPresent();
    }

    private Caller caller(WsContext ctx) {
        return new Caller(ctx.sessionId(), ctx.session, () -> addressOf.apply(ctx), () -> exposed.test(ctx));
    }

    /** Somebody has dialled in. */
    public void connected(Caller ctx) {
        if (!makeRoom()) {
            ctx.closeSession(TRY_AGAIN, "too many connections that have not said hello; try again later");
            return;
        }
        var bytes = new byte[32];
        random.nextBytes(bytes);
        var nonce = Base64.getEncoder().encodeToString(bytes);
        pending.put(ctx.sessionId(), new PendingConnection(ctx.session, nonce, nanoTime.getAsLong()));
        say(ctx, new ToAgent.Challenge(Protocol.VERSION, nonce));
    }

    /** One call at a time of the same caller. */
    public void received(Caller ctx, String frame) {
        var connection = known.get(ctx.sessionId());
        try {
            var message = Wire.decodeToServer(frame);
            if (connection == null) {
                introduce(ctx, message);
            } else if (agents.find(connection.hostId())
                    .filter(connection::equals)
                    .isPresent()) {
                connection.heard();
                handle(connection, message);
            }
        } catch (Wire.UnreadableMessage e) {
            // Perhaps a newer agent: say so and go on with what we do understand.
            log.warn(
                    "ignored a message host={} count={}: {}",
                    host(connection),
                    badFrames.incrementAndGet(),
                    e.getMessage());
            say(ctx, new ToAgent.Error("unreadable", e.getMessage()));
            if (connection == null) {
                pending.remove(ctx.sessionId());
                ctx.closeSession(POLICY_VIOLATION, "unreadable");
            }
        }
    }

    /** One bad message must not cut the agent off; but a result that could not be kept must come again, in its order. */
    private void handle(AgentConnection connection, ToServer message) {
        if (connection.withholds(message)) {
            return;
        }
        try {
            keep(connection, message);
        } catch (RuntimeException e) {
            if (lifecycle.passes(e)) {
                connection.withhold(message);
                return;
            }
            log.error("failed to handle a message host={}", connection.hostId(), e);
            if (message instanceof ToServer.Result) {
                // Acknowledging a later one would acknowledge this one too: nothing more is taken on this connection.
                agents.left(connection);
                connection.close(SERVER_ERROR, "a result could not be kept; say it again");
                lifecycle.left(connection.hostId());
            } else {
                connection.send(new ToAgent.Error("internal", "the server could not handle this message; see its log"));
            }
        }
    }

    /** A result is tried twice: the first time may have made room for it. */
    private void keep(AgentConnection connection, ToServer message) {
        try {
            handlers.handle(connection, message);
        } catch (RuntimeException e) {
            if (!(message instanceof ToServer.Result) || !lifecycle.passes(e)) {
                throw e;
            }
            handlers.handle(connection, message);
        }
    }

    /** What could not be kept can be now: lets those come anew who have to say it again. */
    public void resume() {
        known.values().stream()
                .filter(AgentConnection::owes)
                .forEach(connection -> connection.close(TRY_AGAIN, "the server can store again; say it again"));
    }

    private void introduce(Caller ctx, ToServer message) {
        var challenged = pending.remove(ctx.sessionId());
        if (challenged == null) {
            return; // already refused
        }
        if (!(message instanceof ToServer.Hello hello)) {
            reject(ctx, new ToAgent.Reject("hello_expected", "the first message must be hello", false));
            return;
        }
        var refusal = lifecycle.refuse(hello, challenged.nonce);
        if (refusal.isPresent()) {
            log.warn(
                    "agent refused host={} code={}",
                    hello.hostId(),
                    refusal.get().code());
            reject(ctx, refusal.get());
            return;
        }
        var memory = admit(ctx, hello);
        if (memory.isEmpty()) {
            return;
        }
        ctx.session.setMaxTextMessageSize(Protocol.MAX_FRAME_BYTES);
        var peer = new AgentConnection.Peer(
                hello.hostId(),
                hello.instanceId(),
                ctx.address.get(),
                ctx.exposed.getAsBoolean(),
                features(hello),
                challenged.since);
        var connection = new AgentConnection(peer, ctx.session, nanoTime);
        known.put(ctx.sessionId(), connection);
        connection.send(new ToAgent.Welcome(
                serverVersion,
                HEARTBEAT_SECONDS,
                clock.instant(),
                memory.get().epoch(),
                memory.get().storedSequence(),
                pins));
        agents.joined(connection); // from here on others speak to it too
        log.info(
                "agent connected host={} agent={} restic={}",
                hello.hostId(),
                hello.agentVersion(),
                hello.resticVersion().orElse("missing"));
        lifecycle.greet(connection, hello);
    }

    private static Set<String> features(ToServer.Hello hello) {
        var known = new HashSet<>(Ask.features());
        known.retainAll(hello.features().orElse(List.of()));
        return Set.copyOf(known);
    }

    /** Once welcomed, an agent does not say again what it knew before: without that written down, it is not. */
    private Optional<AgentLifecycle.Memory> admit(Caller ctx, ToServer.Hello hello) {
        try {
            return Optional.of(lifecycle.admit(hello));
        } catch (RuntimeException e) {
            log.error("an agent could not be let in, it will try again host={}", hello.hostId(), e);
            ctx.closeSession(SERVER_ERROR, "the server cannot take this in now; try again");
            return Optional.empty();
        }
    }

    /** However it ended; the last call. */
    public void closed(Caller ctx, int code) {
        pending.remove(ctx.sessionId());
        var connection = known.remove(ctx.sessionId());
        if (connection != null && agents.left(connection)) {
            lifecycle.left(connection.hostId());
            log.info("agent disconnected host={} code={}", connection.hostId(), code);
        }
    }

    private static void reject(Caller ctx, ToAgent.Reject reject) {
        say(ctx, reject);
        ctx.closeSession(POLICY_VIOLATION, reject.code());
    }

    private static void say(Caller ctx, ToAgent message) {
        ctx.session.sendText(Wire.encode(message), Callback.NOOP);
    }

    private static String host(AgentConnection connection) {
        return connection == null ? "unknown" : connection.hostId();
    }
}
