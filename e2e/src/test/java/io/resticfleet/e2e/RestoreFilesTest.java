package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Files of a snapshot come back through the API: on the same machine, in place with its owner's approval, and elsewhere. */
@Tag("slow")
class RestoreFilesTest {

    @RegisterExtension
    static final Fleet FLEET = new Fleet();

    private static final Map<String, ?> NEW_FOLDER = Map.of("kind", "new_folder");

    @Test
    void lost_files_come_back_on_their_machine_and_on_another_one_while_that_is_off() throws Exception {
        Assumptions.assumeFalse(Restic.newest().version().startsWith("0.14"), "in place needs restic 0.17");
        var source = Sources.awkward(FLEET.directory("-files ünï 日本"));
        var kept = Sources.small(FLEET.directory("kept"));
        var url = restServer(FLEET.directory("rest server"));
        var machine = FLEET.machine(Restic.newest(), source, kept)
                .repository("url", url)
                .join();
        var server = FLEET.server();
        server.awaitEnd(server.run(machine.host()));
        eventually(() -> assertThat(server.items("/api/hosts/" + machine.host() + "/snapshots"))
                .hasSize(1));
        var snapshot = server.items("/api/hosts/" + machine.host() + "/snapshots")
                .get(0)
                .path("id")
                .asText();

        var restored = succeeded(post(snapshot, machine.host(), source, NEW_FOLDER, 202));
        var folder = Path.of(restored.at("/stats/target").asText());
        assertThat(folder.getParent()).isEqualTo(machine.stateDir().resolve("restores"));
        Sources.assertSame(source, Path.of(folder.toString(), source.toString()));

        var lost = Files.walk(kept).filter(Files::isRegularFile).findFirst().orElseThrow();
        var content = Files.readAllBytes(lost);
        Files.delete(lost);
        var inPlace = Map.of("kind", "in_place");
        var code = post(snapshot, machine.host(), lost, inPlace, 409)
                .path("approve_code")
                .asText();
        machine.agent().startedBy(List.of("/bin/sh", "-c", "echo yes | \"$@\"", "sh"));
        var approval = machine.agent().command("approve", List.of(code));
        machine.agent().startedBy(List.of());
        assertThat(approval.output()).contains(lost.toString(), "Allowed");
        succeeded(post(snapshot, machine.host(), lost, inPlace, 202));
        assertThat(lost).hasBinaryContent(content);
        post(snapshot, machine.host(), lost, inPlace, 409);

        var other = FLEET.machine(Restic.newest(), kept).repository("url", url).join();
        machine.agent().stop();
        var elsewhere = succeeded(post(snapshot, other.host(), source, NEW_FOLDER, 202));
        Sources.assertSame(source, Path.of(elsewhere.at("/stats/target").asText(), source.toString()));
    }

    /** Without a password. */
    private static String restServer(Path directory) throws Exception {
        var programs = Restic.tools("rest-server-", "rest-server");
        Assumptions.assumeFalse(programs.isEmpty(), "no rest-server");
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
                        "--no-auth")));
        eventually(() -> {
            assertThat(program.alive()).as(program.log()).isTrue();
            new Socket("127.0.0.1", port).close();
        });
        return "rest:http://127.0.0.1:" + port + "/";
    }

    private static JsonNode post(String snapshot, String host, Path path, Map<String, ?> target, int status)
            throws Exception {
        var answer = FLEET.server()
                .request(
                        "POST",
                        "/api/restores",
                        Map.of(
                                "snapshot_id",
                                snapshot,
                                "host_id",
                                host,
                                "paths",
                                List.of(path.toString()),
                                "target",
                                target));
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        return answer.body();
    }

    private static JsonNode succeeded(JsonNode started) throws Exception {
        var id = started.path("job_id").asText();
        var job = FLEET.server().awaitEnd(id);
        assertThat(job.path("status").asText())
                .as(job + FLEET.server().jobLog(id))
                .isEqualTo("succeeded");
        return job;
    }
}
