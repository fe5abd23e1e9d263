package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is in snapshots, as a real agent and a real restic list it for the server. */
class BrowseTest {

    @RegisterExtension
    static final Fleet FLEET = new Fleet();

    static Stream<Restic> restics() {
        return Restic.edges();
    }

    @ParameterizedTest
    @MethodSource("restics")
    void files_are_browsed_found_compared_and_downloaded_also_while_the_machine_is_off(Restic restic) throws Exception {
        var source = FLEET.directory("source");
        Files.createDirectories(source.resolve("docs/old"));
        Files.writeString(source.resolve("docs/report [1].txt"), "first");
        Files.writeString(source.resolve("docs/old/line\nbreak"), "odd");
        Files.createSymbolicLink(source.resolve("docs/latest"), Path.of("report [1].txt"));
        var machine = FLEET.machine(restic, source).join();
        var server = FLEET.server();
        server.awaitEnd(server.run(machine.host()));
        Files.writeString(source.resolve("docs/report [1].txt"), "second one");
        Files.delete(source.resolve("docs/old/line\nbreak"));
        server.awaitEnd(server.run(machine.host()));
        eventually(() -> assertThat(versions(machine, source).path("items")).hasSize(2));
        eventually(() -> assertThat(find(machine, "REPORT").path("items")).hasSize(1));
        var snapshots = server.items("/api/hosts/" + machine.host() + "/snapshots");
        var newest = "/api/snapshots/" + snapshots.get(0).path("id").asText();
        var oldest = snapshots.get(1).path("id").asText();

        var report = encoded(source.resolve("docs/report [1].txt"));
        assertThat(server.request("GET", newest + "/download?path=" + report, null)
                        .text())
                .isEqualTo("second one");
        assertThat(server.request("GET", newest + "/download?format=tar&path=" + encoded(source), null)
                        .text())
                .contains("second one", "ustar");
        machine.agent().stop();

        assertThat(names(server.get(newest + "/tree"))).containsExactly("docs");
        assertThat(names(server.get(newest + "/tree?path=" + encoded(source.resolve("docs")))))
                .containsExactly("latest", "old", "report [1].txt");
        var old = server.get("/api/snapshots/" + oldest + "/tree?path=" + encoded(source.resolve("docs/old")));
        assertThat(names(old)).containsExactly("line\nbreak");
        var diff = server.get("/api/snapshots/" + oldest + "/diff/" + newest.replaceAll(".*/", ""));
        assertThat(diff.path("added_bytes").asInt()).isEqualTo(10);
        assertThat(diff.path("removed_bytes").asInt()).isEqualTo(8);
        assertThat(diff.path("items")).hasSize(2);
        assertThat(server.request("GET", newest + "/download?path=" + report, null)
                        .status())
                .isEqualTo(409);
    }

    private static JsonNode versions(Fleet.Machine machine, Path source) throws Exception {
        return FLEET.server()
                .get("/api/hosts/" + machine.host() + "/versions?path="
                        + encoded(source.resolve("docs/report [1].txt")));
    }

    private static JsonNode find(Fleet.Machine machine, String query) throws Exception {
        return FLEET.server().get("/api/find?q=" + query + "&host=" + machine.host());
    }

    private static String encoded(Path path) {
        return URLEncoder.encode(path.toString(), StandardCharsets.UTF_8);
    }

    private static List<String> names(JsonNode listing) {
        var names = new ArrayList<String>();
        listing.path("entries").forEach(entry -> names.add(entry.path("name").asText()));
        return names;
    }
}
