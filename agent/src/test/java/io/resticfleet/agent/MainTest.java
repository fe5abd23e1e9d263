package io.resticfleet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {

    @TempDir
    Path root;

    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void help_names_every_option() {
        assertThat(main(Map.of(), "--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("--server", "--token", "--pin", "--state-dir", "--allow-hooks", "RESTIC_FLEET_RESTIC");
    }

    @Test
    void every_mistake_is_named_at_once() {
        int code = main(Map.of("RESTIC_FLEET_RESTICC", "x"), "enroll", "--server", "ftp://x", "--pin", "12", "--what");

        assertThat(code).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains(
                        "RESTIC_FLEET_RESTICC is not a setting",
                        "--server: ",
                        "--pin: ",
                        "--token is missing",
                        "'--what'");
    }

    @Test
    void running_before_enrolling_says_what_to_do() {
        assertThat(main(Map.of(), "run", "--state-dir", root + "/state")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("not enrolled")
                .contains("enroll --server");
    }

    @Test
    void enrolling_again_after_the_answer_was_lost_shows_the_same_key() throws Exception {
        var bodies = new CopyOnWriteArrayList<String>();
        try (var server = new FakeServer()) {
            server.answerPosts("201 Created", body -> {
                bodies.add(body);
                return bodies.size() == 1 ? "{\"host_id\":" : "{\"host_id\":\"H1\",\"hostname\":\"web-01\"}";
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
            server.answerPosts("201 Created", body -> "{\"host_id\":\"H1\",\"hostname\":\"web-01\",\"more\":1}");
            var arguments = List.of("enroll", "--server", server.url(), "--token", "T", "--state-dir", root + "/state");

            assertThat(main(Map.of(), arguments.toArray(String[]::new)))
                    .as(err::toString)
                    .isZero();
            assertThat(out.toString(StandardCharsets.UTF_8)).contains("Enrolled as web-01", "Next: run");
            var identity = Files.readString(root.resolve("state/identity.json"));
            assertThat(identity).contains("\"host_id\":\"H1\"");

            assertThat(main(Map.of(), arguments.toArray(String[]::new))).isEqualTo(1);
            assertThat(err.toString(StandardCharsets.UTF_8)).contains("enrolled already");
            assertThat(root.resolve("state/identity.json")).hasContent(identity);
        }
    }

    @Test
    void a_refused_enrolment_says_what_the_server_said() throws Exception {
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
    void the_doctor_finds_what_is_wrong_and_says_what_to_do() throws Exception {
        try (var server = new FakeServer()) {
            server.answerPosts("201 Created", body -> "{\"host_id\":\"H1\",\"hostname\":\"web-01\"}");
            main(Map.of(), "enroll", "--server", server.url(), "--token", "T", "--state-dir", root + "/state");
            out.reset();

            assertThat(main(Map.of(), "doctor", "--state-dir", root + "/state")).isEqualTo(1);
            assertThat(out.toString(StandardCharsets.UTF_8))
                    .contains("OK       restic: 0.14.0", "OK       server: ", "PROBLEM  repository: ");
        }
    }

    @Test
    void a_damaged_identity_is_left_as_it_is() throws Exception {
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

        assertThat(err.toString(StandardCharsets.UTF_8)).contains("cannot be understood");
        assertThat(file).hasContent("{\"host_id\":");
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
