package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static io.resticfleet.e2e.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.AnyCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which agents are admitted, and what the others report. */
class EnrollAgentTest {

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void a_token_works_once_and_an_invented_one_never() throws Exception {
        var token = token(fleet.server());
        var first = agent("first");
        var second = agent("second");
        var url = fleet.server().url();

        assertThat(first.enroll(url, token).status()).isZero();

        var used = second.enroll(url, token);
        assertThat(used.status()).isEqualTo(1);
        assertThat(used.output()).contains("the server refused", "token").doesNotContain(token);
        var invented = second.enroll(url, "rfe_invented");
        assertThat(invented.status()).isEqualTo(1);
        assertThat(invented.output()).contains("the server refused", "token").doesNotContain("invented");
        var again = first.enroll(url, token);
        assertThat(again.status()).isEqualTo(1);
        assertThat(again.output()).contains("enrolled already");
    }

    @Test
    void a_deleted_host_is_refused_and_joins_again_with_a_new_token() throws Exception {
        var machine = fleet.machine(Restic.newest(), Sources.small(fleet.directory("files")))
                .join();

        assertThat(fleet.server()
                        .request("DELETE", "/api/hosts/" + machine.host(), null)
                        .status())
                .isEqualTo(204);

        eventually(() -> assertThat(machine.agent().log()).contains("the server rejects this agent"));
        machine.agent().assertAlive();
        var doctor = machine.agent().command("doctor", List.of());
        assertThat(doctor.status()).isEqualTo(1);
        assertThat(doctor.output()).contains("deleted on its server");
        fleet.server().stop();
        fleet.server().restart();
        assertThat(fleet.server().items("/api/hosts")).isEmpty();

        machine.agent().stop();
        var again = machine.agent().enroll(fleet.server().url(), token(fleet.server()));
        assertThat(again.status()).as(again.output()).isZero();
        machine.agent().start();
        eventually(() -> assertThat(fleet.server().items("/api/hosts"))
                .singleElement()
                .satisfies(host -> assertThat(host.path("status").asText()).isEqualTo("online")));
    }

    @Test
    void an_agent_with_a_pin_trusts_that_certificate_and_no_other() throws Exception {
        var directory = fleet.directory("tls");
        var key = directory.resolve("key.pem");
        var certificate = directory.resolve("certificate.pem");
        var made = Program.run(
                directory,
                Map.of(),
                List.of(
                        "/bin/sh",
                        "-c",
                        "command -v openssl && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
                                + " -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
                                + " -keyout key.pem -out certificate.pem"));
        if (made.status() != 0) {
            System.out.println("e2e: SKIPPED the certificate's pin: openssl could not create one: " + made.output());
        }
        Assumptions.assumeTrue(made.status() == 0, "no openssl");
        var server = ServerProcess.startTls(directory, certificate, key, trusting(certificate));
        try {
            assertThat(server.url()).startsWith("https://");
            var agent = agent("pinned");
            var wrong = agent.enroll(server.url(), token(server), "--pin", "0".repeat(64));
            assertThat(wrong.status()).isEqualTo(1);
            assertThat(wrong.output()).contains("pin");
            var none = agent.enroll(server.url(), token(server));
            assertThat(none.status()).isEqualTo(1);

            var right = agent.enroll(server.url(), token(server), "--pin", sha256(certificate));
            assertThat(right.status()).as(right.output()).isZero();
            agent.start();
            try {
                server.awaitOnline(server.items("/api/hosts").get(0).path("id").asText());
            } finally {
                agent.stop();
            }
        } finally {
            server.stop();
        }
    }

    @Test
    void agents_follow_an_announced_key_change_of_the_server() throws Exception {
        var directory = fleet.directory("own-tls");
        var next = certificate(directory, "next");
        var third = certificate(directory, "third");
        var server = ServerProcess.startTls(
                directory, List.of("--tls", "self-signed", "--tls-next-pin", keyPin(next)), AnyCertificate.context());
        var agent = agent("own-pinned");
        try {
            var invited =
                    server.post("/api/enrollment-tokens", Map.of("repository", Map.of("url", "/nowhere/repository")));
            var pin = invited.path("command").asText().split(" --pin ")[1];
            assertThat(agent.enroll(server.url(), invited.path("token").asText(), "--pin", pin)
                            .status())
                    .isZero();
            var host = server.items("/api/hosts").get(0).path("id").asText();
            agent.start();
            server.awaitOnline(host);
            eventually(() -> assertThat(agent.log())
                    .contains("the pinned keys of the server are now " + pin + " or " + keyPin(next)));

            restart(server, next);
            server.awaitOnline(host);
            assertThat(agent.log()).doesNotContain("shows the key");

            restart(server, third);
            within(
                    ServerProcess.TO_RECONNECT,
                    () -> assertThat(agent.log()).contains("the server shows the key " + keyPin(third), "still shows"));
            assertThat(agent.log()).containsOnlyOnce("trust --pin").doesNotContain("\tat ");
            agent.assertAlive();
            assertThat(server.get("/api/hosts/" + host).path("status").asText()).isNotEqualTo("online");

            assertThat(agent.command("trust", List.of("--pin", keyPin(third))).status())
                    .isZero();
            agent.stop();
            agent.start();
            server.awaitOnline(host);
        } finally {
            agent.stop();
            server.stop();
        }
    }

    private static void restart(ServerProcess server, Path certificate) throws Exception {
        server.stop();
        server.restart(List.of(
                "--tls-cert",
                certificate.toString(),
                "--tls-key",
                certificate.resolveSibling("key.pem").toString()));
    }

    /** A self-signed certificate, with its key beside it. */
    private static Path certificate(Path directory, String name) throws Exception {
        var target = Files.createDirectories(directory.resolve(name));
        var made = Program.run(
                target,
                Map.of(),
                List.of(
                        "/bin/sh",
                        "-c",
                        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1"
                                + " -keyout key.pem -out certificate.pem"));
        Assumptions.assumeTrue(made.status() == 0, "no openssl");
        return target.resolve("certificate.pem");
    }

    private static String keyPin(Path pem) throws Exception {
        try (var in = Files.newInputStream(pem)) {
            var key = CertificateFactory.getInstance("X.509")
                    .generateCertificate(in)
                    .getPublicKey();
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getEncoded()));
        }
    }

    private AgentProcess agent(String name) throws Exception {
        var directory = fleet.directory(name);
        return new AgentProcess(
                directory, directory.resolve("state"), Restic.newest().file());
    }

    private static String token(ServerProcess server) throws Exception {
        var body = Map.of("repository", Map.of("url", "/nowhere/repository"));
        return server.post("/api/enrollment-tokens", body).path("token").asText();
    }

    private static String sha256(Path pem) throws Exception {
        try (var in = Files.newInputStream(pem)) {
            var certificate = CertificateFactory.getInstance("X.509").generateCertificate(in);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        }
    }

    private static SSLContext trusting(Path pem) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (var in = Files.newInputStream(pem)) {
            store.setCertificateEntry(
                    "server", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
