package io.resticfleet.protocol;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/**
 * How an agent proves who it is: an Ed25519 signature over the server's nonce and everything hello says, including the
 * agent's own nonce. The server's nonce is used once, so a recorded hello is worth nothing; the server holds only public
 * keys, so a stolen database is neither.
 */
public final class HelloProof {

    private static final String ALGORITHM = "Ed25519";

    private HelloProof() {}

    /** A copy of {@code hello} that carries its signature. */
    public static ToServer.Hello sign(ToServer.Hello hello, String serverNonce, PrivateKey key) {
        try {
            var signer = Signature.getInstance(ALGORITHM);
            signer.initSign(key);
            signer.update(signedBytes(hello, serverNonce));
            return withSignature(hello, Base64.getEncoder().encodeToString(signer.sign()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot sign with " + ALGORITHM, e);
        }
    }

    /** Whether the holder of {@code key} said this hello in answer to that nonce. */
    public static boolean verify(ToServer.Hello hello, String serverNonce, PublicKey key) {
        try {
            var verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(key);
            verifier.update(signedBytes(hello, serverNonce));
            return verifier.verify(Base64.getDecoder().decode(hello.signature()));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false; // not a signature at all
        }
    }

    /**
     * Reads a public key as an agent sends it.
     *
     * @throws IllegalArgumentException if it is not an Ed25519 key
     */
    public static PublicKey publicKey(String base64) {
        try {
            return KeyFactory.getInstance(ALGORITHM)
                    .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(base64)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("public_key is not an Ed25519 key", e);
        }
    }

    /** The frame of hello without its signature, after the nonce: the codec writes one order of fields, and no other. */
    private static byte[] signedBytes(ToServer.Hello hello, String serverNonce) {
        return ("restic-fleet hello\n" + serverNonce + "\n" + Wire.encode(withSignature(hello, "")))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static ToServer.Hello withSignature(ToServer.Hello hello, String signature) {
        return new ToServer.Hello(
                hello.protocolVersion(),
                hello.hostId(),
                hello.agentVersion(),
                hello.resticVersion(),
                hello.os(),
                hello.arch(),
                hello.hostname(),
                hello.bootId(),
                hello.timeZone(),
                hello.scheduleVersion(),
                hello.wallClock(),
                hello.jobs(),
                hello.agentNonce(),
                signature);
    }
}
