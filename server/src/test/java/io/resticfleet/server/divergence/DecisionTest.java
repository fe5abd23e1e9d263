package io.resticfleet.server.divergence;

import static io.resticfleet.server.Samples.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.db.DatabaseFile;
import io.resticfleet.server.page.PageClient;
import io.resticfleet.server.schedule.Schedules;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator decides about the hosts of a server whose database was put back, and what then is pushed. */
@Tag("slow")
class DecisionTest {

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
    void push_goes_past_what_the_machine_holds_and_sends_credentials_and_schedules() throws Exception {
        bench.putBackByHand();
        var agent = bench.connect(5, bench.epoch, 0);
        assertThat(agent.drain()).isEmpty();

        assertThat(bench.decide("push").text()).isEqualTo("{\"items\":[]}");

        var received = agent.drain();
        assertThat(received).hasSize(2);
        assertThat(received.get(0)).isInstanceOf(ToAgent.ConfigUpdate.class);
        var set = (ToAgent.ScheduleSet) received.get(1);
        assertThat(set.version()).isEqualTo(6);
        assertThat(set.schedules())
                .extracting(schedule -> schedule.id().value())
                .containsExactly(bench.nightly);
        assertThat(server.api().get("/api/audit").text()).contains("host.restored");
        assertThat(bench.connect(6, bench.epoch, 0).drain()).hasSize(2);
    }

    @Test
    void keep_takes_over_what_the_machine_holds_audited_and_pushes_it_as_the_newest() throws Exception {
        bench.putBackByHand();
        var agent = bench.connect(5, bench.epoch, 0);
        assertThat(agent.drain()).isEmpty();

        bench.decide("keep");
        agent.receive(ToAgent.ScheduleAsk.class);
        var received = agent.sendAndDrain(held(5, schedule(THEIRS, "hourly"), schedule(bench.nightly, "renamed")));

        var set = (ToAgent.ScheduleSet) received.get(1);
        assertThat(set.version()).isEqualTo(6);
        assertThat(set.schedules()).extracting(Schedule::name).containsExactlyInAnyOrder("hourly", "renamed");
        assertThat(((ToAgent.ConfigUpdate) received.get(0)).repository().repoPassword())
                .isEqualTo("rotated");
        assertThat(server.api().get("/api/restored").text()).isEqualTo("{\"items\":[]}");
        assertThat(server.api()
                        .get("/api/hosts/" + bench.web.hostId() + "/schedules")
                        .text())
                .contains("hourly", "renamed")
                .doesNotContain("\"name\":\"nightly\"");
        assertThat(server.api().get("/api/audit").text())
                .contains("schedule.take_over", "hourly")
                .doesNotContain("rotated");
        assertThat(bench.connect(6, bench.epoch, 0).drain()).hasSize(2);
    }

    @Test
    void keep_discards_a_change_of_the_repository_that_is_pending() throws Exception {
        bench.putBackByHand();
        var agent = bench.connect(5, bench.epoch, 0);
        server.api()
                .patch(
                        "/api/hosts/" + bench.web.hostId(),
                        Map.of("repository", Samples.repository("rest:http://nas:8000/elsewhere/")));
        assertThat(server.sql("SELECT count(*) FROM repository_changes")).containsExactly("1");

        bench.decide("keep");
        agent.receive(ToAgent.ScheduleAsk.class);
        agent.sendAndDrain(held(5, schedule(bench.nightly, "nightly")));

        assertThat(server.sql("SELECT url FROM repository_changes")).isEmpty();
    }

    @Test
    void kept_schedules_that_repeat_a_name_get_a_number_and_swapped_names_are_stored() throws Exception {
        var second = bench.web.addSchedule(Map.of("kind", "prune", "name", "weekly", "cron", "@weekly"));
        bench.putBackByHand();
        var agent = bench.connect(5, bench.epoch, 0);
        bench.decide("keep");
        agent.receive(ToAgent.ScheduleAsk.class);

        var received = agent.sendAndDrain(
                held(5, schedule(second, "nightly"), schedule(bench.nightly, "weekly"), schedule(THEIRS, "weekly")));

        assertThat(received)
                .filteredOn(ToAgent.ScheduleSet.class::isInstance)
                .singleElement()
                .satisfies(sent -> {
                    var set = (ToAgent.ScheduleSet) sent;
                    assertThat(set.version()).isEqualTo(6);
                    assertThat(set.schedules())
                            .extracting(schedule -> schedule.id().value(), Schedule::name)
                            .containsExactlyInAnyOrder(
                                    tuple(second, "nightly"),
                                    tuple(bench.nightly, "weekly"),
                                    tuple(THEIRS, "weekly 2"));
                });
    }

    @Test
    void a_machine_that_holds_nothing_is_kept_with_nothing() throws Exception {
        bench.restoreByCommand();
        var agent = bench.connect(0, bench.epoch, 0);
        bench.decide("keep");
        agent.receive(ToAgent.ScheduleAsk.class);

        agent.sendAndDrain(new ToServer.ScheduleHeld(0, List.of(), Optional.empty(), Optional.empty()));

        var envelope = server.api().get("/api/hosts/" + bench.web.hostId() + "/schedules");
        assertThat(envelope.json().path("schedules")).isEmpty();
        assertThat(envelope.at("/version")).isEqualTo("2");
    }

    @Test
    void a_set_that_nobody_asked_for_changes_nothing() throws Exception {
        var agent = bench.connect(1, bench.epoch, 0);

        agent.sendAndDrain(held(9, schedule(THEIRS, "planted")));

        assertThat(server.api()
                        .get("/api/hosts/" + bench.web.hostId() + "/schedules")
                        .text())
                .doesNotContain("planted");
    }

    @Test
    void a_set_that_cannot_be_stored_is_refused_whole_and_asked_about_again() throws Exception {
        bench.putBackByHand();
        var again = server.enrol("db");
        var others = again.addSchedule(NIGHTLY);
        var agent = bench.connect(5, bench.epoch, 0);
        bench.decide("keep");
        agent.receive(ToAgent.ScheduleAsk.class);

        agent.sendAndDrain(held(5, schedule(THEIRS, "fine"), schedule(others, "stolen")));

        assertThat(bench.reason()).contains("another machine");
        assertThat(server.api()
                        .get("/api/hosts/" + bench.web.hostId() + "/schedules")
                        .text())
                .doesNotContain("fine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"push", "keep"})
    void a_host_that_is_away_is_decided_beforehand_and_that_is_not_lost(String decision) throws Exception {
        bench.restoreByCommand();
        assertThat(server.api()
                        .post("/api/restored", Map.of("decision", decision))
                        .text())
                .isEqualTo("{\"items\":[]}");
        server.stop();
        server.start();

        var agent = bench.connect(8, bench.epoch, 0);

        if (decision.equals("push")) {
            assertThat(agent.receive(ToAgent.ScheduleSet.class).version()).isEqualTo(9);
        } else {
            agent.receive(ToAgent.ScheduleAsk.class);
            agent.send(held(8, schedule(THEIRS, "hourly")));
            assertThat(agent.receive(ToAgent.ScheduleSet.class).version()).isEqualTo(9);
        }
        assertThat(bench.connect(9, bench.currentEpoch(), 0).drain()).hasSize(2);
    }

    @Test
    void a_decision_that_was_not_carried_out_yet_can_be_changed() throws Exception {
        bench.restoreByCommand();
        bench.decide("keep");

        assertThat(bench.decide("keep").outcome()).isEqualTo("409 nothing_to_decide");
        assertThat(bench.decide("push").outcome()).isEqualTo("200");

        assertThat(bench.connect(3, bench.epoch, 0)
                        .receive(ToAgent.ScheduleSet.class)
                        .version())
                .isEqualTo(4);
    }

    @Test
    void a_decision_holds_before_all_results_have_been_sent_again() throws Exception {
        bench.report(1);
        server.stop();
        DatabaseFile.copy(server.directory(), elsewhere.resolve("with-one.db"));
        server.start();
        bench.putBack(elsewhere.resolve("with-one.db"));
        bench.connect(1, bench.epoch, 500).drain();
        bench.decide("push");

        assertThat(bench.connect(2, bench.epoch, 500).drain()).hasSize(2);
        assertThat(server.api().get("/api/restored").text()).isEqualTo("{\"items\":[]}");
    }

    @Test
    void new_credentials_for_a_host_that_waits_are_kept_and_sent_once_it_is_decided() throws Exception {
        bench.restoreByCommand();
        var agent = bench.connect(1, bench.epoch, 0);

        server.api()
                .patch(
                        "/api/hosts/" + bench.web.hostId() + "?force=true",
                        Map.of("repository", Map.of("url", "rest:http://nas:8000/new/")));
        assertThat(agent.drain()).isEmpty();
        bench.decide("push");

        assertThat(agent.receive(ToAgent.ConfigUpdate.class).repository().url().value())
                .endsWith("/new/");
    }

    @Test
    void the_pages_ask_for_a_decision_and_have_a_button_for_each() throws Exception {
        bench.restoreByCommand();
        bench.connect(3, bench.epoch, 0).drain();
        var anna = PageClient.signedIn(server);
        var fleet = anna.open("/").only("#restored-title").parent();
        assertThat(fleet.select("h2").text()).isEqualTo("Which schedules should apply?");
        assertThat(fleet.expectFirst("form").attr("action")).isEqualTo("/restored");
        var page = anna.open("/hosts/" + bench.web.hostId());
        var banner = page.only("#restored-title").parent();
        assertThat(banner.text()).contains("restore command");
        assertThat(banner.expectFirst("form").attr("action")).isEqualTo("/hosts/" + bench.web.hostId() + "/restored");
        assertThat(page.buttons("Keep the schedules on the machine")).hasSize(1);

        var after = page.press("Push this server's schedules");

        assertThat(after.status()).isEqualTo(200);
        assertThat(after.select("#restored-title")).isEmpty();
        assertThat(anna.open("/").select("#restored-title")).isEmpty();
        assertThat(server.api()
                        .get("/api/hosts/" + bench.web.hostId() + "/schedules")
                        .at("/version"))
                .isEqualTo("4");
    }

    private static ToServer.ScheduleHeld held(long version, Schedule... schedules) {
        return new ToServer.ScheduleHeld(
                version,
                List.of(schedules),
                Optional.of(
                        new Repository(new RepositoryUrl(Samples.URL), Optional.empty(), Optional.empty(), "rotated")),
                Optional.empty());
    }

    private static Schedule schedule(String id, String name) {
        var plain = Schedules.initial(new ScheduleId(id), List.of("/srv"));
        return new Schedule(
                plain.id(),
                plain.kind(),
                name,
                plain.enabled(),
                plain.manual(),
                plain.cron(),
                plain.timeZone(),
                plain.paths(),
                plain.excludes(),
                plain.tags(),
                plain.retention(),
                plain.options(),
                plain.hooks(),
                CatchUp.RUN_ONCE,
                0,
                Optional.empty());
    }
}
