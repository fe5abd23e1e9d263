package io.resticfleet.server.channel;

import static io.resticfleet.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.AgentClient;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pings of runs, from an agent's reports to a server of Healthchecks. */
class RunPingsTest {

    private static final String JOB = SampleReports.id(1);
    private static final String SECOND = SampleReports.id(2);

    @RegisterExtension
    final TestServer server = new TestServer();

    private SampleReports reports;
    private Receiver receiver;
    private AgentClient agent;
    private String nightly;

    @BeforeEach
    void connect() throws Exception {
        receiver = new Receiver();
        reports = new SampleReports(server);
        var web = server.enrol("web");
        nightly = web.addSchedule(Samples.NIGHTLY);
        agent = web.connectInSync();
    }

    @AfterEach
    void stop() {
        receiver.close();
    }

    private void channel(Map<String, ?> config) throws Exception {
        var body = Map.of("name", "hc", "kind", "healthchecks", "config", config);
        assertThat(server.api().post("/api/channels", body).status()).isEqualTo(201);
    }

    private List<String> paths() {
        return receiver.received().stream().map(Receiver.Received::path).toList();
    }

    @Test
    void a_run_is_start_and_success_under_one_id_and_a_failed_one_is_fail() throws Exception {
        channel(Map.of("base_url", receiver.url(), "ping_key", "k3y"));

        agent.sendAndDrain(reports.started(JOB, nightly));
        agent.sendAndDrain(reports.log(JOB, 1, 3, "/home/secret-name"));
        agent.sendAndDrain(reports.finished(2, JOB, nightly));
        agent.sendAndDrain(reports.failed(3, SECOND, nightly, "no_space"));

        eventually(() -> assertThat(paths()).hasSize(3));
        var rid = paths().get(0).replaceFirst(".*rid=", "");
        assertThat(paths().subList(0, 2))
                .containsExactly("/k3y/web-nightly/start?create=1&rid=" + rid, "/k3y/web-nightly?create=1&rid=" + rid);
        assertThat(paths().get(2))
                .startsWith("/k3y/web-nightly/fail?create=1&rid=")
                .doesNotContain(rid);
        assertThat(receiver.received()).allSatisfy(ping -> {
            assertThat(ping.method()).isEqualTo("POST");
            assertThat(ping.body()).isEmpty();
        });
        assertThat(server.sql("SELECT count(*) FROM run_events")).containsExactly("0");
    }

    @Test
    void the_end_of_the_log_is_sent_only_if_asked_for() throws Exception {
        channel(Map.of("ping_url", receiver.url() + "/u-u", "log_tail", true));

        agent.sendAndDrain(reports.log(JOB, 1, 3, "/home/a"));
        agent.sendAndDrain(reports.started(JOB, nightly));
        agent.sendAndDrain(reports.log(JOB, 1, 3, "/home/a"));
        agent.sendAndDrain(reports.finished(2, JOB, nightly));

        eventually(() -> assertThat(paths()).hasSize(2));
        assertThat(receiver.received().get(1).body()).contains("/home/a");
    }

    @Test
    void runs_without_a_channel_for_them_leave_nothing_behind() throws Exception {
        agent.sendAndDrain(reports.started(JOB, nightly));

        assertThat(server.sql("SELECT count(*) FROM run_events")).containsExactly("0");
    }

    @Test
    void a_check_that_is_not_there_does_not_hold_up_the_others() throws Exception {
        receiver.answer(404);
        channel(Map.of("base_url", receiver.url(), "ping_key", "k3y"));

        agent.sendAndDrain(reports.started(JOB, nightly));
        agent.sendAndDrain(reports.finished(2, JOB, nightly));

        eventually(() -> assertThat(paths()).hasSize(2));
        eventually(() -> assertThat(server.api()
                        .get("/api/channels")
                        .json()
                        .at("/items/0/waiting")
                        .asInt())
                .isZero());
        assertThat(server.api()
                        .get("/api/channels")
                        .json()
                        .at("/items/0/status")
                        .asText())
                .isEqualTo("failing");
    }
}
