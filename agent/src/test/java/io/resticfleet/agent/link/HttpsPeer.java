package io.resticfleet.agent.link;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A server with a self-signed certificate for another name. Answers 204 to everything. */
public final class HttpsPeer implements AutoCloseable {

    private static final String PASSWORD = "changeit";

    private final HttpsServer server;
    private final Certificate certificate;
    private final AtomicInteger handshakes;
    private final AtomicInteger requests;

    private HttpsPeer(HttpsServer server, Certificate certificate, AtomicInteger handshakes, AtomicInteger requests) {
        this.server = server;
        this.certificate = certificate;
        this.handshakes = handshakes;
        this.requests = requests;
    }

    /** Number of TLS handshakes started. */
    public int handshakes() {
        return handshakes.get();
    }

    /** Number of requests received. */
    public int requests() {
        return requests.get();
    }

    /** @param more options for keytool */
    public static HttpsPeer start(Path store, String... more) throws Exception {
        var keys = make(store, more);
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        var handshakes = new AtomicInteger();
        var requests = new AtomicInteger();
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                handshakes.incrementAndGet();
                super.configure(parameters);
            }
        });
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        return new HttpsPeer(server, keys.getCertificate("x"), handshakes, requests);
    }

    /** Generates a key and a certificate. */
    private static KeyStore make(Path store, String... more) throws Exception {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-J-XX:+UseSerialGC",
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD,
                "-storetype",
                "PKCS12",
                "-alias",
                "x",
                "-keyalg",
                "EC",
                "-dname",
                "CN=nobody"));
        command.addAll(List.of(more));
        int status = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (status != 0) {
            throw new AssertionError("keytool failed: " + command);
        }
        var keys = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    public String url() {
        return "https://127.0.0.1:" + server.getAddress().getPort();
    }

    public String keyPin() throws Exception {
        return HexFormat.of().formatHex(sha256(certificate.getPublicKey().getEncoded()));
    }

    String keyPinInBase64() throws Exception {
        return Base64.getEncoder()
                .encodeToString(sha256(certificate.getPublicKey().getEncoded()));
    }

    String certificatePin() throws Exception {
        return HexFormat.of().formatHex(sha256(certificate.getEncoded()));
    }

    /** Status of a response. */
    int get(Pins pins) throws Exception {
        return get(HttpClient.newBuilder().sslContext(pins.context()));
    }

    int getUnpinned() throws Exception {
        return get(HttpClient.newBuilder());
    }

    /** The refusal of a request. */
    WrongKey refusal(Pins pins) throws Exception {
        try {
            throw new AssertionError("was trusted: " + get(pins));
        } catch (IOException e) {
            return WrongKey.in(e).orElseThrow(() -> new AssertionError(e));
        }
    }

    private int get(HttpClient.Builder client) throws Exception {
        return client.build()
                .send(HttpRequest.newBuilder(URI.create(url() + "/")).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static byte[] sha256(byte[] bytes) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
