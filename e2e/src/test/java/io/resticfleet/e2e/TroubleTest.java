package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Trouble on machines: the job reports it, the agent survives, and once it is fixed the next run succeeds. */
@Order(1)
class TroubleTest {

    @RegisterExtension
    static final Fleet FLEET = new Fleet();

    static Stream<Restic> restics() {
        return Restic.edges();
    }

    @Test
    void a_missing_restic_is_reported_until_it_is_installed() throws Exception {
        var restic = Restic.newest();
        var program = FLEET.directory("programs").resolve("restic");
        var machine = FLEET.machine(restic, source()).program(program).join();

        var job = run(machine);

        assertFailed(machine, job, "restic_missing", "restic not found at " + program);
        Files.createSymbolicLink(program, restic.file());
        assertSucceeded(run(machine));
    }

    @Test
    void an_unreachable_backup_server_is_reported_at_once() throws Exception {
        int closed;
        try (var socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        var machine = FLEET.machine(Restic.newest(), source())
                .repository("url", "rest:http://127.0.0.1:" + closed + "/web/")
                .join();

        assertFailed(machine, run(machine), "network", "unreachable: 127.0.0.1:" + closed);

        var elsewhere = Map.of(
                "repository", Map.of("url", machine.directory().resolve("r").toString()));
        var change = FLEET.server().request("PATCH", "/api/hosts/" + machine.host(), elsewhere);
        assertSucceeded(
                FLEET.server().awaitEnd(change.body().path("pending_job_id").asText()));
        assertSucceeded(run(machine));
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_wrong_repository_password_is_reported_until_it_is_corrected(Restic restic) throws Exception {
        var machine = FLEET.machine(restic, source()).join();
        var url = machine.repository().toString();
        restic.on(machine.directory(), url, "the-right-one").init();

        assertFailed(machine, run(machine), "wrong_password", "password");

        var right = Map.of("repository", Map.of("url", url, "repo_password", "the-right-one"));
        var change = FLEET.server().request("PATCH", "/api/hosts/" + machine.host(), right);
        assertSucceeded(
                FLEET.server().awaitEnd(change.body().path("pending_job_id").asText()));
        assertSucceeded(run(machine));
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_backup_waits_for_a_locked_repository(Restic restic) throws Exception {
        var machine = FLEET.machine(restic, source()).join();
        assertSucceeded(run(machine));
        var prune = Prune.start(FLEET, machine);

        var job = FLEET.server().run(machine.host());

        eventually(() -> assertThat(FLEET.server().jobLog(job)).contains("locked"));
        machine.agent().assertAlive();
        prune.release();
        assertSucceeded(FLEET.server().awaitEnd(job));
    }

    @Test
    void a_stale_lock_is_removed_by_an_unlock() throws Exception {
        var machine = FLEET.machine(Restic.newest(), source()).join();
        assertSucceeded(run(machine));
        Prune.start(FLEET, machine).kill();
        var waiting = FLEET.server().run(machine.host());
        eventually(() -> assertThat(FLEET.server().jobLog(waiting)).contains("locked"));
        FLEET.server().post("/api/jobs/" + waiting + "/cancel", Map.of());
        assertThat(FLEET.server().awaitEnd(waiting).path("error_code").asText()).isEqualTo("cancelled");

        var unlock = FLEET.server()
                .post("/api/hosts/" + machine.host() + "/jobs", Map.of("kind", "unlock"))
                .path("job_id")
                .asText();

        assertSucceeded(FLEET.server().awaitEnd(unlock));
        assertThat(machine.restic().locks()).isEmpty();
        assertSucceeded(run(machine));
    }

    @ParameterizedTest
    @MethodSource("restics")
    void missing_paths_make_a_backup_partial_or_failed(Restic restic) throws Exception {
        var gone = FLEET.directory("gone").resolve("never was");
        var machine = FLEET.machine(restic, source(), gone).join();

        var some = run(machine);

        assertThat(some.path("status").asText()).as(log(some)).isEqualTo("partial");
        assertThat(some.path("error").asText()).contains(gone.toString());
        assertThat(some.path("error_code").asText()).isEqualTo("path_missing");
        assertThat(some.path("snapshot_id").asText()).isNotEmpty();
        var nothing = FLEET.server().schedule(machine.host(), Sources.manual("nothing", 0, List.of(gone)));
        var none = FLEET.server().awaitEnd(FLEET.server().runSchedule(machine.host(), nothing));
        assertFailed(machine, none, "path_missing", gone.toString());
        assertThat(machine.restic().snapshots()).hasSize(1);
    }

    @Test
    void a_repository_that_is_gone_is_not_created_again() throws Exception {
        var machine = FLEET.machine(Restic.newest(), source()).join();
        assertSucceeded(run(machine));
        var aside = machine.directory().resolve("unmounted");
        Files.move(machine.repository(), aside);

        assertFailed(machine, run(machine), "repository_gone", "is now missing");

        assertThat(machine.repository()).doesNotExist();
        Files.move(aside, machine.repository());
        assertSucceeded(run(machine));
    }

    @Test
    void a_locale_that_cannot_encode_paths_is_reported() throws Exception {
        var source = Sources.small(FLEET.directory("files of Jürgen"));
        var machine = FLEET.machine(Restic.newest(), source).enrol();
        machine.agent().locale("POSIX");
        machine.agent().start();
        FLEET.server().awaitOnline(machine.host());

        assertFailed(machine, run(machine), "locale", "locale");

        machine.agent().stop();
        FLEET.server().awaitStatus(machine.host(), "offline");
        machine.agent().locale("C.UTF-8");
        machine.agent().start();
        FLEET.server().awaitOnline(machine.host());
        assertSucceeded(run(machine));
    }

    private static Path source() throws Exception {
        return Sources.small(FLEET.directory("files"));
    }

    private static JsonNode run(Fleet.Machine machine) throws Exception {
        return FLEET.server().awaitEnd(FLEET.server().run(machine.host()));
    }

    private static void assertFailed(Fleet.Machine machine, JsonNode job, String code, String words) throws Exception {
        assertThat(job.path("status").asText()).as(log(job)).isEqualTo("failed");
        assertThat(job.path("error").asText()).contains(words);
        assertThat(job.path("error_code").asText()).isEqualTo(code);
        assertThat(log(job)).contains(words);
        machine.agent().assertAlive();
    }

    private static void assertSucceeded(JsonNode job) throws Exception {
        assertThat(job.path("status").asText()).as(log(job)).isEqualTo("succeeded");
    }

    private static String log(JsonNode job) throws Exception {
        return FLEET.server().jobLog(job.path("id").asText());
    }
}
