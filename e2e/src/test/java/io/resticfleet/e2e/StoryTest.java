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

/** The main story, with every restic there is. */
class StoryTest {

    @RegisterExtension
    static final Fleet FLEET = new Fleet();

    static Stream<Restic> restics() {
        return Restic.all().stream();
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_machine_joins_is_backed_up_and_its_files_come_back_as_they_were(Restic restic) throws Exception {
        var source = Sources.awkward(FLEET.place("-files ünï 日本"));
        var machine = FLEET.machine(restic, source).join();
        var server = FLEET.server();

        var job = server.ended(server.run(machine.host()));

        assertThat(job.path("status").asText())
                .as(server.jobLog(job.path("id").asText()))
                .isEqualTo("succeeded");
        assertThat(job.path("trigger").asText()).isEqualTo("manual");
        assertThat(job.path("exit_code").asInt(-1)).isZero();
        eventually(() -> assertThat(told(machine)).hasSize(1).isEqualTo(held(machine)));
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
        return machine.place().resolve("restored");
    }

    /** What the server says is in the repository. */
    private static List<List<Object>> told(Fleet.Machine machine) throws Exception {
        return essentials(FLEET.server().items("/api/hosts/" + machine.host() + "/snapshots"));
    }

    /** What is in it. */
    private static List<List<Object>> held(Fleet.Machine machine) throws Exception {
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
