package io.resticfleet.server.channel;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Addresses to which this server connects on behalf of an operator. Private ones are allowed: many receivers are in the same
 * network. Link-local ones are not: there are services that give a cloud machine's credentials to anybody who asks.
 */
final class AllowedAddresses {

    /** Prefixes of IPv6 addresses that stand for an IPv4 address, and where in them it begins. */
    private enum Embedded {
        MAPPED(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1}, 12),
        COMPATIBLE(new byte[12], 12),
        /** RFC 6052. */
        NAT64(new byte[] {0, 0x64, -1, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}, 12),
        /** RFC 8215. */
        LOCAL_NAT64(new byte[] {0, 0x64, -1, (byte) 0x9b, 0, 1}, 12),
        /** RFC 3056. */
        SIX_TO_FOUR(new byte[] {0x20, 2}, 2);

        private final byte[] prefix;
        private final int begin;

        Embedded(byte[] prefix, int begin) {
            this.prefix = prefix;
            this.begin = begin;
        }
    }

    private AllowedAddresses() {}

    /** Why no connection is made to an address; empty if it is allowed. */
    static Optional<String> refusal(InetAddress address) {
        var all = address.getAddress();
        if (all.length == 16 && !isLoopbackOrUnspecified(all)) {
            for (var form : Embedded.values()) {
                if (startsWith(all, form.prefix)) {
                    return plain(ipv4(Arrays.copyOfRange(all, form.begin, form.begin + 4)));
                }
            }
        }
        return plain(address);
    }

    private static Optional<String> plain(InetAddress address) {
        if (address.isLinkLocalAddress()) {
            return Optional.of("the address is link-local, which is not allowed");
        }
        if (address.isMulticastAddress()) {
            return Optional.of("the address is multicast, which is not allowed");
        }
        if (address.isAnyLocalAddress() || address instanceof Inet4Address && isNoHost(address.getAddress())) {
            return Optional.of("the address is of no host");
        }
        return Optional.empty();
    }

    /** 0.0.0.0/8 and 240.0.0.0/4, which includes the broadcast address. */
    private static boolean isNoHost(byte[] ipv4) {
        return ipv4[0] == 0 || (ipv4[0] & 0xf0) == 0xf0;
    }

    private static boolean isLoopbackOrUnspecified(byte[] ipv6) {
        for (int i = 0; i < 15; i++) {
            if (ipv6[i] != 0) {
                return false;
            }
        }
        return ipv6[15] == 0 || ipv6[15] == 1;
    }

    private static boolean startsWith(byte[] address, byte[] prefix) {
        return Arrays.equals(address, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static InetAddress ipv4(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // four bytes are always an address
        }
    }
}
