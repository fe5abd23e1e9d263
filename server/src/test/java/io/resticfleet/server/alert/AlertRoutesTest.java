package io.resticfleet.server.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AlertRoutesTest {

    private static final String OFFLINE = "/api/alerts/" + SampleAlerts.OFFLINE;

    @RegisterExtension
    final TestServer server = new TestServer();

    private EnrolledAgent web;

    @BeforeEach
    void begin() throws Exception {
        web = server.enrol("web");
        SampleAlerts.addTo(server, web.hostId());
    }

    @Test
    void an_alert_names_what_it_is_about_and_where_to_act() throws Exception {
        var alert = server.api().get(OFFLINE);

        assertThat(alert.at("/kind")).isEqualTo("host_offline");
        assertThat(alert.at("/severity")).isEqualTo("warning");
        assertThat(alert.at("/host/id")).isEqualTo(web.hostId());
        assertThat(alert.at("/host/name")).isEqualTo("web");
        assertThat(alert.json().path("repository").isNull()).isTrue();
        assertThat(alert.at("/since")).isEqualTo("1970-01-01T00:00:01Z");
        assertThat(alert.at("/opened_at")).isEqualTo("1970-01-01T00:00:02Z");
        assertThat(alert.json().path("resolved_at").isNull()).isTrue();
        assertThat(alert.at("/text")).isEqualTo("Something is wrong.");
        assertThat(alert.at("/advice")).isEqualTo("Mend it.");
        assertThat(alert.at("/action_url")).isEqualTo(server.url() + "/hosts/new");
        assertThat(server.api().get("/api/alerts/" + SampleAlerts.FAILED).at("/resolved_at"))
                .isEqualTo("1970-01-01T00:00:03Z");
    }

    @Test
    void alerts_are_listed_from_the_one_that_opened_last_without_pending_ones() throws Exception {
        assertThat(ids("")).containsExactly(SampleAlerts.DAMAGED, SampleAlerts.OFFLINE, SampleAlerts.FAILED);
        assertThat(ids("?state=open")).containsExactly(SampleAlerts.DAMAGED, SampleAlerts.OFFLINE);
        assertThat(ids("?state=resolved")).containsExactly(SampleAlerts.FAILED);
        assertThat(ids("?host=" + web.hostId())).containsExactly(SampleAlerts.OFFLINE, SampleAlerts.FAILED);
        assertThat(ids("?host=" + web.hostId() + "&state=open&kind=host_offline&severity=warning"))
                .containsExactly(SampleAlerts.OFFLINE);
        assertThat(ids("?host=nobody")).isEmpty();
        assertThat(ids("?severity=critical")).containsExactly(SampleAlerts.DAMAGED);
        assertThat(server.api().get("/api/alerts/" + SampleAlerts.PENDING).outcome())
                .isEqualTo("404 not_found");

        var first = server.api().get("/api/alerts?limit=2");
        assertThat(ids("?limit=2&cursor=" + first.at("/next_cursor"))).containsExactly(SampleAlerts.FAILED);
    }

    @ParameterizedTest
    @CsvSource({
        "state=gone, 400 invalid_state",
        "kind=nothing, 400 invalid_kind",
        "severity=high, 400 invalid_severity",
        "limit=0, 400 invalid_limit"
    })
    void a_filter_that_means_nothing_is_refused(String query, String outcome) throws Exception {
        assertThat(server.api().get("/api/alerts?" + query).outcome()).isEqualTo(outcome);
    }

    @Test
    void an_alert_is_acknowledged_with_and_without_a_time_and_a_note() throws Exception {
        var until = server.now().plus(Duration.ofDays(2)).toString();

        var bare = server.api().post(OFFLINE + "/acknowledge", "");
        var whole = server.api().post(OFFLINE + "/acknowledge", Map.of("until", until, "note", "known"));

        assertThat(bare.at("/acknowledged/by")).isEqualTo("anna (token tests)");
        assertThat(bare.json().at("/acknowledged/until").isNull()).isTrue();
        assertThat(whole.json()).isEqualTo(server.api().get(OFFLINE).json());
        assertThat(whole.at("/acknowledged/at")).isEqualTo(server.now().toString());
        assertThat(whole.at("/acknowledged/until")).isEqualTo(until);
        assertThat(whole.at("/acknowledged/note")).isEqualTo("known");
        server.stop();
        server.start();
        server.maintenance().stopTimers();
        assertThat(server.api().get(OFFLINE).json()).isEqualTo(whole.json());

        server.clock().advance(Duration.ofSeconds(1));
        var taken = server.api().delete(OFFLINE + "/acknowledge");
        assertThat(taken.json().path("acknowledged").isNull()).isTrue();
        var audit = server.api().get("/api/audit").json().path("items");
        assertThat(audit.at("/0/action").asText()).isEqualTo("alert.unacknowledge");
        assertThat(audit.at("/1/action").asText()).isEqualTo("alert.acknowledge");
        assertThat(audit.at("/1/target_id").asText()).isEqualTo(SampleAlerts.OFFLINE);
        assertThat(audit.at("/1/detail/note").asText()).isEqualTo("known");
        assertThat(audit.at("/1/detail/about").asText()).isEqualTo("sample/host_offline");
    }

    @Test
    void what_cannot_be_acknowledged_is_refused() throws Exception {
        assertThat(outcome(OFFLINE, Map.of("until", server.now().toString()))).isEqualTo("400 invalid_until");
        assertThat(outcome(OFFLINE, Map.of("until", "tomorrow"))).isEqualTo("400 wrong_type");
        assertThat(outcome(OFFLINE, Map.of("until", "9999-12-31T23:59:59Z"))).isEqualTo("400 invalid_until");
        assertThat(outcome(OFFLINE, Map.of("note", "x".repeat(501)))).isEqualTo("400 invalid_note");
        assertThat(outcome(OFFLINE, Map.of("untill", "x"))).isEqualTo("400 unknown_field");
        assertThat(outcome("/api/alerts/" + SampleAlerts.FAILED, Map.of())).isEqualTo("409 alert_resolved");
        assertThat(outcome("/api/alerts/" + SampleAlerts.PENDING, Map.of())).isEqualTo("404 not_found");
        assertThat(outcome("/api/alerts/none", Map.of())).isEqualTo("404 not_found");
        assertThat(server.api()
                        .delete("/api/alerts/" + SampleAlerts.FAILED + "/acknowledge")
                        .outcome())
                .isEqualTo("409 alert_resolved");
    }

    @Test
    void what_is_not_true_any_more_is_resolved_by_the_next_look() throws Exception {
        server.clock().advance(Duration.ofMinutes(1));

        server.maintenance().checkAlerts();

        assertThat(ids("?state=open")).isEmpty();
        assertThat(server.api().get(OFFLINE).at("/resolved_at"))
                .isEqualTo(server.now().toString());
    }

    private String outcome(String path, Map<String, String> body) throws Exception {
        return server.api().post(path + "/acknowledge", body).outcome();
    }

    private List<String> ids(String query) throws Exception {
        var items = server.api().get("/api/alerts" + query).json().path("items");
        return StreamSupport.stream(items.spliterator(), false)
                .map(alert -> alert.path("id").asText())
                .toList();
    }
}
