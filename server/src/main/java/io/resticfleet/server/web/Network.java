package io.resticfleet.server.web;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A CIDR network.
 *
 * @param address IPv4 or IPv6, such as {@code 10.0.0.0}
 * @param bits prefix length; 32 or 128 for a single address
 */
public record Network(InetAddress address, int bits) {

    private static final Pattern LITERAL = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    /** @throws IllegalArgumentException unless {@code text} is an address, with or without {@code /bits} */
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        var address = address(slash < 0 ? text : text.substring(0, slash))
                .orElseThrow(
                        () -> new IllegalArgumentException("'" + text + "' is not an IP address or a CIDR network"));
        int maxBits = address.getAddress().length * 8;
        if (slash < 0) {
            return new Network(address, maxBits);
        }
        var bits = text.substring(slash + 1);
        if (!bits.matches("\\d{1,3}") || Integer.parseInt(bits) > maxBits) {
            throw new IllegalArgumentException("'" + text + "' must end in /0 to /" + maxBits);
        }
        return new Network(address, Integer.parseInt(bits));
    }

    /** Parses a literal address; empty for anything else, as names are never resolved. */
    static Optional<InetAddress> address(String text) {
        if (!LITERAL.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    boolean contains(InetAddress other) {
        var prefix = address.getAddress();
        var candidate = other.getAddress();
        if (prefix.length != candidate.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit % 8);
            if (((prefix[bit / 8] ^ candidate[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + bits;
    }
}
