package io.resticfleet.server.web;

import io.javalin.http.Context;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Whether programs on the server's own machine need no credentials for routes of {@link Access#USER_OR_LOCAL}. */
public enum LocalPrograms {
    NEED_CREDENTIALS,
    NEED_NONE;

    /** A proxy on this machine adds one of these; a program on it none. */
    private static final List<String> FORWARDING = List.of(
            "Forwarded",
            "Via",
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "X-Forwarded-Port",
            "X-Forwarded-Proto",
            "X-Forwarded-Server",
            "X-Real-IP");

    /** A browser adds one of these; one on this machine may show a page of a stranger. */
    private static final List<String> BROWSER = List.of("Origin", "Referer", "Sec-Fetch-Site", "Cookie");

    /**
     * Whether a request comes from a program on this machine, and that is enough. The name that it calls the server by must
     * be one of this machine only, as a page of another site could give its own name this address.
     */
    public boolean admits(Context ctx) {
        return this == NEED_NONE
                && isLoopback(ctx.ip())
                && isLoopback(host(ctx))
                && FORWARDING.stream().noneMatch(header -> ctx.header(header) != null)
                && BROWSER.stream().noneMatch(header -> ctx.header(header) != null);
    }

    private static String host(Context ctx) {
        try {
            return Optional.ofNullable(URI.create("http://" + ctx.host()).getHost())
                    .orElse("");
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static boolean isLoopback(String host) {
        var bare = host.replaceFirst("^\\[(.*)]$", "$1");
        return bare.equals("localhost")
                || Network.address(bare).filter(InetAddress::isLoopbackAddress).isPresent();
    }
}
