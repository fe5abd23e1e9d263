package io.resticfleet.agent.reading;

import io.resticfleet.agent.thread.Signal;
import io.resticfleet.protocol.TransferToken;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * One request with a body that is made while it is sent: a write waits until the server takes it. The body ends regularly
 * only by {@link #finish}; otherwise the connection is broken off, so that nobody takes a part of it for all.
 */
final class Upload extends OutputStream {

    private static final System.Logger log = System.getLogger(Upload.class.getName());

    /** Bounds how late it is noticed that the body is not needed any more. */
    private static final Duration LOOK = Duration.ofMillis(200);

    /** The server takes nothing for so long, as when a browser pauses: then it is given up. */
    private static final Duration STALLED = Duration.ofMinutes(5);

    private static final int PIECE_BYTES = 32 * 1024;

    private final Body body = new Body();
    private final TransferToken token;
    private final Signal changed;
    private final LongSupplier nanos;
    private final BooleanSupplier over;
    private CompletableFuture<Void> response = new CompletableFuture<>();
    private Optional<Integer> status = Optional.empty();
    private Optional<String> failure = Optional.empty();
    private boolean ended;

    private Upload(TransferToken token, Signal changed, LongSupplier nanos, BooleanSupplier over) {
        this.token = token;
        this.changed = changed;
        this.nanos = nanos;
        this.over = over;
    }

    static Upload start(
            HttpClient client,
            URI address,
            TransferToken token,
            Signal changed,
            LongSupplier nanos,
            BooleanSupplier over) {
        var upload = new Upload(token, changed, nanos, over);
        var request = HttpRequest.newBuilder(address)
                .header("Content-Type", "application/octet-stream")
                .POST(upload.body)
                .build();
        var sent = client.sendAsync(request, HttpResponse.BodyHandlers.discarding());
        upload.response = sent.handle((answer, thrown) -> {
            upload.answered(answer, thrown);
            return null;
        });
        upload.body.cancel = () -> sent.cancel(true);
        return upload;
    }

    private synchronized void answered(HttpResponse<Void> answer, Throwable thrown) {
        if (thrown == null) {
            status = Optional.of(answer.statusCode());
        } else {
            var cause = thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
            failure = Optional.of(String.valueOf(cause).replace(token.value(), token.toString()));
        }
        changed.raise();
    }

    /** Whether the server takes no more of it. */
    synchronized boolean isBroken() {
        return failure.isPresent() || status.isPresent();
    }

    @Override
    public void write(int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int done = 0; done < length; ) {
            int piece = Math.min(PIECE_BYTES, length - done);
            await(body::wantsMore);
            body.pass(Arrays.copyOfRange(bytes, offset + done, offset + done + piece));
            done += piece;
        }
    }

    /**
     * Ends the body, and waits until the server has taken it.
     *
     * @throws IOException if it has not
     */
    void finish() throws IOException {
        await(body::isSubscribed);
        ended = true;
        body.end();
        await(this::isAnswered);
        int code = status();
        if (code != 204) {
            throw new UploadFailed(refusal(code));
        }
    }

    private synchronized boolean isAnswered() {
        return status.isPresent();
    }

    private synchronized int status() {
        return status.orElseThrow();
    }

    private static String refusal(int status) {
        return "the server refused it with HTTP " + status;
    }

    /** Waits until the client is ready. */
    private void await(BooleanSupplier ready) throws IOException {
        long until = nanos.getAsLong() + STALLED.toNanos();
        try {
            for (boolean is = ready.getAsBoolean(); !is; is = ready.getAsBoolean()) {
                check();
                if (nanos.getAsLong() - until > 0) {
                    throw new UploadFailed("the server does not take it");
                }
                changed.await(LOOK);
            }
            check();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the agent is stopping");
        }
    }

    private void check() throws IOException {
        if (over.getAsBoolean()) {
            throw new UploadFailed("it is not needed any more");
        }
        synchronized (this) {
            if (failure.isPresent()) {
                throw new UploadFailed("it cannot be sent to the server: " + failure.get());
            }
            if (status.isPresent() && !ended) {
                throw new UploadFailed(refusal(status.get()));
            }
        }
    }

    /** Breaks it off, unless the server has taken all of it. */
    @Override
    public void close() {
        if (!response.isDone()) {
            try {
                await(body::isSubscribed); // so that the server learns of it, too, and does not wait
            } catch (IOException e) {
                log.log(Level.DEBUG, "a request was broken off before it was sent", e);
            }
            body.abort();
        }
    }

    /** Passes the body on to the HTTP client as it asks for more. */
    private final class Body implements HttpRequest.BodyPublisher, Flow.Subscription {
        private Optional<Flow.Subscriber<? super ByteBuffer>> subscriber = Optional.empty();
        private long wanted;
        private Runnable cancel = () -> {};

        @Override
        public long contentLength() {
            return -1;
        }

        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> client) {
            client.onSubscribe(this);
            if (isSubscribed()) {
                client.onError(new IOException("it cannot be sent twice"));
                return;
            }
            synchronized (this) {
                subscriber = Optional.of(client);
            }
            changed.raise();
        }

        @Override
        public synchronized void request(long number) {
            wanted = Math.addExact(wanted, Math.min(number, Integer.MAX_VALUE));
            changed.raise();
        }

        @Override
        public void cancel() {
            changed.raise();
        }

        synchronized boolean isSubscribed() {
            return subscriber.isPresent();
        }

        synchronized boolean wantsMore() {
            return subscriber.isPresent() && wanted > 0;
        }

        void pass(byte[] piece) {
            Flow.Subscriber<? super ByteBuffer> client;
            synchronized (this) {
                wanted--;
                client = subscriber.orElseThrow();
            }
            client.onNext(ByteBuffer.wrap(piece));
        }

        void end() {
            subscriber().ifPresent(Flow.Subscriber::onComplete);
        }

        void abort() {
            subscriber().ifPresent(client -> client.onError(new IOException("broken off")));
            cancel.run();
        }

        private synchronized Optional<Flow.Subscriber<? super ByteBuffer>> subscriber() {
            return subscriber;
        }
    }
}
