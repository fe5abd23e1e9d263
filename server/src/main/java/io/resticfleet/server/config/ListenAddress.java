package io.resticfleet.server.config;

import java.util.regex.Pattern;

/**
 * The address and port to listen on.
 *
 * @param host a name or an address; IPv6 without brackets
 * @param port 0 for any free port
 */
public record ListenAddress(String host, int port) {

    private static final Pattern SHAPE = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9.-]+):(\\d{1,5})");
    private static final int LAST_PORT = 65_535;

    /** @throws IllegalArgumentException unless {@code text} is like {@code 127.0.0.1:8080} or {@code [::1]:8080} */
    public static ListenAddress parse(String text) {
        var match = SHAPE.matcher(text);
        if (!match.matches()) {
            throw new IllegalArgumentException("it must be like 127.0.0.1:8080 or [::1]:8080");
        }
        int port = Integer.parseInt(match.group(2));
        if (port > LAST_PORT) {
            throw new IllegalArgumentException("the port must be 0 to " + LAST_PORT);
        }
        return new ListenAddress(match.group(1).replaceAll("[\\[\\]]", ""), port);
    }

    /** The same host with the port that was actually bound. */
    public ListenAddress withPort(int newPort) {
        return new ListenAddress(host, newPort);
    }

    /** As in a URL: IPv6 in brackets. */
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
