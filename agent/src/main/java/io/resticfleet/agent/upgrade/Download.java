package io.resticfleet.agent.upgrade;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Fetches the new jar, from the server this machine joined and from nowhere else: redirects are not followed. */
final class Download {

    private final HttpClient client;
    private final URI from;
    private final Duration longest;

    /**
     * @param client that trusts this server, and does not follow redirects
     * @param longest it may take; a server that stops in the midst of it is given up then
     */
    Download(HttpClient client, URI from, Duration longest) {
        this.client = client;
        this.from = from;
        this.longest = longest;
    }

    /**
     * Writes it, as large as it was said to be and no larger.
     *
     * @throws UpgradeFailed if it is not what was announced, or cannot be had; what is there of it is of no use
     */
    void to(Path file, String sha256, long size) throws UpgradeFailed, InterruptedException {
        try (var sink = new Sink(file, size)) {
            var answer = client.sendAsync(HttpRequest.newBuilder(from).build(), sink);
            try {
                answer.get(longest.toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                answer.cancel(true);
            }
            var found = sink.digest();
            if (!found.equals(sha256)) {
                throw new UpgradeFailed(
                        "the jar that came has the SHA-256 " + found + " and not " + sha256 + " as announced");
            }
        } catch (TimeoutException e) {
            throw new UpgradeFailed("the jar did not come from " + from + " within " + longest.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw Sink.refusal(e)
                    .orElseGet(
                            () -> new UpgradeFailed("the jar could not be fetched from " + from + ": " + e.getCause()));
        } catch (IOException e) {
            throw new UpgradeFailed("the jar cannot be written: " + e);
        }
    }

    /** Where the answer's body goes. */
    private static final class Sink implements HttpResponse.BodyHandler<Void>, AutoCloseable {
        private final MessageDigest digest = Jar.digest();
        private final FileChannel out;
        private final long size;
        private long written;

        Sink(Path file, long size) throws IOException {
            this.size = size;
            this.out = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        }

        @Override
        public HttpResponse.BodySubscriber<Void> apply(HttpResponse.ResponseInfo info) {
            if (info.statusCode() != 200) {
                throw new Refused("the server answered HTTP " + info.statusCode() + " for its jar");
            }
            return HttpResponse.BodySubscribers.ofByteArrayConsumer(bytes -> bytes.ifPresent(this::write));
        }

        private void write(byte[] bytes) {
            written += bytes.length;
            if (written > size) {
                throw new Refused("the jar that came is larger than the " + size + " bytes announced");
            }
            digest.update(bytes);
            try {
                for (var rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
                    out.write(rest);
                }
            } catch (IOException e) {
                throw new Refused("the jar cannot be written: " + e);
            }
        }

        /** Of all that came, which is on disk then. */
        String digest() throws IOException, UpgradeFailed {
            out.force(true);
            if (written != size) {
                throw new UpgradeFailed("the jar that came has " + written + " of the " + size + " bytes announced");
            }
            return HexFormat.of().formatHex(digest.digest());
        }

        /** What was said here, wherever the client has put it. */
        static Optional<UpgradeFailed> refusal(Throwable thrown) {
            return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                    .filter(Refused.class::isInstance)
                    .map(refused -> new UpgradeFailed(refused.getMessage()))
                    .findFirst();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }
}
