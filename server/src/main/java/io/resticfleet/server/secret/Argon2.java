package io.resticfleet.server.secret;

import java.util.concurrent.Semaphore;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Argon2id, version 19 (<a href="https://www.rfc-editor.org/rfc/rfc9106">RFC 9106</a>): its cost parameters.
 *
 * @param memoryKib memory used while hashing, in KiB
 * @param passes over that memory
 * @param lanes computed sequentially here
 */
public record Argon2(int memoryKib, int passes, int lanes) {

    /**
     * For user passwords, which are checked while a user waits: about 50 ms.
     *
     * @see <a href="https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id">OWASP:
     *     m=19456 (19 MiB), t=2, p=1</a>
     */
    public static final Argon2 PASSWORD = new Argon2(19 * 1024, 2, 1);

    /**
     * For a passphrase, which can be attacked offline: about a second.
     *
     * @see <a href="https://www.rfc-editor.org/rfc/rfc9106#section-4">RFC 9106, section 4, the low-memory option: 64
     *     MiB and three passes</a>, with one lane
     */
    public static final Argon2 PASSPHRASE = new Argon2(64 * 1024, 3, 1);

    /** Limits concurrent hashing in the whole process: each password takes 19 MiB. */
    private static final Semaphore PERMITS = new Semaphore(2, true);

    /**
     * Computes a hash, after waiting for a permit. Safe for use by many threads.
     *
     * @param bytes length of the result
     */
    public byte[] hash(byte[] secret, byte[] salt, int bytes) {
        var generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(memoryKib)
                .withIterations(passes)
                .withParallelism(lanes)
                .withSalt(salt)
                .build());
        var hash = new byte[bytes];
        PERMITS.acquireUninterruptibly();
        try {
            generator.generateBytes(secret, hash);
        } finally {
            PERMITS.release();
        }
        return hash;
    }
}
