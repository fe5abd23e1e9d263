package io.resticfleet.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.javalin.Javalin;
import io.resticfleet.server.config.ServerConfig.TlsFiles;
import io.resticfleet.server.db.OperatorError;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {

    private static final String RSA = "rsa:2048";
    private static final String EC = "ec -pkeyopt ec_paramgen_curve:prime256v1";

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {RSA, EC, "ed25519"})
    void https_is_served_with_what_openssl_makes(String kind) throws Exception {
        var files = make("server", kind);
        var http = Javalin.create(javalin -> {
            javalin.startup.showJavalinBanner = false;
            javalin.startup.startupWatcherEnabled = false;
            javalin.jetty.addConnector(
                    (server, configuration) -> ServerCertificate.open(files).connector(server, configuration));
            javalin.routes.get("/", ctx -> ctx.result(ctx.scheme()));
        });
        http.start();
        try {
            var client = HttpClient.newBuilder().sslContext(trusting(files)).build();
            var uri = URI.create("https://localhost:" + http.port() + "/");
            var answer = client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());

            assertThat(answer.body()).isEqualTo("https");
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        } finally {
            http.stop();
        }
    }

    @Test
    void agents_pin_a_certificate_only_if_no_authority_vouches_for_it() throws Exception {
        var own = make("own", EC);
        var key = directory.resolve("signed.key");
        var request = directory.resolve("signed.csr");
        var certificate = directory.resolve("signed.pem");
        openssl("req -nodes -subj /CN=localhost -newkey " + EC + " -keyout " + key + " -out " + request);
        openssl("x509 -req -days 2 -in " + request + " -CA " + own.certificate() + " -CAkey " + own.key() + " -out "
                + certificate);

        assertThat(Tls.pin(own)).get().asString().matches("[0-9a-f]{64}");
        assertThat(Tls.pin(files(certificate, key))).isEmpty();
    }

    @Test
    void the_key_of_another_certificate_is_refused() throws Exception {
        var one = make("one", EC);
        var other = make("other", EC);

        refused(files(one.certificate(), other.key()), "is not the key of");
        refused(files(one.certificate(), make("third", RSA).key()), "is not the key of");
    }

    @Test
    void keys_in_other_forms_are_refused_with_the_line_that_converts_them() throws Exception {
        var files = make("server", RSA);
        var old = directory.resolve("old.key");
        var encrypted = directory.resolve("encrypted.key");
        openssl("rsa -traditional -in " + files.key() + " -out " + old);
        openssl("pkcs8 -topk8 -passout pass:geheim -in " + files.key() + " -out " + encrypted);

        refused(files(files.certificate(), old), "openssl pkcs8 -topk8 -nocrypt -in " + old);
        refused(files(files.certificate(), encrypted), "is encrypted");
    }

    @Test
    void files_that_are_missing_or_something_else_are_named() throws Exception {
        var files = make("server", EC);
        var text = Files.writeString(directory.resolve("text"), "hello");
        var missing = directory.resolve("missing");

        refused(files(missing, files.key()), "the certificate " + missing + " cannot be read");
        refused(files(files.certificate(), missing), "the key " + missing + " cannot be read");
        refused(files(files.certificate(), text), "there is no private key in " + text);
        refused(files(files.key(), files.key()), files.key().toString());
    }

    private static void refused(TlsFiles files, String words) {
        assertThatThrownBy(() -> Tls.keyStore(files))
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining(words);
    }

    private static TlsFiles files(Path certificate, Path key) {
        return new TlsFiles(certificate, key, TlsFiles.Maker.OPERATOR, Optional.empty());
    }

    private TlsFiles make(String name, String kind) throws Exception {
        var certificate = directory.resolve(name + ".pem");
        var key = directory.resolve(name + ".key");
        openssl("req -x509 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -newkey " + kind
                + " -keyout " + key + " -out " + certificate);
        return files(certificate, key);
    }

    private static void openssl(String arguments) throws Exception {
        var command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments.split(" ")));
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private static SSLContext trusting(TlsFiles files) throws Exception {
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", Tls.keyStore(files).getCertificate("server"));
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
