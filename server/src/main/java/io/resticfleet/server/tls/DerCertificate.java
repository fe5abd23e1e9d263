package io.resticfleet.server.tls;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;

/** Writes self-signed certificates (RFC 5280) for EC keys; Java's own API can only read them. */
final class DerCertificate {

    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int SEQUENCE = 0x30;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int VERSION = 0xA0;
    private static final int EXTENSIONS = 0xA3;
    private static final int DNS_NAME = 0x82;
    private static final int IP_ADDRESS = 0x87;

    private static final byte[] ECDSA_WITH_SHA256 = bytes(0x06, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2);
    private static final byte[] SUBJECT_ALTERNATIVE_NAME = bytes(0x06, 3, 0x55, 0x1D, 0x11);
    private static final byte[] EXTENDED_KEY_USAGE = bytes(0x06, 3, 0x55, 0x1D, 0x25);
    private static final byte[] SERVER_AUTHENTICATION = bytes(0x06, 8, 0x2B, 6, 1, 5, 5, 7, 3, 1);

    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final Instant END_OF_UTC_TIME = Instant.parse("2050-01-01T00:00:00Z");
    private static final DateTimeFormatter TWO_DIGITS = format("yyMMddHHmmss'Z'");
    private static final DateTimeFormatter FOUR_DIGITS = format("yyyyMMddHHmmss'Z'");
    private static final int SERIAL_BITS = 120;

    private DerCertificate() {}

    /**
     * A certificate for an HTTPS server with these names, in DER.
     *
     * @param names host names and IP addresses
     */
    static byte[] of(KeyPair keys, Collection<String> names, Instant from, Instant until) {
        var algorithm = value(SEQUENCE, ECDSA_WITH_SHA256);
        var subject = new X500Principal("CN=restic-fleet").getEncoded();
        // Browsers reject two certificates of one issuer with the same serial number.
        var serial = new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(SERIAL_BITS);
        var body = value(
                SEQUENCE,
                value(VERSION, value(INTEGER, bytes(2))), // counted from 0: version 3
                value(INTEGER, serial.toByteArray()),
                algorithm,
                subject, // as issuer
                value(SEQUENCE, time(from), time(until)),
                subject,
                keys.getPublic().getEncoded(),
                value(
                        EXTENSIONS,
                        value(
                                SEQUENCE,
                                extension(SUBJECT_ALTERNATIVE_NAME, value(SEQUENCE, names(names))),
                                extension(EXTENDED_KEY_USAGE, value(SEQUENCE, SERVER_AUTHENTICATION)))));
        return value(SEQUENCE, body, algorithm, value(BIT_STRING, bytes(0), signature(keys, body)));
    }

    private static byte[] signature(KeyPair keys, byte[] body) {
        try {
            var signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(body);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot sign with EC keys", e);
        }
    }

    private static byte[] extension(byte[] kind, byte[] content) {
        return value(SEQUENCE, kind, value(OCTET_STRING, content));
    }

    private static byte[][] names(Collection<String> names) {
        return names.stream().map(DerCertificate::name).toArray(byte[][]::new);
    }

    private static byte[] name(String name) {
        if (!ADDRESS.matcher(name).matches()) {
            return value(DNS_NAME, name.getBytes(StandardCharsets.US_ASCII));
        }
        try {
            return value(IP_ADDRESS, InetAddress.getByName(name).getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an address: " + name, e);
        }
    }

    private static byte[] time(Instant instant) {
        var format = instant.isBefore(END_OF_UTC_TIME) ? TWO_DIGITS : FOUR_DIGITS;
        return value(
                instant.isBefore(END_OF_UTC_TIME) ? UTC_TIME : GENERALIZED_TIME,
                format.format(instant).getBytes(StandardCharsets.US_ASCII));
    }

    private static DateTimeFormatter format(String pattern) {
        return DateTimeFormatter.ofPattern(pattern).withZone(ZoneOffset.UTC);
    }

    /** A DER value: tag, length, and the parts as content. */
    private static byte[] value(int tag, byte[]... parts) {
        int length = List.of(parts).stream().mapToInt(part -> part.length).sum();
        var out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            var digits = BigInteger.valueOf(length).toByteArray();
            int first = digits[0] == 0 ? 1 : 0;
            out.write(0x80 | (digits.length - first));
            out.write(digits, first, digits.length - first);
        }
        for (var part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] bytes(int... values) {
        var bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
