package io.resticfleet.server.divergence;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.db.DatabaseFile;
import io.resticfleet.server.job.SampleReports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A server whose database was put back from a copy pushes nothing until an operator has decided. */
@Tag("slow")
class DivergenceTest {

    private static final String RUN = "01ARZ3NDEKTSV4RRFFQ69G5FB0";
    private static final String THEIRS = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

    @RegisterExtension
    final TestServer server = new TestServer();

    @TempDir
    Path elsewhere;

    private DivergenceBench bench;

    @BeforeEach
    void a_copy_of_a_database_with_one_host_is_made() throws Exception {
        bench = new DivergenceBench(server, elsewhere);
    }

    @Test
    void a_server_that_was_not_restored_waits_for_nothing() throws Exception {
        server.stop();
        server.start();

        var received = bench.connect(1, bench.epoch, 0).drain();

        assertThat(received).hasSize(2);
        assertThat(server.api().get("/api/restored").text()).isEqualTo("{\"items\":[]}");
        assertThat(bench.decide("push").outcome()).isEqualTo("409 nothing_to_decide");
        assertThat(server.api()
                        .post("/api/restored", Map.of("decision", "keep"))
                        .outcome())
                .isEqualTo("409 nothing_to_decide");
    }

    @Test
    void after_the_restore_command_every_host_waits_even_with_the_same_version_and_is_pushed_nothing()
            throws Exception {
        bench.restoreByCommand();

        var received = bench.connect(1, bench.epoch, 0).drain();

        assertThat(received).isEmpty();
        var items = server.api().get("/api/restored").json().path("items");
        assertThat(items).hasSize(1);
        assertThat(items.at("/0/host_id").asText()).isEqualTo(bench.web.hostId());
        assertThat(items.at("/0/since").asText()).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(items.at("/0/reason").asText()).contains("restore command");
        assertThat(items.at("/0/held_version").asLong()).isEqualTo(1);
        assertThat(items.at("/0/our_version").asLong()).isEqualTo(1);
        assertThat(bench.currentEpoch()).isNotEqualTo(bench.epoch);
    }

    @Test
    void a_file_put_back_by_hand_is_noticed_by_the_higher_version_that_the_agent_holds() throws Exception {
        bench.putBackByHand();

        assertThat(bench.connect(3, bench.epoch, 0).drain()).isEmpty();

        assertThat(bench.reason()).contains("version 3", "only version 1");
        assertThat(bench.currentEpoch()).isEqualTo(bench.epoch);
    }

    @Test
    void a_file_put_back_by_hand_is_noticed_by_results_that_were_acknowledged_and_are_not_there() throws Exception {
        bench.report(1);
        server.stop();
        DatabaseFile.copy(server.directory(), elsewhere.resolve("with-one.db"));
        server.start();
        bench.report(2);
        bench.putBack(elsewhere.resolve("with-one.db"));

        assertThat(bench.connect(1, bench.epoch, 2).drain()).isEmpty();
        assertThat(bench.reason()).contains("lacks results");
    }

    @Test
    void the_welcome_contains_what_is_stored_so_that_the_agent_can_send_the_rest_again() throws Exception {
        bench.report(7);

        var welcome = bench.welcome(1, Optional.of(bench.epoch), Optional.of(7L));

        assertThat(welcome.epoch()).contains(bench.epoch);
        assertThat(welcome.storedSequence()).contains(7L);
    }

    @Test
    void results_sent_again_are_shown_while_the_host_still_waits() throws Exception {
        bench.restoreByCommand();
        var agent = bench.connect(1, bench.epoch, 9);

        agent.sendAndDrain(finished(5));

        assertThat(server.api().get("/api/jobs/" + RUN).at("/status")).isEqualTo("succeeded");
        assertThat(server.api().get("/api/restored").json().path("items")).hasSize(1);
    }

    @Test
    void a_wait_survives_server_restarts_and_later_hellos() throws Exception {
        bench.restoreByCommand();
        bench.connect(1, bench.epoch, 0).abort();
        server.stop();
        server.start();

        assertThat(bench.connect(1, bench.currentEpoch(), 0).drain()).isEmpty();
        assertThat(server.api().get("/api/restored").json().path("items")).hasSize(1);
    }

    @Test
    void changes_are_refused_with_words_until_it_is_decided() throws Exception {
        bench.restoreByCommand();
        bench.connect(4, bench.epoch, 0).drain();
        var path = "/api/hosts/" + bench.web.hostId() + "/schedules";

        assertThat(server.api().post(path, NIGHTLY).outcome()).isEqualTo("409 restored_undecided");
        assertThat(server.api().put(path + "/" + bench.nightly, NIGHTLY).outcome())
                .isEqualTo("409 restored_undecided");
        assertThat(server.api().delete(path + "/" + bench.nightly).outcome()).isEqualTo("409 restored_undecided");
        var run = server.api().post(path + "/" + bench.nightly + "/run", Map.of());
        assertThat(run.outcome()).isEqualTo("409 restored_undecided");
        assertThat(run.at("/detail")).contains("restored", "decide");

        bench.decide("push");
        assertThat(server.api().post(path, Samples.UNNAMED).outcome()).isEqualTo("201");
    }

    @Test
    void a_newly_enrolled_host_never_waits() throws Exception {
        bench.restoreByCommand();
        var fresh = server.enrol("fresh");

        assertThat(fresh.connect(7).receive(ToAgent.ScheduleSet.class).version())
                .isEqualTo(8);
    }

    @Test
    void what_a_waiting_host_fires_by_itself_is_let_run_as_the_machine_has_it() throws Exception {
        bench.restoreByCommand();
        var agent = bench.connect(5, bench.epoch, 0);

        agent.send(SampleReports.fire(RUN, bench.nightly, server.now(), 5));

        var run = agent.receive(ToAgent.CommandRun.class);
        assertThat(run.jobId().value()).isEqualTo(RUN);
        assertThat(run.order().scheduled()).isEmpty();
    }

    @Test
    void what_it_fires_and_this_database_does_not_know_is_not_refused() throws Exception {
        bench.restoreByCommand();
        var agent = bench.connect(5, bench.epoch, 0);

        assertThat(agent.sendAndDrain(SampleReports.fire(RUN, THEIRS, server.now(), 5)))
                .isEmpty();
    }

    @Test
    void a_run_that_the_copy_still_had_waiting_is_not_asked_for_a_second_time() throws Exception {
        var agent = bench.connect(1, bench.epoch, 0);
        agent.drain();
        var job = server.api()
                .post("/api/hosts/" + bench.web.hostId() + "/run", Map.of())
                .at("/job_id");
        server.stop();
        DatabaseFile.copy(server.directory(), elsewhere.resolve("with-job.db"));
        bench.restoreByCommand(elsewhere.resolve("with-job.db"));
        server.clock().advance(Duration.ofHours(1));

        assertThat(bench.connect(1, bench.epoch, 4).drain()).isEmpty();

        assertThat(server.api().get("/api/jobs/" + job).at("/status")).isEqualTo("interrupted");
    }

    private ToServer.JobFinished finished(long sequence) {
        return new ToServer.JobFinished(
                sequence,
                new JobId(RUN),
                JobKind.BACKUP,
                JobTrigger.CRON,
                Optional.of(new ScheduleId(bench.nightly)),
                Optional.of(server.now()),
                Optional.of(server.now()),
                server.now(),
                JobStatus.SUCCEEDED,
                Optional.of(0),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new NoResult());
    }
}
