package io.resticfleet.agent.link;

import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * The receiving side of one connection. Called by the HTTP client, one call at a time.
 *
 * <p>No received message, and no exception of a handler, ends the connection, except a failure to store something.
 */
final class Connection implements WebSocket.Listener {

    private static final System.Logger log = System.getLogger(Connection.class.getName());

    /** The HTTP client's code for a connection that ended without a close frame. */
    private static final int CLOSED_ABNORMALLY = 1006;

    /** The beginning of a {@link ToAgent.ScheduleSet}. */
    private static final String SET = "{\"type\":\"schedule.set\"";

    private final ServerLink link;
    private final ServerLink.Handlers handlers;
    private final LongSupplier nanos;
    private final StringBuilder frame = new StringBuilder();
    private final CompletableFuture<ToAgent.Welcome> welcome = new CompletableFuture<>();
    private boolean tooLong;
    private volatile long lastReceived;
    private volatile boolean closed;
    private volatile boolean displaced;
    private volatile boolean abandoned;
    private volatile Optional<Long> welcomedAt = Optional.empty();

    Connection(ServerLink link, ServerLink.Handlers handlers, LongSupplier nanos) {
        this.link = link;
        this.handlers = handlers;
        this.nanos = nanos;
        this.lastReceived = nanos.getAsLong();
    }

    /** Completes with the server's welcome; fails with {@link Rejected}, or if the connection ends before. */
    CompletableFuture<ToAgent.Welcome> welcome() {
        return welcome;
    }

    /** When anything was last received, including pings. */
    long lastReceived() {
        return lastReceived;
    }

    boolean closed() {
        return closed;
    }

    /** Whether the server closed it because another agent with this identity has connected. */
    boolean displaced() {
        return displaced;
    }

    /** Time since the server's welcome; zero if there was none. */
    Duration duration() {
        return welcomedAt.map(at -> Duration.ofNanos(nanos.getAsLong() - at)).orElse(Duration.ZERO);
    }

    /** Ignores everything received from now on. Can be called before the connection is established. */
    void abandon() {
        abandoned = true;
    }

    @Override
    public void onOpen(WebSocket socket) {
        if (abandoned) {
            socket.abort();
        } else {
            lastReceived = nanos.getAsLong();
            socket.request(1);
        }
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
        lastReceived = nanos.getAsLong();
        if (!tooLong && frame.length() + part.length() > Protocol.MAX_TO_AGENT_BYTES) {
            tooLong = true;
            frame.setLength(Math.min(frame.length(), SET.length())); // enough to recognise it
            frame.trimToSize();
        }
        if (!tooLong) {
            frame.append(part);
        }
        if (last) {
            var text = frame.toString();
            frame.setLength(0);
            frame.trimToSize();
            if (tooLong) {
                tooLong = false;
                link.send(
                        text.equals(SET) && welcome.isDone()
                                ? handlers.refuseSet().get()
                                : new ToServer.Error("frame_too_long", "a frame was too long and was dropped"));
            } else {
                receive(text);
            }
        }
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
        lastReceived = nanos.getAsLong();
        if (last) {
            link.send(new ToServer.Error("bad_frame", "binary frames are not supported"));
        }
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
        lastReceived = nanos.getAsLong(); // answered by the HTTP client
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
        lastReceived = nanos.getAsLong();
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        displaced = code == Protocol.CLOSED_DISPLACED;
        end(
                code == CLOSED_ABNORMALLY
                        ? "the connection to the server was lost"
                        : "the server closed the connection code=" + code + (reason.isEmpty() ? "" : ": " + reason));
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
        end("the connection broke: " + error);
    }

    private void end(String why) {
        if (abandoned) {
            return;
        }
        closed = true;
        welcome.completeExceptionally(new IOException(why));
        log.log(Level.INFO, why);
        link.wake();
    }

    private void receive(String text) {
        if (abandoned) {
            return;
        }
        try {
            var message = Wire.decodeToAgent(text);
            if (message instanceof ToAgent.Challenge challenge) {
                link.send(handlers.hello().apply(challenge));
            } else if (message instanceof ToAgent.Welcome accepted && !welcome.isDone()) {
                welcomedAt = Optional.of(nanos.getAsLong());
                link.welcomed(handlers, accepted);
                welcome.complete(accepted);
            } else if (message instanceof ToAgent.Reject reject) {
                welcome.completeExceptionally(new Rejected(reject));
                link.wake();
            } else if (welcome.isDone()) {
                handlers.dispatch().handle(link, message);
            } else {
                link.send(new ToServer.Error("too_early", "message before the welcome"));
            }
        } catch (Wire.UnreadableMessage e) {
            log.log(Level.WARNING, "ignored a message of the server: " + e.getMessage());
            link.send(new ToServer.Error("unreadable", e.getMessage()));
        } catch (UncheckedIOException e) {
            // Not stored, as on a full disk. After a reconnect the server sends everything that is open again.
            end("a message of the server could not be stored, reconnecting: " + e.getMessage());
        } catch (RuntimeException e) {
            log.log(Level.ERROR, "failed to handle a message of the server", e);
            link.send(new ToServer.Error("failed", "the agent failed to handle a message; see its log"));
        } catch (Error e) {
            var thread = Thread.currentThread(); // the HTTP client would swallow it
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
        }
    }
}
