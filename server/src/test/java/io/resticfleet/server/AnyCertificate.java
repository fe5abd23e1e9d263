package io.resticfleet.server;

import io.resticfleet.pin.PinnedTrustManager;
import java.net.http.HttpClient;
import javax.net.ssl.SSLContext;

/** Trusts every certificate: for tests that are not about certificates. */
public final class AnyCertificate {

    private AnyCertificate() {}

    static HttpClient client() {
        return HttpClient.newBuilder().sslContext(context()).build();
    }

    public static SSLContext context() {
        return PinnedTrustManager.context(certificate -> {});
    }
}
