package io.resticfleet.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Authentication of an agent: an Ed25519 signature over the server's nonce and the content of hello, including the
 * agent's own nonce. The server's nonce is used once, so a recorded hello is useless; the server stores only public
 * keys, so a stolen database is useless too.
 *
 * <p>The signed data is a list of strings, each encoded as its length in bytes (four bytes, big-endian) and its UTF-8
 * bytes:
 *
 * <ol>
 *   <li>{@code restic-fleet hello 1}
 *   <li>the server's nonce
 *   <li>protocol_version, in decimal
 *   <li>host_id
 *   <li>agent_version
 *   <li>restic_version, or the empty string
 *   <li>os
 *   <li>arch
 *   <li>hostname
 *   <li>boot_id
 *   <li>time_zone
 *   <li>schedule_version, in decimal
 *   <li>wall_clock, in ISO-8601
 *   <li>number of jobs, in decimal, followed by each of them
 *   <li>agent_nonce
 *   <li>instance_id, omitted if absent
 * </ol>
 *
 * <p><strong>The list is closed.</strong> Components added to hello later are not signed: an older server does not know
 * them, verifies without them, and would refuse the agent as {@code bad_signature}. So they come after
 * {@code signature}, and must be harmless if forged. A later component that must be signed needs a second signature, in
 * a component of its own.
 */
public final class HelloProof {

    private static final String ALGORITHM = "Ed25519";

    private HelloProof() {}

    /** A copy of {@code hello} that carries its signature. */
    public static Hello sign(Hello hello, String serverNonce, PrivateKey key) {
        try {
            var signer = Signature.getInstance(ALGORITHM);
            signer.initSign(key);
            signer.update(signedBytes(hello, serverNonce));
            return hello.signed(Base64.getEncoder().encodeToString(signer.sign()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot sign with " + ALGORITHM, e);
        }
    }

    /** Whether the hello was signed with {@code key}, for this nonce. */
    public static boolean verify(Hello hello, String serverNonce, PublicKey key) {
        try {
            var verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(key);
            verifier.update(signedBytes(hello, serverNonce));
            return verifier.verify(Base64.getDecoder().decode(hello.signature()));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false; // malformed signature
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

    private static byte[] signedBytes(Hello hello, String serverNonce) {
        var fields = new ArrayList<>(List.of(
                "restic-fleet hello 1",
                serverNonce,
                Integer.toString(hello.protocolVersion()),
                hello.hostId().value(),
                hello.agentVersion(),
                hello.resticVersion().orElse(""),
                hello.os(),
                hello.arch(),
                hello.hostname(),
                hello.bootId(),
                hello.timeZone(),
                Long.toString(hello.scheduleVersion()),
                hello.wallClock().toString(),
                Integer.toString(hello.jobs().size())));
        hello.jobs().forEach(id -> fields.add(id.value()));
        fields.add(hello.agentNonce());
        hello.instanceId().ifPresent(fields::add);
        var bytes = new ByteArrayOutputStream();
        for (var field : fields) {
            var text = field.getBytes(StandardCharsets.UTF_8);
            bytes.writeBytes(
                    ByteBuffer.allocate(Integer.BYTES).putInt(text.length).array());
            bytes.writeBytes(text);
        }
        return bytes.toByteArray();
    }
}
