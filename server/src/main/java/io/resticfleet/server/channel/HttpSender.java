package io.resticfleet.server.channel;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.InputStreamResponseListener;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes requests to other servers: without redirects, proxies and cookies, and to no link-local address, whatever a name
 * resolves to. Of an answer only the status counts. Starts its threads with the first request; safe for use by many threads.
 */
public final class HttpSender implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(HttpSender.class);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** Of a whole request. */
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private static final int MAX_ANSWER_BYTES = 16 * 1024;

    /** Statuses that say: not now. */
    private static final List<Integer> TRY_AGAIN = List.of(408, 425, 429);

    private static final Duration MAX_RETRY_AFTER = Duration.ofHours(1);

    private final String userAgent;
    private final SSLContext tls;
    private HttpClient client;
    private boolean closed;

    /**
     * @param userAgent such as {@code restic-fleet/1.2.0}
     * @param tls whom to trust
     */
    public HttpSender(String userAgent, SSLContext tls) {
        this.userAgent = userAgent;
        this.tls = tls;
    }

    /** An address to which no connection is made. */
    private static final class RefusedAddress extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedAddress(String message) {
            super(message);
        }
    }

    /** Makes a request and waits for its answer, for at most 20 s. Throws nothing: a failure is a result. */
    public SendResult send(HttpCall call) {
        try (var listener = new InputStreamResponseListener()) {
            request(call).send(listener);
            var response = listener.get(TIMEOUT.plusSeconds(5).toMillis(), TimeUnit.MILLISECONDS);
            var result = result(response);
            drain(listener.getInputStream());
            return result;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return SendResult.failed("interrupted, as the server stops");
        } catch (TimeoutException | ExecutionException | IOException | RuntimeException e) {
            return SendResult.failed(
                    reason(e)); // not logged: messages of failures may contain the address, and with it secrets
        }
    }

    private Request request(HttpCall call) {
        var request = started()
                .newRequest(call.url())
                .method(call.method())
                .timeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .headers(headers -> {
                    headers.remove(HttpHeader.ACCEPT_ENCODING); // nothing is read of an answer
                    call.headers().forEach(headers::put);
                });
        if (call.body().length > 0) {
            // The content's own type would be added to the header.
            request.body(
                    new BytesRequestContent(call.headers().getOrDefault("Content-Type", "text/plain"), call.body()));
        }
        return request;
    }

    private static SendResult result(Response response) {
        int status = response.getStatus();
        if (status >= 200 && status < 300) {
            return SendResult.delivered("HTTP status " + status);
        }
        if (status >= 300 && status < 400) {
            return SendResult.refused("HTTP status " + status + ": redirects are not followed");
        }
        if (status >= 400 && status < 500 && !TRY_AGAIN.contains(status)) {
            return SendResult.refused("HTTP status " + status);
        }
        return new SendResult(SendResult.Outcome.FAILED, "HTTP status " + status, retryAfter(response));
    }

    private static Optional<Duration> retryAfter(Response response) {
        return Optional.ofNullable(response.getHeaders().get(HttpHeader.RETRY_AFTER))
                .filter(text -> text.matches("[0-9]{1,9}(\\.[0-9]{1,9})?"))
                .map(text -> Duration.ofMillis((long) Math.ceil(Double.parseDouble(text) * 1_000)))
                .map(wait -> wait.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : wait);
    }

    /** Reads a short answer, so that its connection can be used again; the connection of a longer one is closed. */
    private static void drain(InputStream answer) {
        try {
            answer.readNBytes(MAX_ANSWER_BYTES);
        } catch (IOException e) {
            log.debug("answer not read: {}", e.getClass().getSimpleName()); // its status is known
        }
    }

    private static String reason(Throwable failure) {
        var causes = Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .limit(8)
                .toList();
        for (var cause : causes) {
            if (cause instanceof RefusedAddress) {
                return cause.getMessage();
            }
            if (cause instanceof UnknownHostException) {
                return "the name of the server cannot be resolved";
            }
            if (cause instanceof TimeoutException || cause instanceof SocketTimeoutException) {
                return "no answer in time";
            }
            if (cause instanceof ConnectException) {
                return "no connection to the server";
            }
            if (cause instanceof SSLException) {
                return "no trusted TLS connection";
            }
        }
        return "the request failed (" + causes.get(causes.size() - 1).getClass().getSimpleName() + ")";
    }

    private synchronized HttpClient started() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        if (client == null) {
            client = start();
        }
        return client;
    }

    private HttpClient start() {
        var threads = new QueuedThreadPool(8, 1);
        threads.setName("channels-http");
        threads.setDaemon(true);
        var http = new HttpClient();
        var scheduler = new ScheduledExecutorScheduler("channels-http-timer", true);
        http.setExecutor(threads);
        http.setScheduler(scheduler);
        http.setSocketAddressResolver(
                allowedOf(new SocketAddressResolver.Async(threads, scheduler, CONNECT_TIMEOUT.toMillis())));
        http.setFollowRedirects(false);
        http.setConnectTimeout(CONNECT_TIMEOUT.toMillis());
        http.setIdleTimeout(TIMEOUT.toMillis());
        http.setUserAgentField(new HttpField(HttpHeader.USER_AGENT, userAgent));
        http.setMaxResponseHeadersSize(MAX_ANSWER_BYTES);
        http.setHttpCookieStore(new HttpCookieStore.Empty());
        var trust = new SslContextFactory.Client();
        trust.setSslContext(tls);
        http.setSslContextFactory(trust);
        try {
            http.start();
        } catch (Exception e) { // declared by Jetty's life cycle
            throw new IllegalStateException("cannot start the HTTP client", e);
        }
        return http;
    }

    /** Connections are made to what this returns, so that what is checked is what is connected to. */
    private static SocketAddressResolver allowedOf(SocketAddressResolver resolver) {
        return (String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> promise) ->
                resolver.resolve(
                        host,
                        port,
                        context,
                        Promise.from(
                                found -> {
                                    var allowed = found.stream()
                                            .filter(one -> AllowedAddresses.refusal(one.getAddress())
                                                    .isEmpty())
                                            .toList();
                                    if (allowed.isEmpty()) {
                                        promise.failed(new RefusedAddress(AllowedAddresses.refusal(
                                                        found.get(0).getAddress())
                                                .orElseThrow()));
                                    } else {
                                        promise.succeeded(allowed);
                                    }
                                },
                                promise::failed));
    }

    /** Ends open requests. */
    @Override
    public synchronized void close() {
        closed = true;
        if (client != null) {
            try {
                client.stop();
            } catch (Exception e) { // declared by Jetty's life cycle
                log.warn("the HTTP client did not stop", e);
            }
        }
    }
}
