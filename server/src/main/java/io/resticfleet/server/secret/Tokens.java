package io.resticfleet.server.secret;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** Random tokens. Only their SHA-256 is stored, which is safe as they are long and random. */
public final class Tokens {

    private static final SecureRandom RANDOM = new SecureRandom();

    private Tokens() {}

    /** Returns a prefix that names the token's kind, and 256 random bits in URL-safe Base64. */
    public static String mint(String prefix) {
        var bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Returns 64 hexadecimal digits. */
    public static String sha256(String token) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Compares two texts in constant time. */
    public static boolean same(String one, String other) {
        return MessageDigest.isEqual(
                sha256(one).getBytes(StandardCharsets.US_ASCII), sha256(other).getBytes(StandardCharsets.US_ASCII));
    }
}
