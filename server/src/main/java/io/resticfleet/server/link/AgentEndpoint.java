package io.resticfleet.server.link;

import io.resticfleet.protocol.Protocol;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/**
 * The WebSocket of one agent. Puts its messages together from their parts, so that what is not complete counts for the
 * {@link ReceiveBudget} and can be dropped at once. Called by Jetty, one call at a time.
 *
 * @see <a href="https://jetty.org/docs/jetty/12.1/programming-guide/server/websocket.html">Jetty: WebSocket server</a>
 */
public final class AgentEndpoint implements Session.Listener.AutoDemanding {

    private static final int MESSAGE_TOO_BIG = 1009;
    private static final int TRY_AGAIN = 1013;
    private static final int NOT_ACCEPTABLE = 1003;

    private final AgentSocket socket;
    private final BiFunction<Session, Runnable, AgentSocket.Caller> callers;
    private final ReceiveBudget.Share beforeHello;
    private final ReceiveBudget.Share afterHello;
    private volatile Optional<Message> message = Optional.of(new Message());
    private Session session;
    private AgentSocket.Caller caller;

    /** A message in parts; those that are small are joined, as each would need more memory than its characters. */
    private static final class Message {

        private static final int PIECE = 32 * 1024;

        private final List<String> pieces = new ArrayList<>();
        private final StringBuilder last = new StringBuilder();
        private long length;

        void add(String part) {
            length += part.length();
            last.append(part);
            if (last.length() >= PIECE) {
                flush();
            }
        }

        String take() {
            flush();
            var text = pieces.size() == 1 ? pieces.get(0) : String.join("", pieces);
            pieces.clear();
            length = 0;
            return text;
        }

        private void flush() {
            pieces.add(last.toString());
            last.setLength(0);
            last.trimToSize();
        }
    }

    /**
     * @param strangers limits what connections without a hello hold
     * @param agents limits what the others hold
     * @param callers makes the caller of an open WebSocket, which can drop what was received
     */
    AgentEndpoint(
            AgentSocket socket,
            ReceiveBudget strangers,
            ReceiveBudget agents,
            BiFunction<Session, Runnable, AgentSocket.Caller> callers) {
        this.socket = socket;
        this.callers = callers;
        this.beforeHello = strangers.share(this::refuseForRoom);
        this.afterHello = agents.share(this::refuseForRoom);
    }

    @Override
    public void onWebSocketOpen(Session opened) {
        session = opened;
        caller = callers.apply(opened, this::drop);
        socket.connected(caller);
    }

    @Override
    public void onWebSocketPartialText(String part, boolean last) {
        var incomplete = message;
        if (incomplete.isEmpty()) {
            return; // closing
        }
        var parts = incomplete.get();
        boolean authenticated = socket.isAuthenticated(caller);
        var share = authenticated ? afterHello : beforeHello;
        int limit = authenticated ? Protocol.MAX_FRAME_BYTES : Protocol.MAX_HELLO_BYTES;
        if (parts.length + part.length() > limit) {
            refuse(MESSAGE_TOO_BIG, "a message has at most " + limit + " bytes");
            return;
        }
        if (!share.add(part.length())) {
            refuseForRoom();
            return;
        }
        parts.add(part);
        if (last) {
            share.complete();
            try {
                socket.received(caller, parts.take());
            } finally {
                share.release();
            }
        }
    }

    @Override
    public void onWebSocketPartialBinary(ByteBuffer payload, boolean last, Callback callback) {
        callback.succeed();
        refuse(NOT_ACCEPTABLE, "messages are text");
    }

    @Override
    public void onWebSocketClose(int code, String reason, Callback callback) {
        drop();
        if (caller != null) {
            socket.closed(caller, code);
        }
        callback.succeed();
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        AgentSocket.broken(cause);
    }

    /** Forgets what was received of a message, and ignores what follows. Called by any thread. */
    private void drop() {
        message = Optional.empty();
        beforeHello.release();
        afterHello.release();
    }

    private void refuseForRoom() {
        refuse(TRY_AGAIN, "the server receives too much at once; send it again later");
    }

    private void refuse(int code, String reason) {
        drop();
        session.close(code, reason, Callback.from(session::disconnect, failure -> session.disconnect()));
    }
}
