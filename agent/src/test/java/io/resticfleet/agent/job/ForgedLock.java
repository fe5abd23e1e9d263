package io.resticfleet.agent.job;

import io.resticfleet.protocol.Json;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * An exclusive lock as the restic of a machine with another clock writes it.
 *
 * @see <a href="https://restic.readthedocs.io/en/stable/design.html">restic: repository format</a>
 */
final class ForgedLock {

    private static final BigInteger PRIME = BigInteger.TWO.pow(130).subtract(BigInteger.valueOf(5));
    private static final BigInteger CLAMP = new BigInteger("0ffffffc0ffffffc0ffffffc0fffffff", 16);
    private static final int BLOCK = 16;

    private ForgedLock() {}

    /** @param masterKey as {@code restic cat masterkey} prints it */
    static void write(Path repository, String masterKey, String hostname, Instant time)
            throws IOException, GeneralSecurityException {
        var lock = "{\"time\":\"%s\",\"exclusive\":true,\"hostname\":\"%s\",\"username\":\"root\",\"pid\":4711}"
                .formatted(time, hostname);
        var sealed = sealed(masterKey, lock.getBytes(StandardCharsets.UTF_8));
        var id = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(sealed));
        Files.write(repository.resolve("locks").resolve(id), sealed);
    }

    /** AES-256 in counter mode, then Poly1305-AES: nonce, ciphertext, code. */
    private static byte[] sealed(String masterKey, byte[] content) throws IOException, GeneralSecurityException {
        var key = Json.FOREIGN.readTree(masterKey);
        var nonce = new byte[BLOCK];
        new SecureRandom().nextBytes(nonce);
        var cipher = Cipher.getInstance("AES/CTR/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, aes(key.at("/encrypt").asText()), new IvParameterSpec(nonce));
        var hidden = cipher.doFinal(content);
        var mask = Cipher.getInstance("AES/ECB/NoPadding");
        mask.init(Cipher.ENCRYPT_MODE, aes(key.at("/mac/k").asText()));
        var code = poly1305(hidden, bytes(key.at("/mac/r").asText()), mask.doFinal(nonce));
        var sealed = Arrays.copyOf(nonce, 2 * BLOCK + hidden.length);
        System.arraycopy(hidden, 0, sealed, BLOCK, hidden.length);
        System.arraycopy(code, 0, sealed, BLOCK + hidden.length, BLOCK);
        return sealed;
    }

    private static SecretKeySpec aes(String key) {
        return new SecretKeySpec(bytes(key), "AES");
    }

    private static byte[] bytes(String base64) {
        return Base64.getDecoder().decode(base64);
    }

    private static byte[] poly1305(byte[] message, byte[] r, byte[] mask) {
        var factor = number(r).and(CLAMP);
        var sum = BigInteger.ZERO;
        for (int at = 0; at < message.length; at += BLOCK) {
            var block = Arrays.copyOfRange(message, at, Math.min(at + BLOCK, message.length));
            sum = sum.add(number(block)).add(BigInteger.TWO.pow(8 * block.length));
            sum = sum.multiply(factor).mod(PRIME);
        }
        var code = sum.add(number(mask));
        var bytes = new byte[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            bytes[i] = code.shiftRight(8 * i).byteValue();
        }
        return bytes;
    }

    /** The least significant byte first. */
    private static BigInteger number(byte[] bytes) {
        var reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return new BigInteger(1, reversed);
    }
}
