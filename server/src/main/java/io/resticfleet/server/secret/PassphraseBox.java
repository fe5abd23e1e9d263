package io.resticfleet.server.secret;

import io.resticfleet.server.db.OperatorError;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;
import javax.crypto.AEADBadTagException;

/**
 * Envelopes sealed with a passphrase: AES-256-GCM with a key derived by Argon2id with 64 MiB and three passes, which
 * makes guessing expensive. An envelope is one line, {@code v1$argon2id$m=65536,t=3,p=1$salt$nonce and sealed text},
 * with the last two fields in base64; the part before the salt is authenticated. Takes about a second. Immutable; safe
 * for use by many threads.
 */
public final class PassphraseBox {

    private static final int SALT_BYTES = 16;
    private static final String HEADER =
            "v1$argon2id$m=%d,t=%d,p=1".formatted(Argon2.PASSPHRASE.memoryKib(), Argon2.PASSPHRASE.passes());

    /** Limits the memory parameter to six digits, so that a damaged envelope cannot exhaust memory. */
    private static final Pattern ENVELOPE = Pattern.compile(
            "(v1\\$argon2id\\$m=([1-9]\\d{1,5}),t=([1-9]\\d?),p=1)\\$([A-Za-z0-9+/=]+)\\$([A-Za-z0-9+/=]+)");

    private final byte[] passphrase;
    private final SecureRandom random = new SecureRandom();

    public PassphraseBox(String passphrase) {
        this.passphrase = passphrase.getBytes(StandardCharsets.UTF_8);
    }

    public String seal(String secret) {
        var salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        var sealed = cipher(salt, Argon2.PASSPHRASE).seal(secret, HEADER);
        var encoder = Base64.getEncoder();
        return HEADER + "$" + encoder.encodeToString(salt) + "$" + encoder.encodeToString(sealed);
    }

    /** @throws OperatorError if the passphrase is wrong, or the envelope damaged */
    public String open(String envelope) {
        var parts = ENVELOPE.matcher(envelope);
        if (!parts.matches()) {
            throw new OperatorError("the envelope with the keys is damaged, or was written by a newer program");
        }
        try {
            var cost = new Argon2(Integer.parseInt(parts.group(2)), Integer.parseInt(parts.group(3)), 1);
            var cipher = cipher(Base64.getDecoder().decode(parts.group(4)), cost);
            return cipher.open(Base64.getDecoder().decode(parts.group(5)), parts.group(1));
        } catch (AEADBadTagException e) {
            throw new OperatorError("the passphrase does not open the keys; it is wrong, or they are damaged", e);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new OperatorError("the envelope with the keys is damaged", e);
        }
    }

    private AesGcm cipher(byte[] salt, Argon2 cost) {
        return new AesGcm(cost.hash(passphrase, salt, AesGcm.KEY_BYTES));
    }
}
