package io.resticfleet.server.secret;

import io.resticfleet.server.db.OperatorError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;
import javax.crypto.AEADBadTagException;

/**
 * Envelopes for secrets in the database: AES-256-GCM, each with its own nonce, bound to its row so that it opens
 * nowhere else. The key is in a file outside the database. Immutable; safe for use by many threads.
 */
public final class SecretBox {

    private static final String VERSION = "v1:";

    private final AesGcm cipher;

    private SecretBox(byte[] key) {
        this.cipher = new AesGcm(key);
    }

    /**
     * Reads the key file.
     *
     * @throws OperatorError if it cannot be read, or contains no key
     */
    public static SecretBox open(Path keyFile) {
        try {
            var key = Base64.getDecoder().decode(Files.readString(keyFile).strip());
            if (key.length != AesGcm.KEY_BYTES) {
                throw new OperatorError("the key file " + keyFile + " contains no key; restore the right one");
            }
            return new SecretBox(key);
        } catch (IllegalArgumentException e) {
            throw new OperatorError("the key file " + keyFile + " contains no key; restore the right one", e);
        } catch (IOException e) {
            throw new OperatorError("the key file " + keyFile + " cannot be read; the repository passwords in the"
                    + " database open only with it: restore it, or set its path with RESTIC_FLEET_SECRET_KEY_FILE");
        }
    }

    /**
     * Creates a key file, readable by its owner only. For a database without secrets.
     *
     * @throws OperatorError if it cannot be written
     */
    public static SecretBox create(Path keyFile) {
        var key = new byte[AesGcm.KEY_BYTES];
        new SecureRandom().nextBytes(key);
        try {
            if (keyFile.toAbsolutePath().getParent() != null) {
                Files.createDirectories(
                        keyFile.toAbsolutePath().getParent(),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
            var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
            try (var channel = Files.newByteChannel(keyFile, options, ownerOnly)) {
                channel.write(
                        StandardCharsets.US_ASCII.encode(Base64.getEncoder().encodeToString(key) + "\n"));
            }
            return new SecretBox(key);
        } catch (FileAlreadyExistsException e) {
            return open(keyFile);
        } catch (IOException e) {
            throw new OperatorError("the key file " + keyFile + " cannot be written: " + e.getMessage(), e);
        }
    }

    /**
     * Seals a secret.
     *
     * @param row the row it belongs to, such as {@code host_credentials/01J…}; needed to open it
     */
    String seal(String secret, String row) {
        return VERSION + Base64.getEncoder().encodeToString(cipher.seal(secret, row));
    }

    /** @throws IllegalStateException if the row or the key is another, or the envelope was changed */
    String open(String envelope, String row) {
        try {
            return cipher.open(Base64.getDecoder().decode(envelope.substring(VERSION.length())), row);
        } catch (AEADBadTagException e) {
            throw new IllegalStateException("the secret of " + row + " does not open with this key file", e);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new IllegalStateException("the secret of " + row + " is damaged", e);
        }
    }
}
