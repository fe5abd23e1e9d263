package io.resticfleet.server.host;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.status.HostState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hosts that are paused or silenced, and what is expected of them. */
class PausesTest {

    private static final Instant DUE = Instant.parse("2026-03-02T02:30:00Z");

    /** Of a nightly schedule: a tenth of a day. */
    private static final Duration GRACE = Duration.ofMinutes(144);

    private static final String RUN = SampleReports.id(1);

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent web;
    private String path;
    private String nightly;

    @BeforeEach
    void enrol() throws Exception {
        server.clock().skip(Agents.START_GRACE);
        web = server.enrol("web");
        path = "/api/hosts/" + web.hostId();
        nightly = web.addSchedule(NIGHTLY);
    }

    @Test
    void a_paused_host_is_neither_red_nor_good_and_says_who_paused_it() throws Exception {
        var agent = web.connectInSync();
        agent.sendAndDrain(reports.finished(
                1, RUN, Optional.of(nightly), Optional.of(DUE.minus(Duration.ofDays(1))), JobStatus.FAILED, ""));
        assertThat(state()).isEqualTo(HostState.FAILED);

        var paused = server.api().post(path + "/pause", Map.of("reason", " new disks "));

        assertThat(paused.at("/pause/at")).isEqualTo(server.now().toString());
        assertThat(paused.at("/pause/by")).startsWith("anna");
        assertThat(paused.at("/pause/reason")).isEqualTo("new disks");
        assertThat(paused.at("/pause/until")).isEqualTo("null");
        assertThat(paused.at("/status")).isEqualTo("online");
        assertThat(state()).isEqualTo(HostState.PAUSED);
        assertThat(HostState.PAUSED.needsAttention() || HostState.PAUSED.good()).isFalse();
        assertThat(server.fleet().hosts().get(0).nextBackup()).isEmpty();

        assertThat(post("/resume", "").at("/pause")).isEqualTo("null");
        assertThat(state()).isEqualTo(HostState.FAILED);
        post("/resume", "");
        assertThat(server.sql(
                        "SELECT action || ' ' || detail_json FROM audit_log WHERE action LIKE 'host.%' ORDER BY id"))
                .containsExactly(
                        "host.enroll {\"hostname\":\"web\"}",
                        "host.pause {\"reason\":\"new disks\"}",
                        "host.resume {}");
    }

    @Test
    void a_pause_ends_by_itself() throws Exception {
        server.api().post(path + "/pause", Map.of("until", DUE.toString()));
        assertThat(state()).isEqualTo(HostState.PAUSED);
        assertThat(server.fleet().hosts().get(0).nextBackup()).contains(DUE);

        server.clock().set(DUE.minusMillis(1));
        assertThat(state()).isEqualTo(HostState.PAUSED);
        server.clock().set(DUE);

        assertThat(state()).isEqualTo(HostState.NEVER_SEEN);
        assertThat(server.freshFleet().hosts().get(0).state()).isEqualTo(HostState.NEVER_SEEN);
        assertThat(server.api().get(path).at("/pause")).isEqualTo("null");
    }

    @Test
    void a_further_call_changes_the_end_and_not_the_beginning() throws Exception {
        post("/pause", "");
        var since = server.now();
        server.clock().advance(Duration.ofDays(3));

        var changed = server.api().post(path + "/pause", Map.of("until", "2026-04-01T00:00:00Z"));

        assertThat(changed.at("/pause/at")).isEqualTo(since.toString());
        assertThat(changed.at("/pause/until")).isEqualTo("2026-04-01T00:00:00Z");
        assertThat(server.sql("SELECT count(*) FROM host_pauses")).containsExactly("1");
    }

    @Test
    void an_agent_that_reports_a_due_time_is_told_of_the_pause_and_its_run_counts_as_nothing_that_went_wrong()
            throws Exception {
        var agent = web.connectInSync();
        server.api().post(path + "/pause", Map.of("reason", "new disks"));
        server.clock().set(DUE);

        var answers = agent.sendAndDrain(SampleReports.fire(RUN, nightly, DUE, 1));

        var words = answers.stream()
                .filter(ToAgent.CommandRefuse.class::isInstance)
                .map(refusal -> ((ToAgent.CommandRefuse) refusal).reason())
                .findFirst()
                .orElseThrow();
        assertThat(words).startsWith("paused by anna").endsWith("since 2026-03-01T12:00:00Z: new disks");
        agent.sendAndDrain(SampleReports.missed(1, RUN, JobKind.BACKUP, nightly, DUE, words));
        assertThat(server.api().get("/api/jobs/" + RUN).at("/error_code")).isEqualTo("paused");
        post("/resume", "");
        assertThat(state()).isEqualTo(HostState.WAITING);

        server.maintenance().checkMissedRunsAt(DUE.plus(Duration.ofDays(1)).plus(GRACE));
        assertThat(state()).as("a due time after the pause").isEqualTo(HostState.MISSED);
    }

    @Test
    void due_times_in_a_pause_are_missed_with_its_words_also_if_it_has_ended_since() throws Exception {
        web.connectInSync();
        server.clock().set(DUE.plus(Duration.ofMinutes(20)));
        server.api()
                .post(
                        path + "/pause",
                        Map.of(
                                "until",
                                DUE.plus(Duration.ofDays(1)).plusSeconds(1).toString()));

        server.maintenance().checkMissedRunsAt(DUE.plus(Duration.ofDays(2)).plus(GRACE));

        assertThat(server.sql("SELECT error_code || error FROM jobs ORDER BY due_at LIMIT 2"))
                .hasSize(2)
                .allMatch(error -> error.startsWith("pausedpaused by anna"));
        assertThat(server.sql("SELECT coalesce(error_code, 'none') FROM jobs ORDER BY due_at"))
                .containsExactly("paused", "paused", "none");
    }

    @Test
    void an_agent_that_says_that_it_was_paused_has_missed_its_due_time_all_the_same() throws Exception {
        server.clock().set(DUE);
        web.connectInSync()
                .sendAndDrain(SampleReports.missed(1, RUN, JobKind.BACKUP, nightly, DUE, "paused by anna: new disks"));

        assertThat(state()).isEqualTo(HostState.MISSED);
    }

    @Test
    void the_agent_learns_of_a_pause_at_once_and_at_each_hello_and_an_older_one_is_named_in_the_answer()
            throws Exception {
        var agent = web.connectInSync();

        var paused = server.api().post(path + "/pause", Map.of("reason", "new disks"));

        var pause = agent.receive(ToAgent.ConfigUpdate.class).pause().orElseThrow();
        assertThat(pause.words()).isEqualTo("paused by anna (token tests) since 2026-03-01T12:00:00Z: new disks");
        assertThat(paused.at("/pause_warning")).contains("too old to know of pauses");
        agent.abort();
        web.awaitStatus("offline");
        assertThat(server.api().get(path).at("/pause_warning")).contains("not connected");
        var again = web.connect();
        assertThat(again.receive(ToAgent.ConfigUpdate.class).pause()).contains(pause);
        post("/resume", "");
        assertThat(again.receive(ToAgent.ConfigUpdate.class).pause()).isEmpty();
    }

    @Test
    void what_somebody_starts_runs_on_a_paused_host() throws Exception {
        var agent = web.connectInSync();
        post("/pause", "");

        var job = post("/run", "");

        assertThat(job.status()).isEqualTo(202);
        assertThat(agent.receive(ToAgent.CommandRun.class).jobId().value()).isEqualTo(job.at("/job_id"));
    }

    @ParameterizedTest
    @CsvSource({
        "pause, '{\"until\":\"2026-03-01T12:00:00Z\"}', 400 invalid_until until",
        "pause, '{\"until\":\"2037-03-01T12:05:00Z\"}', 400 invalid_until until",
        "pause, '{\"until\":\"+999999999-01-01T00:00:00Z\"}', 400 wrong_type until",
        "pause, '{\"until\":7}', 400 invalid_until until",
        "silence, '{\"until\":\"2026-03-01T12:00:00Z\"}', 400 invalid_until until",
        "silence, '{\"reason\":\"two\\nlines\"}', 400 invalid_reason reason",
        "silence, '{\"because\":\"\"}', 400 unknown_field because"
    })
    void bad_input_is_refused_and_changes_nothing(String what, String body, String outcome) throws Exception {
        var answer = post("/" + what, body);

        assertThat(answer.outcome() + " " + answer.at("/errors/0/field")).isEqualTo(outcome);
        assertThat(server.api()
                        .post(path + "/" + what, Map.of("reason", "x".repeat(201)))
                        .outcome())
                .isEqualTo("400 invalid_reason");
        assertThat(server.api()
                        .post("/api/hosts/" + SampleReports.id(3) + "/" + what, Map.of())
                        .status())
                .isEqualTo(404);
        assertThat(server.sql("SELECT host_id FROM host_pauses UNION ALL SELECT host_id FROM host_silences"))
                .isEmpty();
    }

    @Test
    void a_silenced_host_shows_its_problems_until_the_silence_ends_and_after_it() throws Exception {
        var silenced =
                server.api().post(path + "/silence", Map.of("until", "2026-03-01T13:00:00Z", "reason", "I work on it"));
        assertThat(silenced.at("/silence/reason")).isEqualTo("I work on it");
        assertThat(silenced.at("/silence/by")).startsWith("anna");
        assertThat(silenced.at("/pause")).isEqualTo("null");
        assertThat(state()).isEqualTo(HostState.NEVER_SEEN);

        server.clock().set(Instant.parse("2026-03-01T13:00:00Z"));
        assertThat(server.api().get(path).at("/silence")).isEqualTo("null");
        post("/silence", "");
        assertThat(server.api().get(path).at("/silence/at")).isEqualTo("2026-03-01T13:00:00Z");

        assertThat(server.api().delete(path + "/silence").at("/silence")).isEqualTo("null");
        server.api().delete(path + "/silence");
        assertThat(server.sql("SELECT action FROM audit_log WHERE action LIKE 'host.%' ORDER BY id"))
                .containsExactly("host.enroll", "host.silence", "host.silence", "host.unsilence");
    }

    @Test
    void what_is_expected_of_a_host_can_be_changed_one_by_one() throws Exception {
        assertThat(server.api().get(path).at("/comes_and_goes")).isEqualTo("false");
        assertThat(server.api().get(path).at("/stale_after_days")).isEqualTo("null");

        server.api().patch(path, Map.of("comes_and_goes", true));
        assertThat(server.api().patch(path, Map.of("stale_after_days", 14)).at("/comes_and_goes"))
                .isEqualTo("true");
        assertThat(server.fleet().hosts().get(0).expected()).isEqualTo(new HostExpectations(true, Optional.of(14)));
        assertThat(server.api().patch(path, Map.of("stale_after_days", 0)).at("/stale_after_days"))
                .isEqualTo("null");
        server.api().patch(path, Map.of("name", "other"));

        assertThat(server.api().get(path).at("/comes_and_goes")).isEqualTo("true");
        for (var wrong : List.of(-1, 366)) {
            var refused = server.api().patch(path, Map.of("name", "third", "stale_after_days", wrong));
            assertThat(refused.outcome()).isEqualTo("400 invalid_stale_after_days");
        }
        assertThat(server.api().get(path).at("/name")).isEqualTo("other");
        assertThat(server.sql("SELECT detail_json FROM audit_log WHERE action = 'host.expectations' ORDER BY id"))
                .containsExactly(
                        "{\"comes_and_goes\":true}",
                        "{\"comes_and_goes\":true,\"stale_after_days\":14}",
                        "{\"comes_and_goes\":true}");
    }

    @Test
    void pauses_and_silences_go_with_their_host() throws Exception {
        post("/pause", "");
        post("/silence", "");

        server.api().delete(path);

        assertThat(server.sql("SELECT host_id FROM host_pauses UNION ALL SELECT host_id FROM host_silences"))
                .isEmpty();
    }

    /** @param body empty for none */
    private ApiResponse post(String what, String body) throws Exception {
        return server.api()
                .request(
                        "POST",
                        path + what,
                        body,
                        "Authorization",
                        "Bearer " + server.api().token());
    }

    private HostState state() {
        return server.fleet().find(new HostId(web.hostId())).orElseThrow().state();
    }
}
