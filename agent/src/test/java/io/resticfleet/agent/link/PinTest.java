package io.resticfleet.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
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
import java.util.HexFormat;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PinTest {

    static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    Path root;

    HttpsServer server;
    String fingerprint;

    @BeforeEach
    void start() throws Exception {
        var file = root.resolve("keys.p12");
        new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        "changeit",
                        "-storetype",
                        "PKCS12",
                        "-alias",
                        "x",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=nobody")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        var keys = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        fingerprint = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(keys.getCertificate("x").getEncoded()));
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void the_pinned_certificate_is_trusted_whatever_its_name() throws Exception {
        var withColons = fingerprint.toUpperCase(java.util.Locale.ROOT).replaceAll("(..)(?=.)", "$1:");

        assertThat(get(HttpClient.newBuilder().sslContext(Pin.parse(withColons).context())))
                .isEqualTo(204);
    }

    @Test
    void any_other_certificate_is_not() {
        var other = Pin.parse("0".repeat(64)).context();

        assertThatThrownBy(() -> get(HttpClient.newBuilder().sslContext(other)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not the pinned one");
    }

    @Test
    void without_a_pin_a_certificate_that_nobody_vouches_for_is_not() {
        assertThatThrownBy(() -> get(HttpClient.newBuilder())).isInstanceOf(IOException.class);
    }

    private int get(HttpClient.Builder client) throws Exception {
        var uri = URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/");
        return client.build()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
