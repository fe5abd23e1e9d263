package io.resticfleet.server.tree;

import static io.resticfleet.server.Eventually.eventually;
import static io.resticfleet.server.tree.ListingAgent.id;
import static io.resticfleet.server.tree.ListingAgent.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.PageClient;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Files that are found by their names. */
class FindTest {

    private static final String OLD = id("aaaa0001");
    private static final String NEW = id("bbbb0002");

    @RegisterExtension
    final TestServer server = new TestServer();

    private ListingAgent web;

    @BeforeEach
    void index() throws Exception {
        web = ListingAgent.connect(server, "web");
        web.report(
                snapshot(OLD, server.now().minus(Duration.ofDays(1)), "web", id("a1"), "/srv"),
                snapshot(NEW, server.now(), "web", id("b2"), "/srv"));
        web.answer(files().file("/srv/docs/Report 2025.pdf", 22).without("/srv/docs/gone.txt"), id("b2"));
        web.answer(files(), id("a1"));
        eventually(() -> assertThat(find("docs").path("incomplete").asBoolean()).isFalse());
    }

    private static SampleListing files() {
        var odd = SnapshotPath.of(List.of(RawText.of("srv"), RawText.of(new byte[] {'o', 'd', 'd', (byte) 0xff})));
        return new SampleListing()
                .file("/srv/docs/Report 2025.pdf", 11)
                .file("/srv/docs/gone.txt", 5)
                .file("/srv/docs/Übersicht.ODT", 6)
                .file("/srv/nginx/sites/default", 7)
                .file("/srv/nginx/default", 8)
                .file("/srv/a", 9)
                .file(odd, 10, 1);
    }

    private JsonNode find(String query) throws Exception {
        return server.api()
                .get("/api/find?q=" + URLEncoder.encode(query, StandardCharsets.UTF_8))
                .json();
    }

    private List<String> paths(String query) throws Exception {
        var paths = new ArrayList<String>();
        find(query).path("items").forEach(item -> paths.add(item.path("path").asText()));
        return paths;
    }

    @Test
    void a_part_of_a_name_finds_it_with_its_versions_and_snapshots() throws Exception {
        var report = find("rEPort").at("/items/0");
        assertThat(report.path("path").asText()).isEqualTo("/srv/docs/Report 2025.pdf");
        assertThat(report.path("host_id").asText()).isEqualTo(web.host.hostId());
        assertThat(report.path("size").asInt()).isEqualTo(22);
        assertThat(report.path("versions").asInt()).isEqualTo(2);
        assertThat(report.path("first_snapshot_id").asText()).isEqualTo(OLD);
        assertThat(report.path("last_snapshot_id").asText()).isEqualTo(NEW);
        var gone = find("gone").at("/items/0");
        assertThat(gone.path("versions").asInt()).isEqualTo(1);
        assertThat(gone.path("last_snapshot_id").asText()).isEqualTo(OLD);
        assertThat(paths("übersicht")).containsExactly("/srv/docs/Übersicht.ODT");
        assertThat(paths("odd")).containsExactly("/srv/odd\ufffd");
        assertThat(find("odd").at("/items/0/path_base64").asText()).isNotEmpty();
        assertThat(paths("nowhere")).isEmpty();
    }

    @Test
    void patterns_match_whole_names_and_a_slash_makes_the_path_count() throws Exception {
        assertThat(paths("*.pdf")).containsExactly("/srv/docs/Report 2025.pdf");
        assertThat(paths("report")).hasSize(1);
        assertThat(paths("repor?")).isEmpty();
        assertThat(paths("[g-h]one.t*")).containsExactly("/srv/docs/gone.txt");
        assertThat(paths("default")).containsExactlyInAnyOrder("/srv/nginx/default", "/srv/nginx/sites/default");
        assertThat(paths("nginx/def")).containsExactly("/srv/nginx/default");
        assertThat(paths("/srv/nginx")).containsExactly("/srv/nginx");
        assertThat(paths("/srv/**/*.txt")).containsExactly("/srv/docs/gone.txt");
        assertThat(paths("/srv/*/default")).containsExactly("/srv/nginx/default");
        assertThat(paths("a")).contains("/srv/a", "/srv/nginx/default"); // too few letters for the index
        for (var bad : List.of("", "/", "x".repeat(300))) {
            assertThat(server.api().get("/api/find?q=" + bad).outcome()).isEqualTo("400 invalid_query");
        }
        assertThat(server.api().get("/api/find?q=abc&cursor=x").outcome()).isEqualTo("400 invalid_cursor");
        assertThat(server.api().get("/api/find?q=abc&host=x").outcome()).isEqualTo("404 not_found");
        assertThat(find("\"AND OR NOT*").path("items")).isEmpty();
    }

    @Test
    void names_that_are_left_out_as_there_are_too_many_are_said_to_be() throws Exception {
        var nas = ListingAgent.connect(server, "nas");
        var many = new SampleListing().file("/other/small", 1);
        IntStream.range(0, 2_500).forEach(i -> many.file("/data/" + "a".repeat(4_000) + i, 1));
        nas.report(snapshot(id("cccc0003"), server.now(), "nas", id("c3"), "/data"));
        nas.answer(many, id("c3"));

        eventually(() -> assertThat(paths("small")).containsExactly("/other/small"));
        assertThat(find("small").path("incomplete").asBoolean()).isTrue();
        assertThat(server.api()
                        .get("/api/find?q=report&host=" + web.host.hostId())
                        .json()
                        .path("incomplete")
                        .asBoolean())
                .isFalse();
        assertThat(PageClient.signedIn(server)
                        .open("/hosts/" + nas.host.hostId() + "/files?q=small")
                        .text("main"))
                .contains("The names of some snapshots are not known yet, so that there may be more.");
    }

    @Test
    void what_is_found_comes_in_pages_of_one_host_or_of_all() throws Exception {
        var nas = ListingAgent.connect(server, "nas");
        var many = new SampleListing();
        IntStream.range(0, 1_500).forEach(i -> many.file("/data/photo-%04d.jpg".formatted(i), i));
        nas.report(snapshot(id("cccc0003"), server.now(), "nas", id("c3"), "/data"));
        nas.answer(many, id("c3"));
        var ofNas = "&host=" + nas.host.hostId();
        eventually(
                () -> assertThat(find("photo").path("incomplete").asBoolean()).isFalse());

        var all = new ArrayList<String>();
        for (var cursor = ""; cursor != null; ) {
            var page = server.api()
                    .get("/api/find?q=PHOTO&limit=100" + ofNas + cursor)
                    .json();
            page.path("items").forEach(item -> all.add(item.path("path").asText()));
            cursor = page.path("next_cursor").isTextual()
                    ? "&cursor=" + page.path("next_cursor").asText()
                    : null;
        }
        assertThat(all).hasSize(1_500).doesNotHaveDuplicates();
        assertThat(server.api().get("/api/find?q=report" + ofNas).json().path("items"))
                .isEmpty();
        nas.report();
        eventually(() -> assertThat(paths("photo-0001").size()).isZero());
    }
}
