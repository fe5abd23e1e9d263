package io.resticfleet.server.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Hashes of passwords: Argon2id with 19 MiB, two passes, one lane. Safe for use by many threads.
 *
 * @see <a href="https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html">OWASP: password
 *     storage</a>
 */
final class Passwords {

    private static final int MEMORY_KIB = 19 * 1024;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int HASH_BYTES = 32;
    private static final int SALT_BYTES = 16;

    /** Each takes 19 MiB while it runs: a crowd at the door must not fill the memory. */
    private static final int AT_A_TIME = 2;

    private static final Base64.Encoder ENCODER = Base64.getEncoder().withoutPadding();
    private static final Pattern KEPT = Pattern.compile(
            "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2})\\$([A-Za-z0-9+/]+)\\$([A-Za-z0-9+/]+)");

    /** What the password of somebody unknown is held against, so that the answer takes as long. */
    private static final String NOBODY = kept(new byte[SALT_BYTES], new byte[HASH_BYTES]);

    private final Semaphore turn = new Semaphore(AT_A_TIME, true);
    private final SecureRandom random = new SecureRandom();

    /** As it is kept: {@code $argon2id$v=19$m=19456,t=2,p=1$salt$hash}. Takes some 50 ms. */
    String hash(String password) {
        var salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return kept(salt, argon2id(password, salt, MEMORY_KIB, PASSES, LANES, HASH_BYTES));
    }

    /**
     * Whether it is the right one.
     *
     * @param kept absent if there is no such user: then the answer is no, after just as long
     */
    boolean verify(String password, Optional<String> kept) {
        var parts = KEPT.matcher(kept.orElse(NOBODY));
        if (!parts.matches()) {
            throw new IllegalStateException("a kept password is not in the form it was written in");
        }
        var expected = Base64.getDecoder().decode(parts.group(5));
        var actual = argon2id(
                password,
                Base64.getDecoder().decode(parts.group(4)),
                Integer.parseInt(parts.group(1)),
                Integer.parseInt(parts.group(2)),
                Integer.parseInt(parts.group(3)),
                expected.length);
        return MessageDigest.isEqual(expected, actual) && kept.isPresent();
    }

    private byte[] argon2id(String password, byte[] salt, int memoryKib, int passes, int lanes, int bytes) {
        var generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(memoryKib)
                .withIterations(passes)
                .withParallelism(lanes)
                .withSalt(salt)
                .build());
        var hash = new byte[bytes];
        turn.acquireUninterruptibly();
        try {
            generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
        } finally {
            turn.release();
        }
        return hash;
    }

    private static String kept(byte[] salt, byte[] hash) {
        return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
                .formatted(MEMORY_KIB, PASSES, LANES, ENCODER.encodeToString(salt), ENCODER.encodeToString(hash));
    }
}
