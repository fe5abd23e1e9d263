package io.resticfleet.server.auth;

import io.resticfleet.server.secret.Argon2;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/** Password hashes as PHC strings. Safe for use by many threads. */
final class Passwords {

    private static final int HASH_BYTES = 32;
    private static final int SALT_BYTES = 16;

    private static final Base64.Encoder ENCODER = Base64.getEncoder().withoutPadding();
    private static final Pattern PHC_STRING = Pattern.compile(
            "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2})\\$([A-Za-z0-9+/]+)\\$([A-Za-z0-9+/]+)");

    /** Hash against which passwords of unknown users are checked, so that the answer takes as long. */
    private static final String UNKNOWN_USER = phcString(new byte[SALT_BYTES], new byte[HASH_BYTES]);

    private final SecureRandom random = new SecureRandom();

    /** Returns {@code $argon2id$v=19$m=19456,t=2,p=1$salt$hash}. Takes about 50 ms. */
    String hash(String password) {
        var salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return phcString(salt, Argon2.PASSWORD.hash(bytes(password), salt, HASH_BYTES));
    }

    /**
     * Whether a password matches a stored hash.
     *
     * @param stored absent for an unknown user: the answer is then false, after the same time
     */
    boolean verify(String password, Optional<String> stored) {
        var parts = PHC_STRING.matcher(stored.orElse(UNKNOWN_USER));
        if (!parts.matches()) {
            throw new IllegalStateException("a stored password hash is malformed");
        }
        var expected = Base64.getDecoder().decode(parts.group(5));
        var cost = new Argon2(
                Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)), Integer.parseInt(parts.group(3)));
        var actual = cost.hash(bytes(password), Base64.getDecoder().decode(parts.group(4)), expected.length);
        return MessageDigest.isEqual(expected, actual) && stored.isPresent();
    }

    private static byte[] bytes(String password) {
        return password.getBytes(StandardCharsets.UTF_8);
    }

    private static String phcString(byte[] salt, byte[] hash) {
        return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
                .formatted(
                        Argon2.PASSWORD.memoryKib(),
                        Argon2.PASSWORD.passes(),
                        Argon2.PASSWORD.lanes(),
                        ENCODER.encodeToString(salt),
                        ENCODER.encodeToString(hash));
    }
}
