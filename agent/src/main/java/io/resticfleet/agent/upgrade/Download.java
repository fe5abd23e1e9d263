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

/** Downloads the new jar from the agent's server and nowhere else: redirects are not followed. */
final class Download {

    private final HttpClient client;
    private final URI from;
    private final Duration limit;

    /**
     * @param client trusts this server, and does not follow redirects
     * @param limit for the whole download; a server that stalls is given up then
     */
    Download(HttpClient client, URI from, Duration limit) {
        this.client = client;
        this.from = from;
        this.limit = limit;
    }

    /**
     * Writes the jar, up to the announced size.
     *
     * @throws UpgradeFailed if the download fails or is not what was announced; the file is then useless
     */
    void to(Path file, String sha256, long size) throws UpgradeFailed, InterruptedException {
        try (var sink = new Sink(file, size)) {
            var response = client.sendAsync(HttpRequest.newBuilder(from).build(), sink);
            try {
                response.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                response.cancel(true);
            }
            var found = sink.digest();
            if (!found.equals(sha256)) {
                throw new UpgradeFailed("the downloaded jar has the SHA-256 " + found + ", announced was " + sha256);
            }
        } catch (TimeoutException e) {
            throw new UpgradeFailed("cannot download the jar from " + from + " within " + limit.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw Sink.refusal(e)
                    .orElseGet(() -> new UpgradeFailed("cannot download the jar from " + from + ": " + e.getCause()));
        } catch (IOException e) {
            throw new UpgradeFailed("the jar cannot be written: " + e);
        }
    }

    /** The file that the response body is written to. */
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
                throw new Refused("the server answered the request for the jar with HTTP " + info.statusCode());
            }
            return HttpResponse.BodySubscribers.ofByteArrayConsumer(bytes -> bytes.ifPresent(this::write));
        }

        private void write(byte[] bytes) {
            written += bytes.length;
            if (written > size) {
                throw new Refused("the downloaded jar is larger than the " + size + " bytes announced");
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

        /** SHA-256 of the whole body, once it is on disk. */
        String digest() throws IOException, UpgradeFailed {
            out.force(true);
            if (written != size) {
                throw new UpgradeFailed("the downloaded jar has " + written + " of the " + size + " bytes announced");
            }
            return HexFormat.of().formatHex(digest.digest());
        }

        /** The refusal thrown by this class, unwrapped from the client's exceptions. */
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
