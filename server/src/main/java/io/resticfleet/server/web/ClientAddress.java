package io.resticfleet.server.web;

import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * The IP address of a client, as far as trusted proxies report it.
 *
 * @param value a literal IP address
 */
public record ClientAddress(String value) {

    private static final String ATTRIBUTE = "client-address";
    private static final int SITE_BYTES = 8;

    /** The address that {@link Site#note} determined; before that, the peer of the connection. */
    public static ClientAddress of(Context ctx) {
        ClientAddress attached = ctx.attribute(ATTRIBUTE);
        return attached != null ? attached : new ClientAddress(ctx.ip());
    }

    /** The address of a WebSocket's client. */
    public static String of(HttpServletRequest upgrade) {
        return upgrade.getAttribute(ATTRIBUTE) instanceof ClientAddress attached ? attached.value() : "unknown";
    }

    /** Attaches this address to the request. */
    public void attach(Context ctx) {
        ctx.attribute(ATTRIBUTE, this);
    }

    /** The key for rate limits: an IPv4 address, or the /64 that one IPv6 customer usually has. */
    public String site() {
        var address = Network.address(value);
        if (address.isEmpty() || address.get().getAddress().length <= SITE_BYTES) {
            return value;
        }
        var bytes = address.get().getAddress();
        Arrays.fill(bytes, SITE_BYTES, bytes.length, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes).getHostAddress() + "/64";
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // 16 bytes are always a valid address
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
