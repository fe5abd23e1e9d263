package io.resticfleet.server.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.SnapshotChecksums;
import io.resticfleet.protocol.SnapshotsOffer;
import io.resticfleet.protocol.SnapshotsPiece;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.Wire;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.SampleHellos;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Lists of snapshots that agents report in pieces, and what the API and the page show of them. */
@Tag("slow")
class SnapshotReportsTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private EnrolledAgent web;
    private AgentClient agent;
    private RepositoryId repository;
    private long report;
    private int firstOffered;

    @BeforeEach
    void begin() throws Exception {
        web = server.enrol("web");
        agent = web.connectInSync();
        repository = repositoryOf(web);
    }

    @Test
    void a_long_list_is_complete_in_api_and_page() throws Exception {
        report(agent, 0, 10_002);

        assertThat(shown(web))
                .hasSize(10_002)
                .doesNotHaveDuplicates()
                .startsWith(id(10_001))
                .endsWith(id(0));
        var page = server.api().get("/hosts/" + web.hostId(), "Cookie", "rf_session=" + server.session());
        assertThat(page.text())
                .contains("10,002 snapshots", "?cursor=")
                .contains(id(10_001))
                .doesNotContain(id(9_000));
        var older = page.text().replaceAll("(?s).*href=\"(/hosts/[^\"]*cursor=[^\"]*)\".*", "$1");
        assertThat(server.api()
                        .get(older, "Cookie", "rf_session=" + server.session())
                        .text())
                .contains("10,002 snapshots", id(9_901))
                .doesNotContain(id(9_902));
    }

    @Test
    void the_paths_and_tags_of_a_snapshot_are_listed_up_to_16_kib() throws Exception {
        var offer = offer(0, 2);
        var wanted = wanted(agent, offer);
        var text = Wire.encode(piece(offer, 1, wanted, 0, 2, true));

        var many = IntStream.range(0, 1_000)
                .mapToObj(i -> "\"/srv/" + i + "x".repeat(4_000) + "\"")
                .collect(Collectors.joining(","));
        agent.sendText(text.replaceFirst("\"/etc\"", many));

        assertThat(agent.drain()).containsExactly(new ToAgent.SnapshotsStored(report, 1, true));
        var items = list(web, "?limit=1000").path("items");
        assertThat(items.at("/0/paths/0").asText()).isEqualTo("/etc");
        assertThat(items.at("/1/paths/0").asText()).startsWith("/srv/0x");
        assertThat(items.at("/1/paths/3").asText()).isEqualTo("… (997 more items)");
        assertThat(server.sql("SELECT max(octet_length(snapshot_json)) < 16384 FROM snapshots"))
                .containsExactly("1");
        assertThat(wanted(agent, offer(0, 3)).known()).isSubsetOf(id(0).substring(0, 16), id(1).substring(0, 16));
    }

    @Test
    void a_list_above_its_limit_in_bytes_is_refused_and_the_one_before_stays() throws Exception {
        report(agent, 0, 2);
        assertThat(server.sql(
                        "SELECT bytes = (SELECT sum(octet_length(snapshot_json)) FROM snapshots) FROM snapshot_lists"))
                .containsExactly("1");
        server.sql("UPDATE snapshot_lists SET bytes = 512 * 1024 * 1024 - 100");

        var offer = offer(0, 3);
        agent.send(piece(offer, 1, wanted(agent, offer), 0, 3, true));

        assertThat(agent.receive(ToAgent.Error.class).code()).isEqualTo("too_many_snapshots");
        assertThat(shown(web)).containsExactly(id(1), id(0));
        assertThat(server.sql("SELECT count(*) FROM snapshots")).containsExactly("2");

        report(agent, 1, 3); // one goes, one comes
        assertThat(shown(web)).containsExactly(id(2), id(1));
    }

    @Test
    void half_a_list_is_never_shown() throws Exception {
        report(agent, 0, 3);
        var offer = offer(1, 1_002);
        var wanted = wanted(agent, offer);

        agent.send(piece(offer, 1, wanted, 1, 502, false));
        agent.receive(ToAgent.SnapshotsStored.class);
        assertThat(shown(web)).containsExactly(id(2), id(1), id(0));

        agent = web.connectInSync();
        assertThat(shown(web)).containsExactly(id(2), id(1), id(0));
        assertThat(wanted(agent, offer(0, 4)).known()).hasSize(0);
        report(agent, 1, 5);
        assertThat(shown(web)).containsExactly(id(4), id(3), id(2), id(1));
    }

    @Test
    void only_what_changed_is_asked_for_and_written() throws Exception {
        report(agent, 0, 1_000);
        var before = server.sql("SELECT rowid || id FROM snapshots WHERE id <> '" + id(0) + "' ORDER BY id");

        var offer = offer(1, 1_001);
        var wanted = wanted(agent, offer);
        assertThat(wanted.buckets()).hasSizeLessThanOrEqualTo(2);
        assertThat(wanted.known()).hasSizeLessThan(30).contains(id(0).substring(0, 16));
        agent.send(piece(offer, 1, wanted, 1, 1_001, true));
        agent.receive(ToAgent.SnapshotsStored.class);

        assertThat(server.sql("SELECT rowid || id FROM snapshots WHERE id <> '" + id(1_000) + "' ORDER BY id"))
                .isEqualTo(before);
        assertThat(shown(web)).hasSize(1_000).startsWith(id(1_000)).endsWith(id(1));
    }

    @Test
    void of_a_very_long_list_some_buckets_are_asked_for_at_a_time() throws Exception {
        report(agent, 0, 3);
        server.sql("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 59999)"
                + " INSERT INTO snapshots (host_id, repository_id, id, taken_at, snapshot_json, added_in)"
                + " SELECT host_id, repository_id, printf('%02x%014x%048x', i % 256, i * 2654435761 + 1, 0),"
                + " taken_at, snapshot_json, added_in FROM snapshots, n WHERE id = '" + id(0) + "'");
        server.sql("UPDATE snapshot_lists SET checksums = '', total = 60003");
        var offer = offer(0, 3);

        var wanted = wanted(agent, offer);
        int asked = wanted.buckets().size();
        assertThat(wanted.known()).hasSizeBetween(49_000, 50_000);
        agent.send(piece(offer, 1, wanted, 0, 3, true));
        agent.receive(ToAgent.SnapshotsStored.class);
        var rest = agent.receive(ToAgent.SnapshotsWanted.class);
        agent.send(piece(offer, 1, rest, 0, 0, true));
        agent.receive(ToAgent.SnapshotsStored.class);

        assertThat(asked + rest.buckets().size()).isEqualTo(256);
        assertThat(shown(web)).containsExactly(id(2), id(1), id(0));
    }

    @Test
    void the_same_list_again_only_changes_its_time() throws Exception {
        report(agent, 0, 3);
        server.sql("UPDATE snapshot_lists SET checksums = ''"); // as after an upgrade
        server.clock().advance(Duration.ofHours(1));

        var offer = offer(0, 3);
        agent.send(offer);

        assertThat(agent.receive(ToAgent.SnapshotsStored.class))
                .isEqualTo(new ToAgent.SnapshotsStored(report, 0, true));
        assertThat(list(web, "").at("/refreshed_at").asText())
                .isEqualTo(offer.takenAt().toString());
    }

    @Test
    void pieces_that_are_repeated_or_out_of_order_change_nothing() throws Exception {
        var offer = offer(0, 4);
        var wanted = wanted(agent, offer);
        agent.send(piece(offer, 2, wanted, 2, 4, true));
        agent.send(piece(offer, 1, wanted, 0, 2, false));
        agent.send(piece(offer, 1, wanted, 2, 4, true));
        assertThat(agent.drain()).containsExactly(new ToAgent.SnapshotsStored(report, 1, false));
        assertThat(shown(web)).isEmpty();

        agent.send(piece(offer, 2, wanted, 2, 4, true));
        agent.send(piece(offer, 2, wanted, 2, 4, true));
        assertThat(agent.drain()).containsExactly(new ToAgent.SnapshotsStored(report, 2, true));
        assertThat(shown(web)).hasSize(4);
    }

    @Test
    void hosts_with_one_repository_do_not_replace_each_others_lists() throws Exception {
        var db = server.enrol("db");
        var other = db.connectInSync();
        assertThat(repositoryOf(db)).isEqualTo(repository);
        report(agent, 0, 3);
        report(other, 0, 3);

        report(other, 2, 3);

        assertThat(shown(web)).hasSize(3);
        assertThat(shown(db)).containsExactly(id(2));
    }

    @Test
    void a_list_belongs_to_its_repository() throws Exception {
        report(agent, 0, 3);
        move("rest:http://elsewhere/new");
        assertThat(list(web, "").toString()).contains("\"refreshed_at\":null", "\"items\":[]");

        agent.send(offer(0, 3));
        assertThat(agent.drain()).noneMatch(ToAgent.SnapshotsWanted.class::isInstance);

        move(Samples.URL);
        assertThat(shown(web)).hasSize(3);
    }

    @Test
    void an_agent_that_can_report_in_pieces_is_asked_for_its_list() throws Exception {
        assertThat(web.connect().drain()).doesNotContain(new ToAgent.SnapshotsAsk());
        var hello = web.hello(0, server.now());
        var newer = server.dial();
        var challenge = newer.receive(ToAgent.Challenge.class);
        newer.send(web.sign(SampleHellos.withFeatures(hello, List.of("snapshots.pieces")), challenge.nonce()));

        newer.receive(ToAgent.SnapshotsAsk.class);
    }

    @Test
    void a_cursor_that_is_none_is_refused() throws Exception {
        assertThat(server.api()
                        .get("/api/hosts/" + web.hostId() + "/snapshots?cursor=x")
                        .outcome())
                .isEqualTo("400 invalid_cursor");
    }

    private void move(String url) throws Exception {
        server.api().patch("/api/hosts/" + web.hostId() + "?force=true", Map.of("repository", Samples.repository(url)));
    }

    private RepositoryId repositoryOf(EnrolledAgent host) throws Exception {
        return new RepositoryId(
                server.sql("SELECT repository_id FROM host_repositories WHERE host_id = '" + host.hostId() + "'")
                        .get(0));
    }

    /** Reports snapshots of these numbers, as an agent does. */
    private void report(AgentClient from, int first, int until) throws Exception {
        var offer = offer(first, until);
        var wanted = wanted(from, offer);
        int number = 1;
        for (int i = first; number == 1 || i < until; i += 500) {
            from.send(piece(offer, number, wanted, i, Math.min(i + 500, until), i + 500 >= until));
            assertThat(from.receive(ToAgent.SnapshotsStored.class).number()).isEqualTo(number);
            number++;
        }
    }

    private SnapshotsOffer offer(int first, int until) {
        var checksums = new SnapshotChecksums();
        IntStream.range(first, until).forEach(i -> checksums.toggle(SnapshotChecksums.key(id(i))));
        report++;
        firstOffered = first;
        return new SnapshotsOffer(report, repository, server.now(), until - first, checksums.toString(), false);
    }

    private static ToAgent.SnapshotsWanted wanted(AgentClient from, SnapshotsOffer offer) throws Exception {
        from.send(offer);
        return from.receive(ToAgent.SnapshotsWanted.class);
    }

    /** Of snapshots of these numbers; the first one names all that are gone. */
    private SnapshotsPiece piece(
            SnapshotsOffer offer, long number, ToAgent.SnapshotsWanted wanted, int first, int until, boolean last) {
        var added = IntStream.range(first, until)
                .filter(i -> !wanted.known().contains(id(i).substring(0, 16)))
                .mapToObj(this::snapshot)
                .toList();
        var offered = IntStream.range(firstOffered, firstOffered + (int) offer.total())
                .mapToObj(i -> id(i).substring(0, 16))
                .collect(Collectors.toSet());
        var removed = number > 1
                ? List.<String>of()
                : wanted.known().stream().filter(key -> !offered.contains(key)).toList();
        return new SnapshotsPiece(offer.report(), number, added, removed, last);
    }

    private Snapshot snapshot(int number) {
        return new Snapshot(
                id(number),
                id(number).substring(0, 8),
                TestServer.START.plusSeconds(number > 5_000 && number < 9_000 ? 5_000 : number),
                "web",
                "root",
                List.of("/etc"),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Ids of all that the API lists. */
    private List<String> shown(EnrolledAgent host) throws Exception {
        var ids = new ArrayList<String>();
        for (var cursor = ""; cursor != null; ) {
            var part = list(host, "?limit=1000" + cursor);
            part.path("items").forEach(item -> ids.add(item.path("id").asText()));
            cursor = part.path("next_cursor").isTextual()
                    ? "&cursor=" + part.path("next_cursor").asText()
                    : null;
        }
        return ids;
    }

    private JsonNode list(EnrolledAgent host, String query) throws Exception {
        return server.api()
                .get("/api/hosts/" + host.hostId() + "/snapshots" + query)
                .json();
    }

    private static String id(int number) {
        return "%016x".formatted((number + 1) * 0x9e3779b97f4a7c15L) + "%048x".formatted(number);
    }
}
