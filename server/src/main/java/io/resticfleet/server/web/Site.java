package io.resticfleet.server.web;

import io.javalin.http.Context;
import io.javalin.websocket.WsContext;
import java.net.InetAddress;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How this server is reached from outside: under which URL, and through which proxies.
 *
 * <p>What {@code X-Forwarded-…} headers say is believed only of requests that come from a trusted proxy: anybody can
 * send them.
 *
 * @param publicUrl as the operator set it; absent means that it is whatever a request was sent to
 * @param trustedProxies whose word about the client is taken
 */
public record Site(Optional<URI> publicUrl, List<Network> trustedProxies) {

    private static final String EXPOSED = "exposed";

    public Site {
        trustedProxies = List.copyOf(trustedProxies);
    }

    /** Where the request comes from: the nearest address that is not a trusted proxy. */
    public ClientAddress client(Context ctx) {
        var nearest = peer(ctx);
        var hops = forwarded(ctx, "X-Forwarded-For");
        for (int hop = hops.size() - 1;
                hop >= 0 && nearest.filter(this::trusted).isPresent();
                hop--) {
            var farther = Network.address(withoutPort(hops.get(hop)));
            if (farther.isEmpty()) {
                break; // not an address: the proxy that said so is the last one we know
            }
            nearest = farther;
        }
        return new ClientAddress(nearest.map(InetAddress::getHostAddress).orElse(ctx.ip()));
    }

    /** Whether the client speaks HTTPS, to us or to a trusted proxy. */
    public boolean secure(Context ctx) {
        return scheme(ctx).equals("https")
                || publicUrl.filter(url -> url.getScheme().equals("https")).isPresent();
    }

    /** Notes where this request comes from, and whether others can read it on the way. */
    public void note(Context ctx) {
        var client = client(ctx);
        client.attach(ctx);
        boolean here = Network.address(client.value())
                .filter(InetAddress::isLoopbackAddress)
                .isPresent();
        ctx.attribute(EXPOSED, !here && !encrypted(ctx));
    }

    /** Whether others on the way could read what is said on a connection: it comes from another machine without TLS. */
    public static boolean exposed(WsContext ctx) {
        return Boolean.TRUE.equals(ctx.<Boolean>attribute(EXPOSED));
    }

    /** Of a trusted proxy that does not say what it was spoken to, the public URL tells. */
    private boolean encrypted(Context ctx) {
        boolean silentProxy = peer(ctx).filter(this::trusted).isPresent()
                && forwarded(ctx, "X-Forwarded-Proto").isEmpty();
        return silentProxy ? secure(ctx) : scheme(ctx).equals("https");
    }

    /**
     * The URL to give to people and agents, without a slash at its end.
     *
     * @param ctx the request of somebody who evidently reaches us
     */
    public String url(Context ctx) {
        return publicUrl.map(URI::toString).orElseGet(() -> requested(ctx)).replaceAll("/+$", "");
    }

    /** Whether a page from {@code origin} is ours. */
    public boolean isOurs(String origin, Context ctx) {
        var asked = normal(origin);
        return asked.isPresent()
                && (asked.equals(normal(requested(ctx)))
                        || asked.equals(publicUrl.map(URI::toString).flatMap(Site::normal)));
    }

    private String requested(Context ctx) {
        return scheme(ctx) + "://" + Optional.ofNullable(ctx.host()).orElse("");
    }

    private String scheme(Context ctx) {
        var said = forwarded(ctx, "X-Forwarded-Proto");
        return said.isEmpty() || peer(ctx).filter(this::trusted).isEmpty()
                ? ctx.scheme()
                : said.get(said.size() - 1).toLowerCase(Locale.ROOT);
    }

    private boolean trusted(InetAddress address) {
        return trustedProxies.stream().anyMatch(network -> network.contains(address));
    }

    private static Optional<InetAddress> peer(Context ctx) {
        return Network.address(withoutPort(ctx.ip()));
    }

    /** All values of a header, in the order in which proxies added them. */
    private static List<String> forwarded(Context ctx, String header) {
        return Collections.list(ctx.req().getHeaders(header)).stream()
                .flatMap(line -> List.of(line.split(",")).stream())
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .collect(Collectors.toList());
    }

    /** {@code 192.0.2.1:443}, {@code [2001:db8::1]:443} and {@code [2001:db8::1]} are written too. */
    private static String withoutPort(String address) {
        if (address.startsWith("[")) {
            return address.substring(1, Math.max(1, address.indexOf(']')));
        }
        int colon = address.indexOf(':');
        return colon >= 0 && colon == address.lastIndexOf(':') ? address.substring(0, colon) : address;
    }

    /** Scheme, host and port, the latter left out where it is the usual one. */
    private static Optional<String> normal(String url) {
        try {
            var uri = URI.create(url);
            if (uri.getScheme() == null || uri.getHost() == null) {
                return Optional.empty();
            }
            var scheme = uri.getScheme().toLowerCase(Locale.ROOT);
            boolean usual = uri.getPort() == -1 || uri.getPort() == (scheme.equals("https") ? 443 : 80);
            return Optional.of(
                    scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + (usual ? "" : ":" + uri.getPort()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
