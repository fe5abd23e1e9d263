package io.resticfleet.server.tls;

import io.resticfleet.pin.Pin;
import io.resticfleet.server.config.ServerConfig.TlsFiles;
import io.resticfleet.server.db.OperatorError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/** Certificates and keys in PEM files: those of a certificate authority, or those of {@link SelfSignedCertificate}. */
public final class Tls {

    private static final Pattern PEM_KEY =
            Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END", Pattern.DOTALL);

    /** Not a secret: the keystore exists only in memory, but the API requires a password. */
    static final String STORE_PASSWORD = "in-memory";

    /** Of the only entry of the keystore. */
    static final String ALIAS = "server";

    private Tls() {}

    /**
     * The pin for agents that enrol, if they need one.
     *
     * @return empty for a certificate of an authority: it may be renewed with another key, which would lock out pinned
     *     agents
     * @throws OperatorError if the files cannot be used
     */
    public static Optional<String> pin(TlsFiles files) {
        return isSelfSigned(certificate(files)) ? Optional.of(keyPin(files).sha256()) : Optional.empty();
    }

    /** @throws OperatorError if its signature cannot be checked */
    static boolean isSelfSigned(Certificate certificate) {
        try {
            certificate.verify(certificate.getPublicKey());
            return true;
        } catch (SignatureException | InvalidKeyException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new OperatorError("TLS cannot use this certificate: " + e.getMessage(), e);
        }
    }

    public static Pin keyPin(TlsFiles files) {
        return Pin.of(certificate(files));
    }

    /** The server's own certificate, the first in the file. */
    static Certificate certificate(TlsFiles files) {
        return chain(files.certificate())[0];
    }

    /** @throws OperatorError if the files cannot be read, or key and certificate do not match */
    public static KeyStore keyStore(TlsFiles files) {
        var chain = chain(files.certificate());
        var key = key(files.key());
        try {
            if (!belongTogether(chain[0].getPublicKey(), key)) {
                throw new OperatorError("the key " + files.key() + " is not the key of the first certificate in "
                        + files.certificate());
            }
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(ALIAS, key, STORE_PASSWORD.toCharArray(), chain);
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new OperatorError(
                    "TLS cannot use " + files.certificate() + " with " + files.key() + ": " + e.getMessage(), e);
        }
    }

    private static Certificate[] chain(Path file) {
        try {
            var chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
                    .toArray(Certificate[]::new);
            if (chain.length == 0) {
                throw new OperatorError("there is no certificate in " + file);
            }
            return chain;
        } catch (CertificateException e) {
            throw new OperatorError(file + " is not a PEM file with certificates: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new OperatorError("the certificate " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    static PrivateKey key(Path file) {
        var pem = PEM_KEY.matcher(read(file));
        if (!pem.find()) {
            throw new OperatorError("there is no private key in " + file + "; it must be PEM with BEGIN PRIVATE KEY");
        }
        if (!pem.group(1).isEmpty()) {
            throw new OperatorError("the key " + file + " is "
                    + (pem.group(1).equals("ENCRYPTED ")
                            ? "encrypted"
                            : "in the old format BEGIN " + pem.group(1).strip() + " PRIVATE KEY")
                    + "; convert it with: openssl pkcs8 -topk8 -nocrypt -in " + file + " -out new.key");
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(pem.group(2));
        } catch (IllegalArgumentException e) {
            throw new OperatorError("the key " + file + " is damaged", e);
        }
        for (var algorithm : new String[] {"RSA", "EC", "EdDSA"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                // not a key of this algorithm
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new OperatorError("the key " + file + " is damaged, or neither RSA, EC nor Ed25519");
    }

    static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new OperatorError("the key " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Whether a signature of the private key can be verified with the public key. */
    static boolean belongTogether(PublicKey open, PrivateKey key) throws GeneralSecurityException {
        if (!key.getAlgorithm().equals(open.getAlgorithm())) {
            return false;
        }
        var algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "EdDSA";
        };
        var text = "test".getBytes(StandardCharsets.US_ASCII);
        var signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(text);
        var signed = signature.sign();
        signature.initVerify(open);
        signature.update(text);
        return signature.verify(signed);
    }
}
