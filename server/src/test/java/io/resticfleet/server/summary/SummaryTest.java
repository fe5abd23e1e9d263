package io.resticfleet.server.summary;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.alert.SampleAlerts;
import io.resticfleet.server.job.SampleReports;
import java.io.StringReader;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class SummaryTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private EnrolledAgent web;
    private String nightly;

    @BeforeEach
    void begin() throws Exception {
        web = server.enrol("web");
        nightly = web.addSchedule(Samples.NIGHTLY);
    }

    private void backUp(int number, JobStatus status) throws Exception {
        var agent = web.connectInSync();
        var id = SampleReports.id(number);
        var snapshot = status == JobStatus.SUCCEEDED ? SampleReports.SNAPSHOT : "";
        agent.sendAndDrain(new SampleReports(server)
                .finished(number, id, Optional.of(nightly), Optional.empty(), status, snapshot));
    }

    private String path(String url) {
        assertThat(url).startsWith(server.url());
        return url.substring(server.url().length());
    }

    private String badgePath() throws Exception {
        return path(server.api().get("/api/hosts/" + web.hostId()).at("/badge_url"));
    }

    @Test
    void the_fleet_is_summed_up_in_a_few_figures() throws Exception {
        server.enrol("silent");
        backUp(1, JobStatus.SUCCEEDED);

        var summary = server.api().get("/api/summary").json();

        assertThat(summary.path("hosts").asInt()).isEqualTo(2);
        assertThat(summary.path("ok").asInt()).isEqualTo(1);
        assertThat(summary.path("needs_attention").asInt()).isEqualTo(1);
        assertThat(summary.path("open_alerts").asInt()).isZero();
        assertThat(summary.path("last_backup_at").asText())
                .isEqualTo(server.now().plusSeconds(60).toString());
        assertThat(summary.path("next_due_at").asText()).isEqualTo("2026-03-02T02:30:00Z");
    }

    @Test
    void a_host_with_an_open_alert_needs_attention_although_its_last_run_succeeded() throws Exception {
        backUp(1, JobStatus.SUCCEEDED);
        SampleAlerts.addTo(server, web.hostId());

        var summary = server.api().get("/api/summary").json();

        assertThat(summary.path("ok").asInt()).isZero();
        assertThat(summary.path("needs_attention").asInt()).isEqualTo(1);
        assertThat(summary.path("open_alerts").asInt()).isEqualTo(2);
        assertThat(server.api().get(badgePath()).text()).contains("needs attention");
    }

    @Test
    void a_badge_shows_the_state_without_a_name_and_may_be_shown_elsewhere() throws Exception {
        backUp(1, JobStatus.SUCCEEDED);
        var badge = server.api().get(badgePath());

        assertThat(badge.text()).contains(">ok<").doesNotContain("web");
        assertThat(badge.headers().firstValue("Content-Type").orElse("")).contains("image/svg+xml");
        assertThat(badge.headers().firstValue("Cache-Control").orElse("")).isEqualTo("max-age=60");
        assertThat(badge.headers().firstValue("Cross-Origin-Resource-Policy").orElse(""))
                .isEqualTo("cross-origin");
        assertThat(badge.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("sandbox");
        assertThat(parsed(badge.text()).getDocumentElement().getTagName()).isEqualTo("svg");
        assertThat(server.api()
                        .get(
                                badgePath(),
                                "If-None-Match",
                                badge.headers().firstValue("ETag").orElseThrow())
                        .status())
                .isEqualTo(304);

        backUp(2, JobStatus.FAILED);
        assertThat(server.api().get(badgePath()).text()).contains("failed");
        assertThat(server.api()
                        .get(path(server.api().get("/api/badges").at("/url")))
                        .text())
                .contains("1 of 1 need attention");
    }

    @Test
    void the_key_of_one_badge_opens_no_other_and_a_wrong_one_tells_nothing() throws Exception {
        var other = server.enrol("other");
        var key = badgePath().replaceAll(".*key=", "");
        var unknown = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

        var answers = List.of(
                server.api().get("/badge/" + web.hostId() + ".svg"),
                server.api().get("/badge/" + web.hostId() + ".svg?key=" + "0".repeat(64)),
                server.api().get("/badge/" + other.hostId() + ".svg?key=" + key),
                server.api().get("/badge/" + unknown + ".svg?key=" + key),
                server.api().get("/badge/fleet.svg?key=" + key),
                server.api().get("/badge/x.svg?key=" + key));

        assertThat(key).matches("[0-9a-f]{64}");
        assertThat(answers).allSatisfy(answer -> {
            assertThat(answer.outcome()).isEqualTo("404 not_found");
            assertThat(answer.text()).isEqualTo(answers.get(0).text());
            assertThat(answer.headers().firstValue("Cache-Control").orElse("")).isEqualTo("no-store");
        });
    }

    @Test
    void renewed_keys_replace_the_former_ones_and_outlive_a_restart() throws Exception {
        var badge = badgePath();
        var feed = path(server.api().get("/api/feed").at("/url"));

        server.api().post("/api/badges/renew", "");
        var renewed = path(server.api().post("/api/feed/renew", "").at("/url"));
        server.stop();
        server.start();

        assertThat(server.api().get(badge).status()).isEqualTo(404);
        assertThat(server.api().get(feed).status()).isEqualTo(404);
        assertThat(server.api().get(badgePath()).status()).isEqualTo(200);
        assertThat(server.api().get(renewed).status()).isEqualTo(200);
        assertThat(server.api().get("/api/audit").text()).contains("feed.renew").doesNotContain(renewed.substring(17));
        assertThat(server.api().get("/alerts.atom").outcome()).isEqualTo("404 not_found");
    }

    @Test
    void alerts_are_a_feed_whose_ids_stay_when_they_are_resolved_and_when_the_key_changes() throws Exception {
        SampleAlerts.addTo(server, web.hostId());
        var first = parsed(
                server.api().get(path(server.api().get("/api/feed").at("/url"))).text());
        server.api().post("/api/feed/renew", "");
        server.maintenance().checkAlerts(); // none of them is true: all are resolved
        var feed = server.api().get(path(server.api().get("/api/feed").at("/url")));
        var second = parsed(feed.text());

        assertThat(feed.headers().firstValue("Content-Type").orElse("")).contains("application/atom+xml");
        assertThat(texts(first, "id")).hasSize(4).allMatch(id -> id.matches("urn:uuid:[0-9a-f-]{36}"));
        assertThat(texts(second, "id")).isEqualTo(texts(first, "id"));
        assertThat(texts(first, "title"))
                .containsExactly(
                        "restic-fleet alerts",
                        "CRITICAL: server database damaged",
                        "WARNING: web: host offline",
                        "Resolved: web: host disk full");
        assertThat(texts(second, "title")).contains("Resolved: web: host offline");
        assertThat(texts(second, "updated").get(0)).isEqualTo(server.now().toString());
        assertThat(feed.text()).contains("href=\"" + server.url() + "/hosts/new\"");
    }

    @Test
    void a_feed_without_alerts_is_valid_and_hostile_text_does_no_harm() throws Exception {
        var feed = path(server.api().get("/api/feed").at("/url"));
        assertThat(texts(parsed(server.api().get(feed).text()), "updated")).hasSize(1);

        SampleAlerts.addTo(server, web.hostId());
        server.stop();
        server.sql("UPDATE alerts SET text = '<b>&' || char(0x1b) || ']]>' || char(1)");
        server.start();

        assertThat(texts(parsed(server.api().get(feed).text()), "content"))
                .hasSize(3)
                .containsOnly("<b>&\uFFFD]]>\uFFFD Mend it.");
    }

    private static Document parsed(String xml) throws Exception {
        return DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(xml)));
    }

    private static List<String> texts(Document xml, String tag) {
        var nodes = xml.getElementsByTagName(tag);
        return java.util.stream.IntStream.range(0, nodes.getLength())
                .mapToObj(at -> nodes.item(at).getTextContent())
                .toList();
    }
}
