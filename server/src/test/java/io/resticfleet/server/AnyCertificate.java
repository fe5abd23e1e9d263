package io.resticfleet.server;

import io.resticfleet.pin.PinnedTrustManager;
import java.net.http.HttpClient;
import javax.net.ssl.SSLContext;

/** Trusts any certificate: for tests of what a server answers, and not of who it is. */
public final class AnyCertificate {

    private AnyCertificate() {}

    static HttpClient client() {
        return HttpClient.newBuilder().sslContext(context()).build();
    }

    public static SSLContext context() {
        return PinnedTrustManager.context(certificate -> {});
    }
}
