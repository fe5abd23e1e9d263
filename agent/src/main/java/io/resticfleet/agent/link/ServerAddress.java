package io.resticfleet.agent.link;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The server's URL, such as {@code https://fleet.example.org}, with a path prefix if a proxy needs one. */
public record ServerAddress(@JsonValue String url) {

    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[[0:]*:0*1]");

    /** @throws IllegalArgumentException unless it is an http or https URL with a host */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public ServerAddress {
        url = url.replaceAll("/+$", "");
        URI uri;
        try {
            uri = URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the server must be a URL such as https://fleet.example.org", e);
        }
        boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!http || uri.getHost() == null || uri.getRawUserInfo() != null || uri.getRawQuery() != null) {
            throw new IllegalArgumentException("the server must be a URL such as https://fleet.example.org");
        }
    }

    /** The URL of a path, for HTTP. */
    public URI http(String path) {
        return URI.create(url + path);
    }

    /** The URL of a path, for a WebSocket. */
    URI webSocket(String path) {
        return URI.create(url.replaceFirst("^http", "ws") + path);
    }

    /** A warning if the connection can be intercepted. */
    public Optional<String> warning() {
        var host = URI.create(url).getHost().toLowerCase(Locale.ROOT);
        return url.startsWith("http:") && !LOOPBACK.matcher(host).matches()
                ? Optional.of("the connection to " + url + " is not encrypted; anyone on the network can read the"
                        + " repository's credentials. Use https")
                : Optional.empty();
    }

    @Override
    public String toString() {
        return url;
    }
}
