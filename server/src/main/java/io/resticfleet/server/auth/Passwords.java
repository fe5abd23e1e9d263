package io.resticfleet.server.auth;

import com.password4j.Argon2Function;
import com.password4j.types.Argon2;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

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

    private final Semaphore turn = new Semaphore(AT_A_TIME, true);
    private final SecureRandom random = new SecureRandom();
    private final String nobody;

    Passwords() {
        nobody = hash("the password of nobody");
    }

    /** As it is kept: {@code $argon2id$v=19$m=19456,t=2,p=1$…}. Takes some 50 ms. */
    String hash(String password) {
        var salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return inTurn(() -> Argon2Function.getInstance(MEMORY_KIB, PASSES, LANES, HASH_BYTES, Argon2.ID)
                .hash(password.getBytes(java.nio.charset.StandardCharsets.UTF_8), salt)
                .getResult());
    }

    /**
     * Whether it is the right one.
     *
     * @param kept absent if there is no such user: then the answer is no, after just as long
     */
    boolean verify(String password, Optional<String> kept) {
        var hash = kept.orElse(nobody);
        boolean right = inTurn(() -> Argon2Function.getInstanceFromHash(hash).check(password, hash));
        return right && kept.isPresent();
    }

    private <T> T inTurn(Supplier<T> work) {
        turn.acquireUninterruptibly();
        try {
            return work.get();
        } finally {
            turn.release();
        }
    }
}
