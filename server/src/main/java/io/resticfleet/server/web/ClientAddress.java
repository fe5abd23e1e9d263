package io.resticfleet.server.web;

import io.javalin.http.Context;
import io.javalin.websocket.WsContext;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Where a request comes from.
 *
 * @param value an IP address in digits
 */
public record ClientAddress(String value) {

    private static final String ATTRIBUTE = "client-address";
    private static final int SITE_BYTES = 8;

    /** What the gate found out; before it was asked, the other end of the connection. */
    public static ClientAddress of(Context ctx) {
        ClientAddress noted = ctx.attribute(ATTRIBUTE);
        return noted != null ? noted : new ClientAddress(ctx.ip());
    }

    /** Where a connection was dialled from. */
    public static String of(WsContext ctx) {
        ClientAddress noted = ctx.attribute(ATTRIBUTE);
        return noted != null ? noted.value() : "unknown";
    }

    /** Notes where this request comes from. */
    public void attach(Context ctx) {
        ctx.attribute(ATTRIBUTE, this);
    }

    /** The same for all addresses that one customer has: of IPv6, usually a whole /64. */
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
            throw new IllegalStateException(e); // 16 bytes always are an address
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
