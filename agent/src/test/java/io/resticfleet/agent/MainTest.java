package io.resticfleet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.link.HttpsPeer;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.state.StateLock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {

    private static final String HOST = "01H00000000000000000000001";

    @TempDir
    Path root;

    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void help_names_every_option() {
        assertThat(main(Map.of(), "--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains(
                        "--server",
                        "--token",
                        "--pin",
                        "--state-dir",
                        "--allow-hooks",
                        "--policy",
                        "RESTIC_FLEET_RESTIC");
    }

    @Test
    void all_mistakes_are_reported_at_once() {
        int code = main(Map.of("RESTIC_FLEET_RESTICC", "x"), "enroll", "--server", "ftp://x", "--pin", "12", "--what");

        assertThat(code).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains(
                        "RESTIC_FLEET_RESTICC is not a setting",
                        "--server is 'ftp://x': ",
                        "--pin is '12': ",
                        "--token is missing",
                        "--what is not a setting");
    }

    @Test
    void run_before_enroll_explains_what_to_do() {
        assertThat(main(Map.of(), "run", "--state-dir", root + "/state")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("not enrolled")
                .contains("enroll --server");
    }

    @Test
    void enrolling_again_after_a_lost_response_sends_the_same_key() throws Exception {
        var bodies = new CopyOnWriteArrayList<String>();
        try (var server = new FakeServer()) {
            server.answerPosts("201 Created", body -> {
                bodies.add(body);
                return bodies.size() == 1 ? "{\"host_id\":" : "{\"host_id\":\"" + HOST + "\",\"hostname\":\"web-01\"}";
            });
            var arguments =
                    new String[] {"enroll", "--server", server.url(), "--token", "T", "--state-dir", root + "/state"};

            assertThat(main(Map.of(), arguments)).isEqualTo(1);
            assertThat(main(Map.of(), arguments)).as(err::toString).isZero();

            assertThat(bodies).hasSize(2);
            assertThat(bodies.get(1)).isEqualTo(bodies.get(0));
            assertThat(root.resolve("state/enrolment-keys.json")).doesNotExist();
        }
    }

    @Test
    void enrolling_stores_an_identity_once() throws Exception {
        try (var server = new FakeServer()) {
            server.answerPosts(
                    "201 Created", body -> "{\"host_id\":\"" + HOST + "\",\"hostname\":\"web-01\",\"more\":1}");
            var arguments = List.of("enroll", "--server", server.url(), "--token", "T", "--state-dir", root + "/state");

            assertThat(main(Map.of(), arguments.toArray(String[]::new)))
                    .as(err::toString)
                    .isZero();
            assertThat(out.toString(StandardCharsets.UTF_8)).contains("Enrolled as web-01", "Next: run");
            var identity = Files.readString(root.resolve("state/identity.json"));
            assertThat(identity).contains("\"host_id\":\"" + HOST + "\"");

            var asked = new AtomicReference<>("");
            server.answerPosts("409 Conflict", body -> {
                asked.set(body);
                return "{\"code\":\"already_enrolled\",\"detail\":\"this machine is enrolled already, as web-01\"}";
            });
            assertThat(main(Map.of(), arguments.toArray(String[]::new))).isEqualTo(1);
            assertThat(asked.get()).contains("\"replaces\":\"" + HOST + "\"");
            assertThat(err.toString(StandardCharsets.UTF_8)).contains("enrolled already");
            assertThat(root.resolve("state/identity.json")).hasContent(identity);
        }
    }

    @Test
    void a_token_can_come_by_standard_input_which_other_users_cannot_read() throws Exception {
        var stdin = System.in;
        try (var server = new FakeServer()) {
            var bodies = new ArrayList<String>();
            server.answerPosts("201 Created", body -> {
                bodies.add(body);
                return "{\"host_id\":\"" + HOST + "\",\"hostname\":\"web-01\"}";
            });
            var arguments = List.of("enroll", "--server", server.url(), "--token", "-", "--state-dir", root + "/state");
            System.setIn(new ByteArrayInputStream(new byte[0]));
            assertThat(main(Map.of(), arguments.toArray(String[]::new))).isEqualTo(1);
            assertThat(err.toString(StandardCharsets.UTF_8)).contains("there is no token on standard input");

            System.setIn(new ByteArrayInputStream("rfe_secret\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(main(Map.of(), arguments.toArray(String[]::new)))
                    .as(err::toString)
                    .isZero();
            assertThat(bodies).singleElement().asString().contains("\"token\":\"rfe_secret\"");
        } finally {
            System.setIn(stdin);
        }
    }

    @Test
    void a_refused_enrolment_shows_the_servers_reason() throws Exception {
        try (var server = new FakeServer()) {
            server.answerPosts(
                    "401 Unauthorized", body -> "{\"code\":\"bad_token\",\"detail\":\"the token was used\"}");

            int code = main(Map.of(), "enroll", "--server", server.url(), "--token", "T", "--state-dir", root + "/s");

            assertThat(code).isEqualTo(1);
            assertThat(err.toString(StandardCharsets.UTF_8)).contains("the token was used");
            assertThat(root.resolve("s/identity.json")).doesNotExist();
        }
    }

    @Test
    void the_doctor_reports_problems_and_what_to_do() throws Exception {
        try (var server = new FakeServer()) {
            server.answerPosts("201 Created", body -> "{\"host_id\":\"" + HOST + "\",\"hostname\":\"web-01\"}");
            main(Map.of(), "enroll", "--server", server.url(), "--token", "T", "--state-dir", root + "/state");
            out.reset();

            assertThat(main(Map.of(), "doctor", "--state-dir", root + "/state")).isEqualTo(1);
            assertThat(out.toString(StandardCharsets.UTF_8))
                    .contains("OK       restic: 0.14.0", "OK       server: ", "PROBLEM  repository: ")
                    .contains("PROBLEM  agent: is not running")
                    .contains("OK       machine: known to the server");
        }
    }

    @Test
    void the_doctor_reports_a_machine_that_was_deleted_and_a_running_agent() throws Exception {
        try (var server = new FakeServer()) {
            server.answerPosts("201 Created", body -> "{\"host_id\":\"" + HOST + "\",\"hostname\":\"web-01\"}");
            main(Map.of(), "enroll", "--server", server.url(), "--token", "T", "--state-dir", root + "/state");
            server.rejectUnsigned("unknown_host", "this host was deleted on the server");
            try (var lock =
                    StateLock.take(StateDirectory.open(root.resolve("state"))).orElseThrow()) {
                assertThat(doctor(Map.of("RESTIC_FLEET_RESTIC", root + "/no-restic")))
                        .contains("PROBLEM  machine: this host was deleted on the server. Enrol it again")
                        .contains("OK       agent: is running")
                        .contains("PROBLEM  restic: ");
                assertThat(lock).isNotNull();
            }
        }
    }

    @Test
    void the_doctor_reports_problems_of_the_policy() throws Exception {
        var policy = Files.writeString(root.resolve("policy.json"), "{\"hook\":\"off\"}");
        try (var server = new FakeServer()) {
            server.answerPosts("201 Created", body -> "{\"host_id\":\"" + HOST + "\",\"hostname\":\"web-01\"}");
            main(Map.of(), "enroll", "--server", server.url(), "--token", "T", "--state-dir", root + "/state");

            main(Map.of("RESTIC_FLEET_POLICY", policy.toString()), "doctor", "--state-dir", root + "/state");
            assertThat(out.toString(StandardCharsets.UTF_8))
                    .contains("PROBLEM  policy: " + policy + ": 'hook' is not a field of a policy");
            Files.writeString(policy, "{\"hooks\":\"off\"}");
            main(Map.of(), "doctor", "--state-dir", root + "/state", "--policy", policy.toString());
            assertThat(out.toString(StandardCharsets.UTF_8)).contains("OK       policy: hooks off, see " + policy);
        }
    }

    @Test
    void the_doctor_checks_disk_proxy_and_upgrades() throws Exception {
        var server = new FakeServer();
        server.answerPosts("201 Created", body -> "{\"host_id\":\"" + HOST + "\",\"hostname\":\"web-01\"}");
        main(Map.of(), "enroll", "--server", server.url(), "--token", "T", "--state-dir", root + "/state");
        var proxied = Map.of("https_proxy", "http://proxy:3128");

        assertThat(doctor(proxied))
                .contains("OK       disk: ", "MiB free for " + root + "/state")
                .contains("OK       proxy: https_proxy is set, and not used")
                .contains("OK       upgrades: not by the server");
        server.close();

        assertThat(doctor(proxied)).contains("PROBLEM  server: ", "PROBLEM  proxy: https_proxy is set");
        assertThat(doctor(Map.of("RESTIC_FLEET_ALLOW_UPGRADES", "1")))
                .contains("OK       upgrades: the server may replace this program")
                .doesNotContain("proxy");
    }

    private String doctor(Map<String, String> environment) {
        out.reset();
        main(environment, "doctor", "--state-dir", root + "/state");
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void a_damaged_identity_is_not_overwritten() throws Exception {
        var file = Files.createDirectories(root.resolve("state")).resolve("identity.json");
        Files.writeString(file, "{\"host_id\":");

        assertThat(main(
                        Map.of(),
                        "enroll",
                        "--server",
                        "http://127.0.0.1:1",
                        "--token",
                        "T",
                        "--state-dir",
                        root + "/state"))
                .isEqualTo(1);

        assertThat(err.toString(StandardCharsets.UTF_8)).contains("is not valid");
        assertThat(file).hasContent("{\"host_id\":");
    }

    @Test
    void enrolling_unencrypted_over_a_network_must_be_allowed() throws Exception {
        try (var server = new FakeServer()) {
            server.answerPosts("201 Created", body -> "{\"host_id\":\"" + HOST + "\",\"hostname\":\"web-01\"}");
            var elsewhere = server.url().replace("127.0.0.1", "[::ffff:127.0.0.1]"); // counts as a remote address
            var arguments = new ArrayList<>(
                    List.of("enroll", "--server", elsewhere, "--token", "T", "--state-dir", root + "/state"));

            assertThat(main(Map.of(), arguments.toArray(String[]::new))).isEqualTo(2);
            assertThat(err.toString(StandardCharsets.UTF_8)).contains("not encrypted", "--allow-plaintext");
            assertThat(root.resolve("state")).doesNotExist();
            assertThat(main(Map.of(), "enroll", "--server", server.url(), "--token", "T", "--pin", "0".repeat(64)))
                    .isEqualTo(2);
            assertThat(err.toString(StandardCharsets.UTF_8)).contains("--pin needs an https:// server");

            arguments.add("--allow-plaintext");
            assertThat(main(Map.of(), arguments.toArray(String[]::new)))
                    .as(err::toString)
                    .isZero();
            assertThat(out.toString(StandardCharsets.UTF_8)).contains("WARNING: the connection to", "not encrypted");
            main(Map.of(), "doctor", "--state-dir", root + "/state");
            assertThat(out.toString(StandardCharsets.UTF_8)).contains("OK       encryption: off, as was allowed");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:8080, false",
        "http://127.1.2.3, false",
        "http://LOCALHOST:8080, false",
        "http://[::1]:8080, false",
        "http://[0:0:0:0:0:0:0:1], false",
        "https://backup.example.org, false",
        "http://backup.example.org, true",
        "http://127.0.0.1.example.org, true",
        "http://127.example.org, true",
        "http://localhost.example.org, true",
        "http://[::2]:8080, true",
        "http://[::10]:8080, true",
    })
    void connections_that_others_could_read_are_recognised(String url, boolean exposed) {
        assertThat(new ServerAddress(url).warning().isPresent()).isEqualTo(exposed);
    }

    @Test
    void an_agent_enrolled_before_plaintext_needed_permission_goes_on_and_its_doctor_warns() throws Exception {
        var state = Files.createDirectories(root.resolve("state"));
        Files.writeString(
                state.resolve("identity.json"),
                "{\"host_id\":\"" + HOST
                        + "\",\"hostname\":\"web\",\"server\":\"http://[::ffff:127.0.0.1]:1\",\"private_key\":\"x\"}");

        main(Map.of(), "doctor", "--state-dir", state.toString());

        assertThat(out.toString(StandardCharsets.UTF_8)).contains("PROBLEM  encryption: ", "OK       enrolled: as web");
    }

    @Test
    void a_server_with_another_key_is_refused_with_both_pins_and_no_identity_is_stored() throws Exception {
        try (var server = HttpsPeer.start(root.resolve("server.p12"))) {
            int code = main(
                    Map.of(),
                    "enroll",
                    "--server=" + server.url(),
                    "--token=T",
                    "--state-dir=" + root + "/state",
                    "--pin",
                    "0".repeat(64),
                    "--pin",
                    "1".repeat(64));

            assertThat(code).isEqualTo(1);
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .contains(server.keyPin(), "0".repeat(64) + " or " + "1".repeat(64), "doctor")
                    .doesNotContain("Exception");
            assertThat(root.resolve("state/identity.json")).doesNotExist();
        }
    }

    @Test
    void root_writes_nothing_to_another_users_directory() throws Exception {
        Assumptions.assumeTrue(Integer.valueOf(0).equals(Files.getAttribute(root, "unix:uid")), "needs root");
        var state = Files.createDirectories(root.resolve("state"));
        var elsewhere = Files.writeString(root.resolve("elsewhere"), "root's");
        Files.createSymbolicLink(state.resolve(".identity.json.tmp"), elsewhere);
        Files.writeString(
                state.resolve("identity.json"),
                "{\"host_id\":\"" + HOST + "\",\"hostname\":\"web\",\"server\":\"https://nas\",\"private_key\":\"x\"}");
        Files.setOwner(
                state, root.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));

        assertThat(main(Map.of(), "trust", "--pin", "0".repeat(64), "--state-dir", state.toString()))
                .isNotZero();

        assertThat(err.toString(StandardCharsets.UTF_8)).contains("runuser -u nobody");
        assertThat(elsewhere).hasContent("root's");
    }

    @Test
    void the_trust_command_makes_the_agent_trust_another_key() throws Exception {
        try (var server = HttpsPeer.start(root.resolve("server.p12"))) {
            var state = Files.createDirectories(root.resolve("state"));
            Files.writeString(
                    state.resolve("identity.json"),
                    "{\"host_id\":\"" + HOST + "\",\"hostname\":\"web\",\"server\":\"" + server.url()
                            + "\",\"private_key\":\"x\",\"pin\":\"" + "0".repeat(64) + "\"}");
            main(Map.of(), "doctor", "--state-dir", state.toString());
            assertThat(out.toString(StandardCharsets.UTF_8))
                    .contains("PROBLEM  server: the server shows the key " + server.keyPin())
                    .contains("trust --pin " + server.keyPin());
            assertThat(main(Map.of(), "trust", "--state-dir", state.toString())).isEqualTo(2);

            assertThat(main(Map.of(), "trust", "--pin", server.keyPin(), "--state-dir", state.toString()))
                    .as(err::toString)
                    .isZero();

            assertThat(state.resolve("identity.json"))
                    .content()
                    .contains("\"private_key\":\"x\"", "\"pin\":\"" + server.keyPin());
            out.reset();
            main(Map.of(), "doctor", "--state-dir", state.toString());
            assertThat(out.toString(StandardCharsets.UTF_8)).contains("server: " + server.url() + " answers HTTP 204");
        }
    }

    private int main(Map<String, String> environment, String... arguments) {
        var all = new java.util.HashMap<>(environment);
        all.put("PATH", "/usr/bin:/bin");
        return Main.command(
                List.of(arguments),
                all,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }
}
