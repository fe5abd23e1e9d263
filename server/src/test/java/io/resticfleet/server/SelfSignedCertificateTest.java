package io.resticfleet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.tls.SelfSignedCertificate;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The certificate that a server makes for itself, as clients are shown it. */
class SelfSignedCertificateTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path directory;

    private Path data;
    private Path key;
    private Path certificate;

    @BeforeEach
    void place() {
        data = directory.resolve("data");
        key = data.resolve("tls.key");
        certificate = data.resolve("tls.pem");
    }

    @Test
    void a_first_start_makes_a_certificate_of_ten_years_that_openssl_takes() throws Exception {
        var shown = shownBy(NOW, "--public-url", "https://backup.example.org");

        assertThat(shown.getNotBefore().toInstant()).isBefore(NOW);
        assertThat(shown.getNotAfter().toInstant()).isAfter(NOW.plus(Duration.ofDays(3640)));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        for (var name :
                List.of("-verify_hostname backup.example.org", "-verify_hostname localhost", "-verify_ip ::1")) {
            assertThat(openssl("verify -attime " + NOW.getEpochSecond() + " -x509_strict -purpose sslserver " + name
                            + " -CAfile " + certificate + " " + certificate))
                    .endsWith("OK");
        }
        assertThat(openssl("verify -attime " + NOW.getEpochSecond() + " -verify_hostname evil.example -CAfile "
                        + certificate + " " + certificate))
                .contains("hostname mismatch");
    }

    @Test
    void the_next_start_shows_the_same() throws Exception {
        var first = shownBy(NOW);

        assertThat(shownBy(NOW.plus(Duration.ofDays(700)))).isEqualTo(first);
    }

    @Test
    void it_is_renewed_with_the_same_key_before_it_expires() throws Exception {
        var first = shownBy(NOW);

        var second = shownBy(NOW.plus(Duration.ofDays(9 * 365)));

        assertThat(second.getPublicKey()).isEqualTo(first.getPublicKey());
        assertThat(second.getNotAfter().toInstant()).isAfter(Instant.parse("2044-01-01T00:00:00Z"));
        assertThat(second.getSerialNumber()).isNotEqualTo(first.getSerialNumber());
        assertThat(shownBy(Instant.parse("2051-01-01T00:00:00Z")).getNotAfter().toInstant())
                .isAfter(Instant.parse("2060-01-01T00:00:00Z"));
    }

    @Test
    void a_clock_that_was_far_ahead_when_it_was_made_does_no_lasting_harm() throws Exception {
        var first = shownBy(NOW.plus(Duration.ofDays(1000)));

        var second = shownBy(NOW);

        assertThat(second.getNotBefore().toInstant()).isBefore(NOW);
        assertThat(second.getPublicKey()).isEqualTo(first.getPublicKey());
    }

    @Test
    void a_new_public_url_gets_into_it() throws Exception {
        var first = shownBy(NOW);

        var second = shownBy(NOW, "--public-url", "https://[2001:db8::7]:8443");

        assertThat(second.getPublicKey()).isEqualTo(first.getPublicKey());
        assertThat(second.getSubjectAlternativeNames()).contains(List.of(7, "2001:db8:0:0:0:0:0:7"));
        assertThat(shownBy(NOW, "--public-url", "https://[2001:db8::7]:8443")).isEqualTo(second);
    }

    @Test
    void a_certificate_that_is_damaged_or_lost_is_recreated_with_the_same_key() throws Exception {
        var first = shownBy(NOW);

        Files.writeString(certificate, "half a cert");
        var second = shownBy(NOW);
        Files.delete(certificate);
        var third = shownBy(NOW);

        assertThat(second.getPublicKey()).isEqualTo(first.getPublicKey());
        assertThat(third.getPublicKey()).isEqualTo(first.getPublicKey());
    }

    @Test
    void a_key_that_is_lost_or_damaged_is_never_replaced_silently() throws Exception {
        shownBy(NOW);
        var whole = Files.readString(key);

        for (var damaged : List.of("", whole.substring(0, 100), whole.substring(0, whole.length() - 60))) {
            Files.writeString(key, damaged);
            refused(key.toString());
            assertThat(key).hasContent(damaged);
        }
        Files.delete(key);
        refused("restore the key from a backup");
        assertThat(key).doesNotExist();

        Files.delete(certificate);
        shownBy(NOW);
    }

    @Test
    void a_directory_that_cannot_be_written_is_named() throws Exception {
        Files.createDirectories(data.resolve("tls.key.new/something")); // in the way, also of root

        refused(key + " cannot be written");
    }

    @Test
    void a_key_that_others_can_read_is_made_private_and_the_doctor_names_it() throws Exception {
        shownBy(NOW);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(doctor()).contains("PROBLEM TLS: " + key + " can be read by other users; run chmod 600 on it");
        shownBy(NOW);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
    }

    @Test
    void the_doctor_names_the_pin_of_the_key_and_when_the_certificate_ends() throws Exception {
        assertThat(doctor()).contains("OK      TLS: the server creates " + certificate + " when it starts");
        assertThat(certificate).doesNotExist();
        var shown = shownBy(NOW);

        assertThat(doctor())
                .contains("OK      TLS: the self-signed certificate is valid until "
                        + shown.getNotAfter().toInstant() + "; the pin of its key is " + pin(shown));
    }

    @Test
    void the_doctor_knows_this_server_at_its_public_url_by_its_key_and_another_that_is_there_instead()
            throws Exception {
        var others = Map.of(
                "--listen",
                "127.0.0.1:0",
                "--data-dir",
                directory.resolve("other").toString(),
                "--tls",
                "self-signed");
        try (var app = TestServer.startApp(config(), () -> NOW);
                var other = TestServer.startApp(ServerConfig.from(Map.of(), others), () -> NOW)) {
            assertThat(doctor("--public-url", "https://localhost:" + port(app)))
                    .contains("is this server; its certificate is not from a trusted authority");
            assertThat(doctor("--public-url", "https://localhost:" + port(other)))
                    .contains("PROBLEM public URL: https://localhost:" + port(other) + " is not this server:");
        }
    }

    static String pin(X509Certificate certificate) throws Exception {
        var key = certificate.getPublicKey().getEncoded();
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key));
    }

    /** What a client is shown by a server that starts at a time, and ends then. */
    private X509Certificate shownBy(Instant now, String... flags) throws Exception {
        var app = TestServer.startApp(config(flags), () -> now);
        try (var socket =
                (SSLSocket) AnyCertificate.context().getSocketFactory().createSocket("127.0.0.1", port(app))) {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        } finally {
            app.close();
        }
    }

    private void refused(String words) {
        assertThatThrownBy(() ->
                        SelfSignedCertificate.prepare(config(), config().tls().orElseThrow(), NOW))
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining(words);
    }

    private ServerConfig config(String... flags) {
        var all = new java.util.HashMap<>(
                Map.of("--listen", "127.0.0.1:0", "--data-dir", data.toString(), "--tls", "self-signed"));
        for (int i = 0; i < flags.length; i += 2) {
            all.put(flags[i], flags[i + 1]);
        }
        return ServerConfig.from(Map.of(), all);
    }

    private String doctor(String... flags) {
        var out = new ByteArrayOutputStream();
        var print = new PrintStream(out, true, StandardCharsets.UTF_8);
        new Main(Map.of(), new ByteArrayInputStream(new byte[0]), print, print, () -> NOW)
                .run(Stream.concat(
                                Stream.of(
                                        "doctor",
                                        "--data-dir",
                                        data.toString(),
                                        "--tls",
                                        "self-signed",
                                        "--listen",
                                        "127.0.0.1:0"),
                                Stream.of(flags))
                        .toArray(String[]::new));
        return out.toString(StandardCharsets.UTF_8);
    }

    private static int port(App app) {
        return URI.create(app.url()).getPort();
    }

    private static String openssl(String arguments) throws Exception {
        var command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments.split(" ")));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return output.strip();
    }
}
