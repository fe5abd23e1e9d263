package io.resticfleet.server.tree;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Bytes that an agent sends on one thread and a client receives on another; neither of them is ahead of the other. */
final class Dump implements AutoCloseable {

    private final CompletableFuture<InputStream> arrived = new CompletableFuture<>();
    private final CompletableFuture<Boolean> used = new CompletableFuture<>();

    /**
     * Called on the agent's thread: returns when the client has all of it.
     *
     * @throws IOException if the client did not want all of it
     */
    void receive(InputStream body) throws IOException {
        if (!arrived.complete(body) || !used.join()) {
            throw new IOException("nobody waits for it any more");
        }
    }

    /** What the agent sends; empty if it did not begin to send in time. */
    Optional<InputStream> body(long seconds) {
        try {
            return Optional.of(arrived.get(seconds, TimeUnit.SECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("it is never completed with an exception", e);
        }
    }

    /** The client has all of it. */
    void complete() {
        used.complete(true);
    }

    /** Breaks off what the agent sends, unless that is complete. */
    @Override
    public void close() {
        used.complete(false);
        arrived.complete(InputStream.nullInputStream());
    }
}
