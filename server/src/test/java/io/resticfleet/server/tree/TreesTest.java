package io.resticfleet.server.tree;

import static io.resticfleet.server.Eventually.eventually;
import static io.resticfleet.server.tree.ListingAgent.id;
import static io.resticfleet.server.tree.ListingAgent.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.TestServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the API shows of snapshots' files: from the index, and without it. */
class TreesTest {

    private static final String OLD = id("aaaa0001");
    private static final String NEW = id("bbbb0002");
    private static final String OLD_TREE = id("a1");
    private static final String NEW_TREE = id("b2");

    @RegisterExtension
    final TestServer server = new TestServer();

    private ListingAgent web;

    @BeforeEach
    void begin() throws Exception {
        web = ListingAgent.connect(server, "web");
    }

    private static SampleListing files() {
        return new SampleListing()
                .file("/etc/nginx/nginx.conf", 1_200)
                .file("/etc/passwd", 1_001)
                .link("/etc/mtab", "../proc/self/mounts")
                .directory("/etc/empty");
    }

    private void index(SampleListing files) throws Exception {
        web.report(snapshot(OLD, server.now(), "web", OLD_TREE, "/etc"));
        assertThat(web.answer(files, OLD_TREE).statusCode()).isEqualTo(204);
    }

    private ApiResponse tree(String query) throws Exception {
        return server.api().get("/api/snapshots/" + OLD.substring(0, 8) + "/tree" + query);
    }

    private static List<String> names(JsonNode answer) {
        var names = new ArrayList<String>();
        answer.path("entries").forEach(entry -> names.add(entry.path("name").asText()));
        return names;
    }

    @Test
    void a_snapshot_is_listed_once_and_then_shown_page_by_page_from_what_was_backed_up() throws Exception {
        index(files());

        var etc = tree("").json();
        assertThat(etc.path("path").asText()).isEqualTo("/etc");
        assertThat(etc.path("indexed").asBoolean()).isTrue();
        assertThat(names(etc)).containsExactly("empty", "mtab", "nginx", "passwd");
        assertThat(etc.at("/entries/3").toString())
                .contains("\"path\":\"/etc/passwd\"", "\"type\":\"file\"", "\"size\":1001", "\"mode\":\"0644\"")
                .contains("\"mtime\":\"2023-11-14T22:30:01.123456789Z\"", "\"user\":\"1000\"", "\"group\":\"root\"")
                .doesNotContain("base64", "link_target");
        assertThat(etc.at("/entries/1/link_target").asText()).isEqualTo("../proc/self/mounts");
        assertThat(names(tree("?path=/").json())).containsExactly("etc");
        assertThat(names(tree("?path=/etc/empty").json())).isEmpty();
        var first = tree("?limit=3").json();
        assertThat(names(first)).containsExactly("empty", "mtab", "nginx");
        assertThat(names(tree("?limit=3&cursor=" + first.path("next_cursor").asText())
                        .json()))
                .containsExactly("passwd");
        assertThat(tree("?path=/etc/passwd").outcome()).isEqualTo("409 not_a_directory");
        assertThat(tree("?path=/etc/shadow").outcome()).isEqualTo("404 not_found");
        assertThat(tree("?path=etc").outcome()).isEqualTo("400 invalid_path");
        assertThat(tree("?cursor=x").outcome()).isEqualTo("400 invalid_cursor");
    }

    @Test
    void names_that_are_no_text_and_large_directories_come_back_as_they_were() throws Exception {
        var odd = SnapshotPath.of(List.of(RawText.of("srv"), RawText.of(new byte[] {'a', '\n', (byte) 0xff, 'b'})));
        var long4k = "x".repeat(4_000);
        var files =
                new SampleListing().file(odd.child(RawText.of("in it")), 5, 1).file("/srv/" + long4k, 7);
        IntStream.range(0, 3_000).forEach(i -> files.file("/srv/many/file-%05d".formatted(i * 7), i));
        index(files);

        var srv = tree("?path=/srv").json();
        assertThat(srv.at("/entries/0/name").asText()).isEqualTo("a\n\ufffdb");
        var base64 = srv.at("/entries/0/path_base64").asText();
        assertThat(new SnapshotPath("/", java.util.Optional.of(base64))).isEqualTo(odd);
        assertThat(names(tree("?path_base64=" + URLEncoder.encode(base64, StandardCharsets.UTF_8))
                        .json()))
                .containsExactly("in it");
        assertThat(srv.at("/entries/2/name").asText()).isEqualTo(long4k);

        var all = new ArrayList<String>();
        for (var cursor = "0"; cursor != null; ) {
            var page = tree("?path=/srv/many&limit=1000&cursor=" + cursor).json();
            assertThat(page.path("total").asInt()).isEqualTo(3_000);
            all.addAll(names(page));
            cursor = page.path("next_cursor").textValue();
        }
        assertThat(all).hasSize(3_000).isSorted().doesNotHaveDuplicates().endsWith("file-20993");
        assertThat(versions("/srv/many/file-10500").at("/items/0/size").asInt()).isEqualTo(1_500);
        assertThat(versions("/srv/many/file-10501").path("items")).isEmpty();
    }

    private JsonNode versions(String path) throws Exception {
        return server.api()
                .get("/api/hosts/" + web.host.hostId() + "/versions?path=" + path)
                .json();
    }

    private void indexBoth() throws Exception {
        var older = snapshot(OLD, server.now().minus(Duration.ofDays(1)), "web", OLD_TREE, "/etc");
        web.report(older, snapshot(NEW, server.now(), "web", NEW_TREE, "/etc"));
        var newer =
                files().file("/etc/passwd", 2_002).file("/etc/nginx/new/a", 10).without("/etc/mtab");
        web.answer(newer, NEW_TREE); // the newest first
        web.answer(files(), OLD_TREE);
    }

    @Test
    void the_versions_of_a_file_are_those_that_differ_in_size_or_time() throws Exception {
        indexBoth();

        var passwd = versions("/etc/passwd");
        assertThat(passwd.path("items")).hasSize(2);
        assertThat(passwd.at("/items/0/size").asInt()).isEqualTo(2_002);
        assertThat(passwd.at("/items/0/snapshot_ids").toString()).isEqualTo("[\"" + NEW + "\"]");
        assertThat(passwd.at("/items/1/snapshot_ids/0").asText()).isEqualTo(OLD);
        assertThat(passwd.path("incomplete").asBoolean()).isFalse();
        assertThat(versions("/etc/nginx/nginx.conf").at("/items/0/snapshot_ids").toString())
                .isEqualTo("[\"" + NEW + "\",\"" + OLD + "\"]");
        assertThat(versions("/etc/shadow").path("items")).isEmpty();
        assertThat(server.api()
                        .get("/api/hosts/" + web.host.hostId() + "/versions")
                        .outcome())
                .isEqualTo("400 invalid_path");
    }

    @Test
    void two_snapshots_are_compared_with_their_sizes() throws Exception {
        indexBoth();

        var url = "/api/snapshots/" + OLD + "/diff/" + NEW;
        var diff = server.api().get(url).json();
        assertThat(diff.path("added_bytes").asInt()).isEqualTo(2_012);
        assertThat(diff.path("removed_bytes").asInt()).isEqualTo(1_001);
        var items = new ArrayList<String>();
        diff.path("items")
                .forEach(item -> items.add(item.path("change").asText() + " "
                        + item.path("path").asText() + " " + item.path("size_before") + " " + item.path("size_after")));
        assertThat(items)
                .containsExactly(
                        "removed /etc/mtab null null",
                        "added /etc/nginx/new null null",
                        "added /etc/nginx/new/a null 10",
                        "changed /etc/passwd 1001 2002");
        var paged = new ArrayList<String>();
        for (var cursor = ""; cursor != null; ) {
            var page = server.api().get(url + "?limit=1" + cursor).json();
            paged.add(page.at("/items/0/path").asText());
            assertThat(page.path("added_bytes").asInt()).isEqualTo(2_012);
            cursor = page.path("next_cursor").isTextual()
                    ? "&cursor=" + page.path("next_cursor").asText()
                    : null;
        }
        assertThat(paged).containsExactly("/etc/mtab", "/etc/nginx/new", "/etc/nginx/new/a", "/etc/passwd");
        assertThat(server.api()
                        .get("/api/snapshots/" + OLD + "/diff/" + OLD)
                        .json()
                        .path("items"))
                .isEmpty();
    }

    @Test
    void a_snapshot_with_the_same_files_is_not_listed_again_and_one_that_is_gone_is_forgotten() throws Exception {
        index(files());

        var same = snapshot(NEW, server.now(), "web", OLD_TREE, "/etc");
        web.report(same);

        eventually(() -> assertThat(server.api()
                        .get("/api/snapshots/" + NEW + "/diff/" + NEW)
                        .status())
                .isEqualTo(200));
        assertThat(server.api()
                        .get("/api/snapshots/" + NEW + "/tree")
                        .json()
                        .path("indexed")
                        .asBoolean())
                .isTrue();
        assertThat(web.agent.drain()).doesNotHaveAnyElementsOfTypes(ToAgent.TreeWanted.class);
        eventually(() -> assertThat(index("SELECT count(*) FROM trees")).isEqualTo("1"));
        assertThat(index("SELECT count(*) FROM blocks WHERE refs > 0")).isEqualTo("3");
        web.report();
        eventually(() -> assertThat(index("SELECT count(*) FROM blocks") + index("SELECT count(*) FROM block_keys"))
                .isEqualTo("00"));
    }

    private String index(String sql) throws Exception {
        try (var connection = java.sql.DriverManager.getConnection(
                        "jdbc:sqlite:" + server.directory().resolve("index.db"));
                var row = connection.createStatement().executeQuery(sql)) {
            return row.getString(1);
        }
    }

    @Test
    void a_listing_that_is_cut_short_or_of_another_snapshot_leaves_nothing() throws Exception {
        web.report(snapshot(OLD, server.now(), "web", OLD_TREE, "/etc"));
        var wanted = web.wanted();

        assertThat(web.upload(wanted.transfer(), files().cutShort(OLD, OLD_TREE))
                        .statusCode())
                .isEqualTo(409);
        assertThat(web.upload(wanted.transfer(), files().of(OLD, OLD_TREE)).statusCode())
                .as("an address works once")
                .isEqualTo(404);
        server.clock().skip(Duration.ofMinutes(6));
        sweep();
        assertThat(web.upload(web.wanted().transfer(), files().of(OLD, NEW_TREE))
                        .body())
                .contains("another snapshot");
        eventually(() -> assertThat(index("SELECT (SELECT count(*) FROM blocks) + (SELECT count(*) FROM trees)"))
                .isEqualTo("0"));
    }

    @Test
    void an_agent_that_never_sends_what_it_is_asked_for_is_left_alone() throws Exception {
        web.report(
                snapshot(OLD, server.now().minusSeconds(1), "web", OLD_TREE, "/etc"),
                snapshot(NEW, server.now(), "web", NEW_TREE, "/etc"));
        assertThat(web.wanted().snapshotId()).isEqualTo(NEW);
        server.clock().skip(Duration.ofMinutes(16));
        var nas = ListingAgent.connect(server, "nas");
        nas.report(snapshot(id("cccc0003"), server.now(), "nas", id("c3"), "/data"));

        nas.answer(files(), id("c3"));

        assertThat(web.agent.drain()).doesNotHaveAnyElementsOfTypes(ToAgent.TreeWanted.class);
        server.clock().skip(Duration.ofMinutes(31));
        nas.report();
        assertThat(web.wanted().snapshotId()).isEqualTo(NEW);
    }

    @Test
    void snapshots_that_cannot_be_listed_do_not_keep_older_ones_waiting() throws Exception {
        web.report(IntStream.rangeClosed(0, 100)
                .mapToObj(i -> snapshot(
                        id("%08x".formatted(i + 1)),
                        server.now().minusSeconds(i),
                        "web",
                        id("%08x".formatted(i)),
                        "/etc"))
                .toArray(Snapshot[]::new));
        for (int i = 0; i < 100; i++) {
            web.agent.send(new ToServer.TreeFailed(web.wanted().request(), "damaged", "a directory cannot be read"));
        }

        assertThat(web.wanted().snapshotId()).isEqualTo(id("00000065"));
    }

    private void sweep() throws Exception {
        web.report(snapshot(OLD, server.now(), "web", OLD_TREE, "/etc"));
    }

    @Test
    void a_host_that_may_not_be_listed_is_asked_for_one_folder_which_all_who_look_share() throws Exception {
        web.report(snapshot(OLD, server.now(), "web", OLD_TREE, "/etc"));
        web.agent.send(new ToServer.TreeFailed(web.wanted().request(), "index_off", "its owner does not allow it"));

        var threads = Executors.newFixedThreadPool(100);
        var browsers = IntStream.range(0, 100)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return tree("");
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        threads))
                .toList();
        var question = web.agent.receive(ToAgent.Question.class);
        var folder = (Ask.Folder) question.what();
        assertThat(folder.directory()).isEqualTo(SnapshotPath.of("/etc"));
        web.upload(folder.transfer(), files().folder(OLD, folder.directory()));
        web.agent.send(new ToServer.Answer(question.id(), new Reply.FolderSent(4)));

        threads.shutdown();
        for (var browser : browsers) {
            assertThat(names(browser.join().json())).containsExactly("empty", "mtab", "nginx", "passwd");
            assertThat(browser.join().json().path("indexed").asBoolean()).isFalse();
        }
        assertThat(names(tree("?limit=1&cursor=3").json())).containsExactly("passwd");
        assertThat(web.agent.drain()).doesNotHaveAnyElementsOfTypes(ToAgent.Question.class, ToAgent.TreeWanted.class);
        var diff = server.api().get("/api/snapshots/" + OLD + "/diff/" + OLD);
        assertThat(diff.outcome()).isEqualTo("409 not_indexed");
        assertThat(versions("/etc").path("incomplete").asBoolean()).isTrue();
    }
}
