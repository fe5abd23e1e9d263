package io.resticfleet.pin;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The pin of a server's key.
 *
 * @param sha256 of the public key as encoded in the certificate (SubjectPublicKeyInfo), 64 lower-case hexadecimal
 *     digits; of the whole certificate if the agent joined before keys were pinned
 */
public record Pin(String sha256) {

    private static final Pattern BASE64 = Pattern.compile("sha256//?([A-Za-z0-9+/]{43}=)");

    /** @throws IllegalArgumentException unless it is a SHA-256 in hexadecimal, or in Base64 after {@code sha256/} */
    public static Pin parse(String text) {
        var base64 = BASE64.matcher(text);
        if (base64.matches()) {
            return new Pin(HexFormat.of().formatHex(Base64.getDecoder().decode(base64.group(1))));
        }
        var digits = text.replace(":", "").toLowerCase(Locale.ROOT);
        if (!digits.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("it must be the SHA-256 of a server's public key, 64 hexadecimal digits"
                    + " with or without colons, or sha256/ and Base64; on the server, the command doctor prints it");
        }
        return new Pin(digits);
    }

    /** The pin of a certificate's key. */
    public static Pin of(Certificate certificate) {
        return of(certificate.getPublicKey().getEncoded());
    }

    /** @param keyOrCertificate a public key as encoded in the certificate, or the whole certificate */
    public static Pin of(byte[] keyOrCertificate) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(keyOrCertificate);
            return new Pin(HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return sha256;
    }
}
