package io.resticfleet.server.tls;

import io.resticfleet.pin.Pin;
import io.resticfleet.server.config.ServerConfig.TlsFiles;
import io.resticfleet.server.db.OperatorError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate and key of the server. When their files have changed, new connections use the new ones without a restart;
 * open connections keep the former ones.
 *
 * <p>Safe for use by many threads.
 */
public final class ServerCertificate {

    private static final Logger log = LoggerFactory.getLogger(ServerCertificate.class);

    private final TlsFiles files;
    private final SslContextFactory.Server context = new SslContextFactory.Server();

    /** Content of the files at the last look, whether it could be used or not. */
    private List<String> seen;

    private KeyStore store;
    private volatile X509Certificate used;

    private ServerCertificate(TlsFiles files) {
        this.files = files;
        this.seen = content(files);
        this.store = Tls.keyStore(files);
        this.used = certificate(store);
        context.setKeyStore(store);
        context.setKeyStorePassword(Tls.STORE_PASSWORD);
        context.setKeyManagerPassword(Tls.STORE_PASSWORD);
    }

    /** @throws OperatorError if the files cannot be used */
    public static ServerCertificate open(TlsFiles files) {
        return new ServerCertificate(files);
    }

    /**
     * An unbound connector for HTTP/1.1 over TLS.
     *
     * @param http Javalin's configuration; gets a customizer for TLS
     */
    public ServerConnector connector(Server server, HttpConfiguration http) {
        var customizer = new SecureRequestCustomizer();
        customizer.setSniHostCheck(false); // users and agents may connect by IP address
        http.addCustomizer(customizer);
        return new ServerConnector(
                server, new SslConnectionFactory(context, "http/1.1"), new HttpConnectionFactory(http));
    }

    /** Sent to pinned agents at each hello: the pin of the current key, and of the next key, if configured. */
    public List<String> pins() {
        return Stream.concat(Stream.of(Pin.of(used)), files.nextPin().stream())
                .map(Pin::sha256)
                .distinct()
                .toList();
    }

    /** When the certificate in use ends. */
    public Instant endsAt() {
        return used.getNotAfter().toInstant();
    }

    /**
     * Uses the files if they have changed. If they cannot be used, or have another key than pinned agents trust, logs the
     * reason and keeps the present certificate.
     */
    public synchronized void reload() {
        var now = content(files);
        if (now.equals(seen)) {
            return;
        }
        seen = now;
        try {
            var next = Tls.keyStore(files);
            var fresh = certificate(next);
            if (!fresh.getPublicKey().equals(used.getPublicKey())) {
                checkKey(fresh);
            }
            use(next);
            log.info(
                    "a new certificate is in use from={} until={}",
                    fresh.getNotBefore().toInstant(),
                    fresh.getNotAfter().toInstant());
        } catch (Exception e) { // of Jetty's reload, too
            log.error(
                    "the new certificate in {} is not used, the one until {} stays in use: {}",
                    files.certificate(),
                    used.getNotAfter().toInstant(),
                    e.getMessage());
        }
    }

    /** @throws OperatorError if agents that pin the present key would be locked out */
    private void checkKey(X509Certificate fresh) {
        boolean announced = files.nextPin().filter(Pin.of(fresh)::equals).isPresent();
        if (!announced && (Tls.isSelfSigned(used) || Tls.isSelfSigned(fresh))) {
            throw new OperatorError("it has another key, which agents that pin the present one would not trust;"
                    + " restart the server to use it");
        }
        log.warn("the new certificate has another key: agents that pin only the former one cannot connect any more");
    }

    private void use(KeyStore next) throws Exception {
        try {
            context.reload(any -> context.setKeyStore(next));
        } catch (Exception e) {
            context.reload(any -> context.setKeyStore(store)); // Jetty has unloaded it
            throw e;
        }
        store = next;
        used = certificate(next);
    }

    private static X509Certificate certificate(KeyStore store) {
        try {
            return (X509Certificate) store.getCertificate(Tls.ALIAS);
        } catch (KeyStoreException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> content(TlsFiles files) {
        return List.of(content(files.certificate()), content(files.key()));
    }

    /** The reason if it cannot be read, as that is a change, too. */
    private static String content(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
