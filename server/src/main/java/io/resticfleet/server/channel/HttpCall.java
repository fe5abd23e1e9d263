package io.resticfleet.server.channel;

import java.net.URI;
import java.util.Map;

/**
 * A request to another server. Its address, headers and body may contain secrets.
 *
 * @param method such as {@code POST}
 * @param url http or https, without user and fragment
 * @param headers without {@code User-Agent}, {@code Host} and those of the body's length
 * @param body empty for none
 */
public record HttpCall(String method, URI url, Map<String, String> headers, byte[] body) implements Outgoing {

    public static HttpCall get(URI url) {
        return new HttpCall("GET", url, Map.of(), new byte[0]);
    }

    @Override
    public String toString() {
        return "HttpCall[" + method + " " + url.getHost() + "]";
    }
}
