package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The main story, with every available restic. */
class StoryTest {

    @RegisterExtension
    static final Fleet FLEET = new Fleet();

    static Stream<Restic> restics() {
        return Restic.all().stream();
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_machine_is_enrolled_backed_up_and_restored_unchanged(Restic restic) throws Exception {
        var source = Sources.awkward(FLEET.directory("-files ünï 日本"));
        var machine = FLEET.machine(restic, source).join();
        var server = FLEET.server();

        var job = server.awaitEnd(server.run(machine.host()));

        assertThat(job.path("status").asText())
                .as(server.jobLog(job.path("id").asText()))
                .isEqualTo("succeeded");
        assertThat(job.path("trigger").asText()).isEqualTo("manual");
        assertThat(job.path("exit_code").asInt(-1)).isZero();
        eventually(() -> assertThat(shown(machine)).hasSize(1).isEqualTo(stored(machine)));
        var snapshot = machine.restic().snapshots().get(0);
        assertThat(snapshot.path("id").asText())
                .startsWith(job.path("snapshot_id").asText());
        assertThat(snapshot.path("hostname").asText()).isEqualTo(machine.name());
        assertThat(texts(snapshot.path("tags")))
                .contains("schedule:" + job.path("schedule_id").asText());
        machine.restic()
                .succeed("restore", "latest", "--target", restored(machine).toString());
        Sources.assertSame(source, Path.of(restored(machine).toString(), source.toString()));
        assertThat(machine.restic().locks()).isEmpty();
        assertThat(server.get("/api/hosts/" + machine.host())
                        .path("restic_version")
                        .asText())
                .isEqualTo(restic.version());
    }

    private static Path restored(Fleet.Machine machine) {
        return machine.directory().resolve("restored");
    }

    /** The snapshots shown by the server. */
    private static List<List<Object>> shown(Fleet.Machine machine) throws Exception {
        return essentials(FLEET.server().items("/api/hosts/" + machine.host() + "/snapshots"));
    }

    /** The snapshots in the repository. */
    private static List<List<Object>> stored(Fleet.Machine machine) throws Exception {
        return essentials(machine.restic().snapshots());
    }

    private static List<List<Object>> essentials(List<JsonNode> snapshots) {
        return snapshots.stream()
                .map(snapshot -> List.<Object>of(
                        snapshot.path("id").asText(),
                        texts(snapshot.path("paths")),
                        texts(snapshot.path("tags")),
                        snapshot.path("hostname").asText()))
                .toList();
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(item -> texts.add(item.asText()));
        return texts.stream().sorted().toList();
    }
}
