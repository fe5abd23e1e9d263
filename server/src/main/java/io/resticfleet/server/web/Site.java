package io.resticfleet.server.web;

import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.eclipse.jetty.server.Request;

/**
 * How clients reach this server: its URL and the proxies in front of it.
 *
 * <p>{@code X-Forwarded-…} headers count only in requests from a trusted proxy, as any client can send them.
 *
 * @param publicUrl as the operator set it; if absent, derived from each request
 * @param trustedProxies networks whose {@code X-Forwarded-…} headers are trusted
 * @param hstsSeconds for how long browsers use HTTPS only, for every service of this host name; absent for no such rule
 */
public record Site(Optional<URI> publicUrl, List<Network> trustedProxies, Optional<Long> hstsSeconds) {

    private static final String EXPOSED = "exposed";

    public Site {
        trustedProxies = List.copyOf(trustedProxies);
    }

    /** The nearest address that is not a trusted proxy. */
    public ClientAddress client(Context ctx) {
        return client(ctx.ip(), forwarded(ctx, "X-Forwarded-For"));
    }

    /** The same, of a request that is not handled yet. */
    ClientAddress client(Request request) {
        var lines = request.getHeaders().getValuesList("X-Forwarded-For");
        return client(Request.getRemoteAddr(request), values(lines));
    }

    private ClientAddress client(String peer, List<String> hops) {
        var nearest = Network.address(withoutPort(peer));
        for (int hop = hops.size() - 1;
                hop >= 0 && nearest.filter(this::trusted).isPresent();
                hop--) {
            var farther = Network.address(withoutPort(hops.get(hop)));
            if (farther.isEmpty()) {
                break; // not an address: the proxy that added it is the last known hop
            }
            nearest = farther;
        }
        return new ClientAddress(nearest.map(InetAddress::getHostAddress).orElse(peer));
    }

    /** Whether the client uses HTTPS, to this server or to a trusted proxy. */
    public boolean secure(Context ctx) {
        return scheme(ctx).equals("https")
                || publicUrl.filter(url -> url.getScheme().equals("https")).isPresent();
    }

    /** Attaches to the request its client address, and whether it crosses the network unencrypted; sets HSTS. */
    public void note(Context ctx) {
        // https://www.rfc-editor.org/rfc/rfc6797#section-7.2: only over HTTPS
        hstsSeconds
                .filter(seconds -> secure(ctx))
                .ifPresent(seconds -> ctx.header("Strict-Transport-Security", "max-age=" + seconds));
        var client = client(ctx);
        client.attach(ctx);
        boolean local = Network.address(client.value())
                .filter(InetAddress::isLoopbackAddress)
                .isPresent();
        ctx.attribute(EXPOSED, !local && !encrypted(ctx));
    }

    /** Whether a WebSocket comes from another machine without TLS, so that others on the network could read it. */
    public static boolean exposed(HttpServletRequest upgrade) {
        return Boolean.TRUE.equals(upgrade.getAttribute(EXPOSED));
    }

    /** For a trusted proxy that sends no {@code X-Forwarded-Proto}, the scheme of the public URL decides. */
    private boolean encrypted(Context ctx) {
        boolean schemeUnknown = peer(ctx).filter(this::trusted).isPresent()
                && forwarded(ctx, "X-Forwarded-Proto").isEmpty();
        return schemeUnknown ? secure(ctx) : scheme(ctx).equals("https");
    }

    /**
     * The URL for people and agents, without a trailing slash.
     *
     * @param ctx a request that reached this server, from which the URL is derived unless it is set
     */
    public String url(Context ctx) {
        return publicUrl.map(URI::toString).orElseGet(() -> requested(ctx)).replaceAll("/+$", "");
    }

    /** Whether an {@code Origin} header names this server: its public URL, or without one the address of the request. */
    public boolean isOurs(String origin, Context ctx) {
        var ours = normalize(publicUrl.map(URI::toString).orElseGet(() -> requested(ctx)));
        return ours.isPresent() && ours.equals(normalize(origin));
    }

    private String requested(Context ctx) {
        return scheme(ctx) + "://" + Optional.ofNullable(ctx.host()).orElse("");
    }

    private String scheme(Context ctx) {
        var forwarded = forwarded(ctx, "X-Forwarded-Proto");
        return forwarded.isEmpty() || peer(ctx).filter(this::trusted).isEmpty()
                ? ctx.scheme()
                : forwarded.get(forwarded.size() - 1).toLowerCase(Locale.ROOT);
    }

    boolean trusted(InetAddress address) {
        return trustedProxies.stream().anyMatch(network -> network.contains(address));
    }

    private static Optional<InetAddress> peer(Context ctx) {
        return Network.address(withoutPort(ctx.ip()));
    }

    /** All values of a header, in the order in which proxies added them. */
    private static List<String> forwarded(Context ctx, String header) {
        return values(Collections.list(ctx.req().getHeaders(header)));
    }

    private static List<String> values(List<String> lines) {
        return lines.stream()
                .flatMap(line -> List.of(line.split(",")).stream())
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .collect(Collectors.toList());
    }

    /** Proxies also write {@code 192.0.2.1:443}, {@code [2001:db8::1]:443} and {@code [2001:db8::1]}. */
    private static String withoutPort(String address) {
        if (address.startsWith("[")) {
            return address.substring(1, Math.max(1, address.indexOf(']')));
        }
        int colon = address.indexOf(':');
        return colon >= 0 && colon == address.lastIndexOf(':') ? address.substring(0, colon) : address;
    }

    /** Scheme, host and port; the scheme's default port is left out. */
    private static Optional<String> normalize(String url) {
        try {
            var uri = URI.create(url);
            if (uri.getScheme() == null || uri.getHost() == null) {
                return Optional.empty();
            }
            var scheme = uri.getScheme().toLowerCase(Locale.ROOT);
            boolean defaultPort = uri.getPort() == -1 || uri.getPort() == (scheme.equals("https") ? 443 : 80);
            return Optional.of(
                    scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + (defaultPort ? "" : ":" + uri.getPort()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
