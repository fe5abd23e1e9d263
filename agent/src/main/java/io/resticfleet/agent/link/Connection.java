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
 * One connection's incoming side. Called by the HTTP client, one call at a time.
 *
 * <p>Nothing that is received, and nothing a handler throws, ends the connection.
 */
final class Connection implements WebSocket.Listener {

    private static final System.Logger log = System.getLogger(Connection.class.getName());

    /** What the client makes of a connection that ended without a close frame. */
    private static final int ENDED_WITHOUT_WORD = 1006;

    private final ServerLink link;
    private final ServerLink.Handlers handlers;
    private final LongSupplier nanos;
    private final StringBuilder frame = new StringBuilder();
    private final CompletableFuture<ToAgent.Welcome> welcome = new CompletableFuture<>();
    private boolean tooLong;
    private volatile long heardAt;
    private volatile boolean closed;
    private volatile boolean displaced;
    private volatile boolean abandoned;
    private volatile Optional<Long> welcomedAt = Optional.empty();

    Connection(ServerLink link, ServerLink.Handlers handlers, LongSupplier nanos) {
        this.link = link;
        this.handlers = handlers;
        this.nanos = nanos;
        this.heardAt = nanos.getAsLong();
    }

    /** Done with the server's welcome; fails with {@link Rejected}, or if the connection ends before. */
    CompletableFuture<ToAgent.Welcome> welcome() {
        return welcome;
    }

    /** When anything was last heard, pings included. */
    long heardAt() {
        return heardAt;
    }

    boolean closed() {
        return closed;
    }

    /** Whether the server ended it because another agent of this identity has connected. */
    boolean displaced() {
        return displaced;
    }

    /** For how long until now, from the server's welcome; nothing if there was none. */
    Duration stood() {
        return welcomedAt.map(at -> Duration.ofNanos(nanos.getAsLong() - at)).orElse(Duration.ZERO);
    }

    /** What still comes in is of no interest: it was given up, perhaps before it stood. */
    void abandon() {
        abandoned = true;
    }

    @Override
    public void onOpen(WebSocket socket) {
        if (abandoned) {
            socket.abort();
        } else {
            heardAt = nanos.getAsLong();
            socket.request(1);
        }
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
        heardAt = nanos.getAsLong();
        if (!tooLong && frame.length() + part.length() > Protocol.MAX_FRAME_BYTES) {
            tooLong = true;
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
                link.send(new ToServer.Error("frame_too_long", "a frame was too long and was dropped"));
            } else {
                receive(text);
            }
        }
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
        heardAt = nanos.getAsLong();
        if (last) {
            link.send(new ToServer.Error("bad_frame", "binary frames are not spoken here"));
        }
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
        heardAt = nanos.getAsLong(); // answered by the HTTP client
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
        heardAt = nanos.getAsLong();
        socket.request(1);
        return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        displaced = code == Protocol.CLOSED_DISPLACED;
        end(
                code == ENDED_WITHOUT_WORD
                        ? "the server is gone"
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
                link.send(new ToServer.Error("too_early", "that came before the welcome"));
            }
        } catch (Wire.UnreadableMessage e) {
            log.log(Level.WARNING, "ignored a message of the server: " + e.getMessage());
            link.send(new ToServer.Error("unreadable", e.getMessage()));
        } catch (UncheckedIOException e) {
            // Not kept, as on a full disk, so it must come again: the server says all that is open on a new connection.
            end("a message of the server could not be kept, connecting anew: " + e.getMessage());
        } catch (RuntimeException e) {
            log.log(Level.ERROR, "failed to handle a message of the server", e);
            link.send(new ToServer.Error("failed", "the agent failed to handle a message; see its log"));
        } catch (Error e) {
            var thread = Thread.currentThread(); // the HTTP client would keep it to itself
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
        }
    }
}
