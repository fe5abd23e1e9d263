package io.resticfleet.server.tls;

import io.resticfleet.pin.Pin;
import io.resticfleet.server.config.ListenAddress;
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
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** HTTPS from PEM files: those that certificate authorities hand out, or those of {@link SelfSignedCertificate}. */
public final class Tls {

    private static final Pattern PEM_KEY =
            Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END", Pattern.DOTALL);

    /** The keystore lives in memory only; it wants a password all the same. */
    private static final String NO_SECRET = "in-memory";

    private Tls() {}

    /**
     * Where clients connect: HTTP/1.1 in TLS.
     *
     * @param http what Javalin set up; changed to know of TLS
     * @throws OperatorError if the files cannot be used
     */
    public static ServerConnector connector(
            Server server, HttpConfiguration http, TlsFiles files, ListenAddress listen) {
        var customizer = new SecureRequestCustomizer();
        customizer.setSniHostCheck(false); // people and agents may well use the address
        http.addCustomizer(customizer);
        var context = new SslContextFactory.Server();
        context.setKeyStore(keyStore(files));
        context.setKeyStorePassword(NO_SECRET);
        context.setKeyManagerPassword(NO_SECRET);
        var connector = new ServerConnector(
                server, new SslConnectionFactory(context, "http/1.1"), new HttpConnectionFactory(http));
        connector.setHost(listen.host());
        connector.setPort(listen.port());
        return connector;
    }

    /**
     * What agents are told to insist on when they join: the pin of the server's key.
     *
     * @return empty for a certificate that an authority vouches for: it may be renewed with another key, and pinned agents
     *     would then be shut out
     * @throws OperatorError if the files cannot be used
     */
    public static Optional<String> pin(TlsFiles files) {
        var certificate = certificate(files);
        try {
            certificate.verify(certificate.getPublicKey());
            return Optional.of(keyPin(files).sha256());
        } catch (SignatureException | InvalidKeyException e) {
            return Optional.empty(); // signed by another
        } catch (GeneralSecurityException e) {
            throw new OperatorError("TLS cannot use " + files.certificate() + ": " + e.getMessage(), e);
        }
    }

    /** What agents that have a pin are told at each hello: the pin of the key in use, and that of the next, if one is set. */
    public static List<String> pins(TlsFiles files) {
        return Stream.concat(Stream.of(keyPin(files)), files.nextPin().stream())
                .map(Pin::sha256)
                .distinct()
                .toList();
    }

    public static Pin keyPin(TlsFiles files) {
        return Pin.of(certificate(files));
    }

    /** The one that clients are shown first. */
    static Certificate certificate(TlsFiles files) {
        return chain(files.certificate())[0];
    }

    /** @throws OperatorError if the files cannot be read, or do not belong together */
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
            store.setKeyEntry("server", key, NO_SECRET.toCharArray(), chain);
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
                            : "in the old form BEGIN " + pem.group(1).strip() + " PRIVATE KEY")
                    + "; make one that can be used by: openssl pkcs8 -topk8 -nocrypt -in " + file + " -out new.key");
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
                // of another kind; the next may fit
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

    static boolean belongTogether(PublicKey open, PrivateKey key) throws GeneralSecurityException {
        if (!key.getAlgorithm().equals(open.getAlgorithm())) {
            return false;
        }
        var algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "EdDSA";
        };
        var words = "do you belong together?".getBytes(StandardCharsets.US_ASCII);
        var signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(words);
        var signed = signature.sign();
        signature.initVerify(open);
        signature.update(words);
        return signature.verify(signed);
    }
}
