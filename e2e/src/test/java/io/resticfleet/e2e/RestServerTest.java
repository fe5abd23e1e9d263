package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Backups to restic's REST server, with a password and append-only, without leaking secrets. */
@Order(1)
class RestServerTest {

    private static final String USER = "web";
    private static final String SERVER_PASSWORD = "Server+Secret/37 of web";
    private static final String REPO_PASSWORD = "Repo-Secret-91-of-web";

    /** In all notations, including those in URLs. */
    private static final List<String> SECRETS =
            List.of(SERVER_PASSWORD, "Server%2BSecret", "Server+Secret", REPO_PASSWORD);

    @RegisterExtension
    static final Fleet FLEET = new Fleet();

    static Stream<Restic> restics() {
        return Restic.edges();
    }

    @ParameterizedTest
    @MethodSource("restics")
    void an_append_only_server_with_a_password_gets_backups_and_no_secret_leaks(Restic restic) throws Exception {
        var url = restServer(FLEET.directory("rest server"));
        var source = Sources.large(FLEET.directory("files"), 6);
        var machine = FLEET.machine(restic, source)
                .repository("url", url)
                .repository("username", USER)
                .repository("password", SERVER_PASSWORD)
                .repository("repo_password", REPO_PASSWORD)
                .join();
        var server = FLEET.server();
        var slow = server.schedule(machine.host(), Sources.manual("slow", 2_048, List.of(source)));

        var first = server.runSchedule(machine.host(), slow);
        var seen = new ArrayList<String>();
        eventually(() -> {
            seen.addAll(Processes.commandLines(machine.directory()));
            assertThat(seen).anyMatch(line -> line.contains(" backup "));
        });
        assertSucceeded(server.awaitEnd(first));

        assertSucceeded(server.awaitEnd(server.runSchedule(machine.host(), slow)));
        eventually(() -> assertThat(server.items("/api/hosts/" + machine.host() + "/snapshots"))
                .hasSize(2));
        var logs = new StringBuilder();
        for (var job : server.items("/api/jobs?host=" + machine.host())) {
            logs.append(server.jobLog(job.path("id").asText())).append(job);
        }
        var texts = Map.of(
                "ps", String.join("\n", seen),
                "job logs", logs.toString(),
                "agent log", machine.agent().log(),
                "server log", server.log(),
                "audit", server.request("GET", "/api/audit?limit=200", null).text(),
                "host",
                        server.request("GET", "/api/hosts/" + machine.host(), null)
                                .text(),
                "doctor", machine.agent().command("doctor", List.of()).output());
        texts.forEach((where, text) -> assertThat(text).as(where).isNotEmpty().doesNotContain(SECRETS));
    }

    @ParameterizedTest
    @MethodSource("restics")
    void machines_that_start_at_once_at_a_new_repository_create_it_once(Restic restic) throws Exception {
        var url = restServer(FLEET.directory("rest server"));
        var machines = new ArrayList<Fleet.Machine>();
        for (int i = 0; i < 3; i++) {
            machines.add(appendOnly(restic, url));
        }
        var jobs = new ArrayList<String>();
        for (var machine : machines) {
            jobs.add(FLEET.server().run(machine.host()));
        }

        for (var job : jobs) {
            assertSucceeded(FLEET.server().awaitEnd(job));
        }
        for (var machine : machines) {
            eventually(() -> assertThat(FLEET.server().items("/api/hosts/" + machine.host() + "/snapshots"))
                    .hasSize(1));
        }
        assertThat(FLEET.server().items("/api/jobs?kind=init&status=succeeded").stream()
                        .filter(job -> machines.stream()
                                .anyMatch(machine -> machine.host()
                                        .equals(job.path("host_id").asText()))))
                .hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_wrong_server_password_is_reported(Restic restic) throws Exception {
        var machine = FLEET.machine(restic, Sources.small(FLEET.directory("files")))
                .repository("url", restServer(FLEET.directory("rest server")))
                .repository("username", USER)
                .repository("password", "a wrong one")
                .join();

        var job = FLEET.server().awaitEnd(FLEET.server().run(machine.host()));

        assertThat(job.path("status").asText()).isEqualTo("failed");
        assertThat(job.path("error").asText()).contains("401");
        assertThat(FLEET.server().jobLog(job.path("id").asText())).doesNotContain("a wrong one", "a%20wrong");
        machine.agent().assertAlive();
    }

    @Test
    @Tag("faults")
    void a_changed_password_reaches_every_machine_before_the_old_key_is_touched() throws Exception {
        var url = restServer(FLEET.directory("rest server"));
        var edges = Restic.edges().toList();
        var first = appendOnly(edges.get(0), url);
        var server = FLEET.server();
        assertSucceeded(server.awaitEnd(server.run(first.host())));
        var second = appendOnly(edges.get(edges.size() - 1), url);
        second.agent().stop();
        server.awaitStatus(second.host(), "offline");
        var repository = "/api/repositories/"
                + server.items("/api/repositories").stream()
                        .filter(item -> item.path("url").asText().equals(url))
                        .findFirst()
                        .orElseThrow()
                        .path("id")
                        .asText();

        var password = server.post(repository + "/rotate-password", Map.of())
                .path("repo_password")
                .asText();
        eventually(() -> assertThat(states(repository)).containsExactly("confirmed", "waiting_offline"));
        assertSucceeded(server.awaitEnd(server.run(first.host())));
        server.kill();
        server.restart();
        second.agent().start();

        eventually(() -> assertThat(server.get(repository + "/rotate-password")
                        .path("detail")
                        .asText())
                .contains("the old key is still there", "does not let this machine remove anything"));
        assertThat(server.get(repository + "/rotate-password").path("phase").asText())
                .isEqualTo("removing");
        assertThat(states(repository)).containsExactly("confirmed", "confirmed");
        assertSucceeded(server.awaitEnd(server.run(first.host())));
        assertSucceeded(server.awaitEnd(server.run(second.host())));
        assertThat(server.get(repository + "/keys").path("items"))
                .hasSize(2)
                .allMatch(key -> key.path("expected").asBoolean());
        var logs = new StringBuilder(
                server.log() + first.agent().log() + second.agent().log());
        for (var job : server.items("/api/jobs?kind=rotate_key")) {
            logs.append(server.jobLog(job.path("id").asText())).append(job);
        }
        assertThat(logs).doesNotContain(password, REPO_PASSWORD);
    }

    private static Fleet.Machine appendOnly(Restic restic, String url) throws Exception {
        return FLEET.machine(restic, Sources.small(FLEET.directory("files")))
                .repository("url", url)
                .repository("username", USER)
                .repository("password", SERVER_PASSWORD)
                .repository("repo_password", REPO_PASSWORD)
                .join();
    }

    private static List<String> states(String repository) throws Exception {
        var states = new ArrayList<String>();
        FLEET.server()
                .get(repository + "/rotate-password")
                .path("hosts")
                .forEach(host -> states.add(host.path("state").asText()));
        return states;
    }

    /** Starts an append-only server with one user; returns the URL of its repository. */
    private static String restServer(Path directory) throws Exception {
        var programs = Restic.tools("rest-server-", "rest-server");
        if (programs.isEmpty()) {
            System.out.println("e2e: SKIPPED rest-server: none is under .tools; scripts/newer-restic.sh fetches it");
        }
        Assumptions.assumeFalse(programs.isEmpty(), "no rest-server");
        var sha = MessageDigest.getInstance("SHA-1").digest(SERVER_PASSWORD.getBytes(StandardCharsets.UTF_8));
        var passwords = directory.resolve("htpasswd");
        Files.writeString(passwords, USER + ":{SHA}" + Base64.getEncoder().encodeToString(sha) + "\n");
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        var program = FLEET.owned(Program.start(
                directory,
                directory.resolve("rest-server.log"),
                Map.of(),
                List.of(
                        programs.get(programs.size() - 1).toString(),
                        "--path",
                        directory.resolve("data").toString(),
                        "--listen",
                        "127.0.0.1:" + port,
                        "--append-only",
                        "--private-repos",
                        "--htpasswd-file",
                        passwords.toString())));
        eventually(() -> {
            assertThat(program.alive()).as(program.log()).isTrue();
            new Socket("127.0.0.1", port).close();
        });
        return "rest:http://127.0.0.1:" + port + "/" + USER + "/";
    }

    private static void assertSucceeded(JsonNode job) throws Exception {
        assertThat(job.path("status").asText())
                .as(FLEET.server().jobLog(job.path("id").asText()))
                .isEqualTo("succeeded");
    }
}
