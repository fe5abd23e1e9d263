package io.resticfleet.server.secret;

import io.resticfleet.server.db.OperatorError;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Envelopes that a passphrase opens: AES-256-GCM with a key that Argon2id makes of it, with 64 MiB and three passes, so
 * that guessing costs. An envelope is one line, {@code v1$argon2id$m=65536,t=3,p=1$salt$nonce and sealed text}, base64
 * where it is binary; the part before the salt is sealed with it. Takes about a second. Immutable; safe for use by many
 * threads.
 */
public final class PassphraseBox {

    private static final int KEY_BYTES = 32;
    private static final int SALT_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final String HEAD =
            "v1$argon2id$m=%d,t=%d,p=1".formatted(Argon2.PASSPHRASE.memoryKib(), Argon2.PASSPHRASE.passes());

    /** Digits enough for four times the memory: a damaged one must not ask for all there is. */
    private static final Pattern ENVELOPE = Pattern.compile(
            "(v1\\$argon2id\\$m=([1-9]\\d{1,5}),t=([1-9]\\d?),p=1)\\$([A-Za-z0-9+/=]+)\\$([A-Za-z0-9+/=]+)");

    private final byte[] passphrase;
    private final SecureRandom random = new SecureRandom();

    public PassphraseBox(String passphrase) {
        this.passphrase = passphrase.getBytes(StandardCharsets.UTF_8);
    }

    public String seal(String secret) {
        var salt = random(SALT_BYTES);
        var nonce = random(NONCE_BYTES);
        try {
            var cipher = cipher(Cipher.ENCRYPT_MODE, key(salt, Argon2.PASSPHRASE), nonce, HEAD);
            var sealed = cipher.doFinal(secret.getBytes(StandardCharsets.UTF_8));
            var both = new byte[nonce.length + sealed.length];
            System.arraycopy(nonce, 0, both, 0, nonce.length);
            System.arraycopy(sealed, 0, both, nonce.length, sealed.length);
            var encoder = Base64.getEncoder();
            return HEAD + "$" + encoder.encodeToString(salt) + "$" + encoder.encodeToString(both);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot encrypt with AES-GCM", e);
        }
    }

    /** @throws OperatorError if the passphrase is another, or the envelope damaged */
    public String open(String envelope) {
        var parts = ENVELOPE.matcher(envelope);
        if (!parts.matches()) {
            throw new OperatorError("the envelope with the keys is damaged, or of a newer program");
        }
        try {
            var cost = new Argon2(Integer.parseInt(parts.group(2)), Integer.parseInt(parts.group(3)), 1);
            var key = key(Base64.getDecoder().decode(parts.group(4)), cost);
            var both = Base64.getDecoder().decode(parts.group(5));
            var nonce = java.util.Arrays.copyOf(both, NONCE_BYTES);
            var cipher = cipher(Cipher.DECRYPT_MODE, key, nonce, parts.group(1));
            return new String(cipher.doFinal(both, NONCE_BYTES, both.length - NONCE_BYTES), StandardCharsets.UTF_8);
        } catch (AEADBadTagException e) {
            throw new OperatorError(
                    "the passphrase does not open the keys in it; it is another one, or they are damaged", e);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new OperatorError("the envelope with the keys is damaged", e);
        }
    }

    private SecretKeySpec key(byte[] salt, Argon2 cost) {
        return new SecretKeySpec(cost.hash(passphrase, salt, KEY_BYTES), "AES");
    }

    private static Cipher cipher(int mode, SecretKeySpec key, byte[] nonce, String head)
            throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(head.getBytes(StandardCharsets.US_ASCII));
        return cipher;
    }

    private byte[] random(int bytes) {
        var made = new byte[bytes];
        random.nextBytes(made);
        return made;
    }
}
