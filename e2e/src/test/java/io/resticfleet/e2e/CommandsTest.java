package io.resticfleet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Commands other than serve and run. */
class CommandsTest {

    @RegisterExtension
    static final Fleet FLEET = new Fleet();

    @Test
    void both_jars_print_their_version_and_their_options() throws Exception {
        assertThat(server("version").output()).startsWith("restic-fleet ");
        assertThat(agent(Map.of(), "version").output()).startsWith("restic-fleet-agent ");
        assertThat(server("--help").output())
                .contains("serve", "backup FILE", "restore FILE", "reset-password USER", "doctor", "--listen")
                .contains("RESTIC_FLEET_DATA_DIR");
        assertThat(agent(Map.of(), "--help").output())
                .contains("enroll", "run", "doctor", "--state-dir", "RESTIC_FLEET_RESTIC");
    }

    @Test
    void both_jars_list_what_they_contain_with_its_licence() throws Exception {
        for (var file : List.of(ServerProcess.JAR, AgentProcess.JAR)) {
            try (var jar = new JarFile(file.toFile())) {
                var bom = jar.getEntry("META-INF/sbom/bom.json");
                Assumptions.assumeTrue(bom != null, "the Maven plugin makes it only if it is online");
                var shipped =
                        new ObjectMapper().readTree(jar.getInputStream(bom)).path("components");
                assertThat(shipped)
                        .extracting(each -> each.path("name").asText())
                        .contains("jackson-core", "cron4j");
                assertThat(shipped)
                        .filteredOn(each -> !each.path("group").asText().equals("io.resticfleet"))
                        .allSatisfy(each -> assertThat(each.path("licenses"))
                                .as(each.toString())
                                .isNotEmpty())
                        .allSatisfy(each -> assertThat(licenceTexts(jar, each))
                                .as(each.toString())
                                .isNotEmpty());
                assertThat(new String(
                                jar.getInputStream(jar.getEntry("META-INF/NOTICE"))
                                        .readAllBytes(),
                                StandardCharsets.UTF_8))
                        .contains("Tatu Saloranta");
            }
        }
    }

    /** Texts named after a library, or after a licence of it that needs no copyright notice of its own. */
    private static List<String> licenceTexts(JarFile jar, JsonNode component) {
        var licences = component.path("licenses").findValuesAsText("id");
        return jar.stream()
                .map(JarEntry::getName)
                .filter(name -> name.startsWith("META-INF/licenses/") && name.endsWith(".txt"))
                .map(name -> name.substring("META-INF/licenses/".length(), name.length() - ".txt".length()))
                .filter(text -> component.path("name").asText().startsWith(text.replaceFirst("-[^-]*(-[0-9.]+)?$", ""))
                        || licences.contains(text))
                .toList();
    }

    @Test
    void unknown_options_and_settings_are_all_reported_at_once() throws Exception {
        var server = Program.run(
                FLEET.directory("wrong"),
                Map.of("RESTIC_FLEET_COLOUR", "red"),
                Program.java(ServerProcess.JAR, List.of("serve", "--lissten", "x")));
        assertThat(server.status()).as(server.output()).isEqualTo(2);
        assertThat(server.output()).contains("--lissten", "RESTIC_FLEET_COLOUR");

        var agent = agent(Map.of("RESTIC_FLEET_COLOUR", "red"), "run", "--statedir", "x");
        assertThat(agent.status()).as(agent.output()).isEqualTo(2);
        assertThat(agent.output()).contains("--statedir", "RESTIC_FLEET_COLOUR");

        assertThat(server("dance").status()).isEqualTo(2);
        assertThat(agent(Map.of(), "dance").status()).isEqualTo(2);
    }

    @Test
    void an_agent_that_is_not_enrolled_explains_what_to_do() throws Exception {
        var state = FLEET.directory("empty").resolve("state").toString();

        var run = agent(Map.of(), "run", "--state-dir", state);
        var doctor = agent(Map.of(), "doctor", "--state-dir", state);

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.output()).contains("not enrolled", "enroll --server");
        assertThat(doctor.status()).isEqualTo(1);
        assertThat(doctor.output()).contains("enroll");
    }

    @Test
    void a_second_server_on_the_same_data_is_refused() throws Exception {
        var second = server("serve", "--listen", "127.0.0.1:0", "--data-dir", dataDir());

        assertThat(second.status()).isEqualTo(1);
        assertThat(second.output()).contains(dataDir()).doesNotContain("\tat ");
    }

    @Test
    void a_second_agent_on_the_same_state_is_refused_and_the_doctor_reports_no_problem() throws Exception {
        var machine = FLEET.machine(Restic.newest(), Sources.small(FLEET.directory("files")))
                .join();
        assertThat(FLEET.server()
                        .awaitEnd(FLEET.server().run(machine.host()))
                        .path("status")
                        .asText())
                .isEqualTo("succeeded");

        var second = machine.agent().command("run", List.of());
        assertThat(second.status()).isEqualTo(1);
        assertThat(second.output()).contains("running").doesNotContain("\tat ");
        var doctor = machine.agent().command("doctor", List.of());
        assertThat(doctor.status()).as(doctor.output()).isZero();
    }

    @Test
    void a_copy_of_the_database_can_be_restored() throws Exception {
        var directory = FLEET.directory("restored");
        var copy = directory.resolve("copy.db");
        FLEET.server().post("/api/tokens", Map.of("name", "kept-by-the-copy"));
        var elsewhere = directory.resolve("data");

        var backup = server("backup", copy.toString(), "--data-dir", dataDir());
        assertThat(backup.status()).as(backup.output()).isZero();
        Files.createDirectories(
                elsewhere, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.copy(Path.of(dataDir(), "secret.key"), elsewhere.resolve("secret.key"));
        var restore = server("restore", copy.toString(), "--data-dir", elsewhere.toString());
        assertThat(restore.status()).as(restore.output()).isZero();

        var doctor = server("doctor", "--data-dir", elsewhere.toString());
        assertThat(doctor.status()).as(doctor.output()).isZero();
        var refused = server("restore", copy.toString(), "--data-dir", dataDir());
        assertThat(refused.status()).as(refused.output()).isEqualTo(1);
    }

    @Test
    void a_password_can_be_reset_while_the_server_runs() throws Exception {
        var command = Program.java(ServerProcess.JAR, List.of("reset-password", "admin", "--data-dir", dataDir()));
        var typed = new ArrayList<>(List.of("/bin/sh", "-c", "echo another-long-pass-phrase | \"$@\"", "sh"));
        typed.addAll(command);

        var reset = Program.run(FLEET.directory("reset"), Map.of(), typed);

        assertThat(reset.status()).as(reset.output()).isZero();
        var login = Map.of("username", "admin", "password", "another-long-pass-phrase");
        assertThat(FLEET.server().request("POST", "/api/auth/login", login).status())
                .isEqualTo(200);
        assertThat(server("reset-password", "nobody", "--data-dir", dataDir()).status())
                .isEqualTo(1);
    }

    private static String dataDir() {
        return FLEET.server().dataDir().toString();
    }

    private static Program.Ended server(String... arguments) throws IOException, InterruptedException {
        return Program.run(FLEET.directory("console"), Map.of(), Program.java(ServerProcess.JAR, List.of(arguments)));
    }

    private static Program.Ended agent(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        return Program.run(FLEET.directory("console"), environment, Program.java(AgentProcess.JAR, List.of(arguments)));
    }
}
