package io.resticfleet.server.tls;

import java.net.Socket;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Trusts a server by its key alone, as agents with a pin do: not by name, authority or dates. */
public final class PinnedTrustManager extends X509ExtendedTrustManager {

    private final String pin;

    private PinnedTrustManager(String pin) {
        this.pin = pin;
    }

    /** @param pin SHA-256 of the public key, 64 digits */
    public static HttpClient client(String pin, Duration patience) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new PinnedTrustManager(pin)}, null);
            return HttpClient.newBuilder()
                    .sslContext(context)
                    .connectTimeout(patience)
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // each Java has TLS
        }
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        var shown = Tls.pinOf(chain[0]);
        if (!shown.equals(pin)) {
            throw new CertificateException("its key has the pin " + shown);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("nobody is a client here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("nobody is a client here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("nobody is a client here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
