package io.resticfleet.agent.link;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;

/** HTTP clients for the server. */
public final class HttpClients {

    private HttpClients() {}

    public static HttpClient client(Optional<Pins> pins) {
        var builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10));
        pins.ifPresent(trusted -> builder.sslContext(trusted.context()));
        return builder.build();
    }
}
