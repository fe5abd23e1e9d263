package io.resticfleet.server.schedule;

import static io.resticfleet.server.TestServer.NIGHTLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStats;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.FakeAgent;
import io.resticfleet.server.FakeMachine;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.Restore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server whose database was put back from a copy pushes nothing until an operator has decided. */
class RestoredTest {

    private static final String RUN = "01ARZ3NDEKTSV4RRFFQ69G5FB0";
    private static final String THEIRS = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

    @RegisterExtension
    final TestServer server = new TestServer();

    @TempDir
    Path elsewhere;

    private FakeMachine web;
    private String nightly;
    private String epoch;

    @BeforeEach
    void a_copy_of_a_database_with_one_host_is_made() throws Exception {
        web = server.enrol("web");
        nightly = server.schedule(web, NIGHTLY);
        epoch = welcome(1, Optional.empty(), Optional.empty()).epoch().orElseThrow();
        Database.copy(server.directory(), copy());
    }

    @Test
    void a_server_that_was_not_restored_waits_for_nothing() throws Exception {
        server.stop();
        server.start();

        var heard = connect(1, epoch, 0).hearsUntilNow();

        assertThat(heard).hasSize(2);
        assertThat(server.get("/api/restored").text()).isEqualTo("{\"items\":[]}");
        assertThat(decide("push").outcome()).isEqualTo("409 nothing_to_decide");
        assertThat(server.post("/api/restored", Map.of("decision", "keep")).outcome())
                .isEqualTo("409 nothing_to_decide");
    }

    @Test
    void after_the_restore_command_every_host_waits_even_with_the_same_version_and_is_pushed_nothing()
            throws Exception {
        restoreByCommand();

        var heard = connect(1, epoch, 0).hearsUntilNow();

        assertThat(heard).isEmpty();
        var items = server.get("/api/restored").json().path("items");
        assertThat(items).hasSize(1);
        assertThat(items.at("/0/host_id").asText()).isEqualTo(web.hostId());
        assertThat(items.at("/0/since").asText()).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(items.at("/0/reason").asText()).contains("restore command");
        assertThat(items.at("/0/held_version").asLong()).isEqualTo(1);
        assertThat(items.at("/0/our_version").asLong()).isEqualTo(1);
        assertThat(currentEpoch()).isNotEqualTo(epoch);
    }

    @Test
    void a_file_put_back_by_hand_is_noticed_by_the_higher_version_that_the_agent_holds() throws Exception {
        putBackByHand();

        assertThat(connect(3, epoch, 0).hearsUntilNow()).isEmpty();

        assertThat(reason()).contains("version 3", "only version 1");
        assertThat(currentEpoch()).isEqualTo(epoch);
    }

    @Test
    void a_file_put_back_by_hand_is_noticed_by_results_that_were_acknowledged_and_are_not_there() throws Exception {
        report(1);
        server.stop();
        Database.copy(server.directory(), elsewhere.resolve("with-one.db"));
        server.start();
        report(2);
        putBack(elsewhere.resolve("with-one.db"));

        assertThat(connect(1, epoch, 2).hearsUntilNow()).isEmpty();
        assertThat(reason()).contains("more results");
    }

    @Test
    void the_welcome_says_what_is_stored_so_that_the_agent_can_tell_the_rest_again() throws Exception {
        report(7);

        var welcome = welcome(1, Optional.of(epoch), Optional.of(7L));

        assertThat(welcome.epoch()).contains(epoch);
        assertThat(welcome.storedSequence()).contains(7L);
    }

    @Test
    void what_was_told_again_shows_up_while_the_host_still_waits() throws Exception {
        restoreByCommand();
        var agent = connect(1, epoch, 9);

        agent.sayAndHear(finished(5));

        assertThat(server.get("/api/jobs/" + RUN).at("/status")).isEqualTo("succeeded");
        assertThat(server.get("/api/restored").json().path("items")).hasSize(1);
    }

    @Test
    void a_wait_survives_server_restarts_and_later_hellos() throws Exception {
        restoreByCommand();
        connect(1, epoch, 0).vanish();
        server.stop();
        server.start();

        assertThat(connect(1, currentEpoch(), 0).hearsUntilNow()).isEmpty();
        assertThat(server.get("/api/restored").json().path("items")).hasSize(1);
    }

    @Test
    void changes_are_refused_with_words_until_it_is_decided() throws Exception {
        restoreByCommand();
        connect(4, epoch, 0).hearsUntilNow();
        var path = "/api/hosts/" + web.hostId() + "/schedules";

        assertThat(server.post(path, NIGHTLY).outcome()).isEqualTo("409 restored_undecided");
        assertThat(server.put(path + "/" + nightly, NIGHTLY).outcome()).isEqualTo("409 restored_undecided");
        assertThat(server.delete(path + "/" + nightly).outcome()).isEqualTo("409 restored_undecided");
        var run = server.post(path + "/" + nightly + "/run", Map.of());
        assertThat(run.outcome()).isEqualTo("409 restored_undecided");
        assertThat(run.at("/detail")).contains("restored", "decide");

        decide("push");
        assertThat(server.post(path, NIGHTLY).outcome()).isEqualTo("201");
    }

    @Test
    void push_goes_past_what_the_machine_holds_and_sends_credentials_and_schedules() throws Exception {
        putBackByHand();
        var agent = connect(5, epoch, 0);
        assertThat(agent.hearsUntilNow()).isEmpty();

        assertThat(decide("push").text()).isEqualTo("{\"items\":[]}");

        var heard = agent.hearsUntilNow();
        assertThat(heard).hasSize(2);
        assertThat(heard.get(0)).isInstanceOf(ToAgent.ConfigUpdate.class);
        var set = (ToAgent.ScheduleSet) heard.get(1);
        assertThat(set.version()).isEqualTo(6);
        assertThat(set.schedules()).extracting(Schedule::id).containsExactly(nightly);
        assertThat(server.get("/api/audit").text()).contains("host.restored");
        assertThat(connect(6, epoch, 0).hearsUntilNow()).hasSize(2);
    }

    @Test
    void keep_takes_over_what_the_machine_holds_audited_and_pushes_it_as_the_newest() throws Exception {
        putBackByHand();
        var agent = connect(5, epoch, 0);
        assertThat(agent.hearsUntilNow()).isEmpty();

        decide("keep");
        agent.hears(ToAgent.ScheduleAsk.class);
        var heard = agent.sayAndHear(held(5, schedule(THEIRS, "hourly"), schedule(nightly, "renamed")));

        var set = (ToAgent.ScheduleSet) heard.get(1);
        assertThat(set.version()).isEqualTo(6);
        assertThat(set.schedules()).extracting(Schedule::name).containsExactlyInAnyOrder("hourly", "renamed");
        assertThat(((ToAgent.ConfigUpdate) heard.get(0)).repository().repoPassword())
                .isEqualTo("rotated");
        assertThat(server.get("/api/restored").text()).isEqualTo("{\"items\":[]}");
        assertThat(server.get("/api/hosts/" + web.hostId() + "/schedules").text())
                .contains("hourly", "renamed")
                .doesNotContain("\"name\":\"nightly\"");
        assertThat(server.get("/api/audit").text())
                .contains("schedule.take_over", "hourly")
                .doesNotContain("rotated");
        assertThat(connect(6, epoch, 0).hearsUntilNow()).hasSize(2);
    }

    @Test
    void a_machine_that_holds_nothing_is_kept_with_nothing() throws Exception {
        restoreByCommand();
        var agent = connect(0, epoch, 0);
        decide("keep");
        agent.hears(ToAgent.ScheduleAsk.class);

        agent.sayAndHear(new ToServer.ScheduleHeld(0, List.of(), Optional.empty()));

        var envelope = server.get("/api/hosts/" + web.hostId() + "/schedules");
        assertThat(envelope.json().path("schedules")).isEmpty();
        assertThat(envelope.at("/version")).isEqualTo("2");
    }

    @Test
    void a_set_that_nobody_asked_for_changes_nothing() throws Exception {
        var agent = connect(1, epoch, 0);

        agent.sayAndHear(held(9, schedule(THEIRS, "planted")));

        assertThat(server.get("/api/hosts/" + web.hostId() + "/schedules").text())
                .doesNotContain("planted");
    }

    @Test
    void a_set_that_cannot_be_stored_is_refused_whole_and_asked_about_again() throws Exception {
        putBackByHand();
        var again = server.enrol("db");
        var others = server.schedule(again, NIGHTLY);
        var agent = connect(5, epoch, 0);
        decide("keep");
        agent.hears(ToAgent.ScheduleAsk.class);

        agent.sayAndHear(held(5, schedule(THEIRS, "fine"), schedule(others, "stolen")));

        assertThat(reason()).contains("another machine's");
        assertThat(server.get("/api/hosts/" + web.hostId() + "/schedules").text())
                .doesNotContain("fine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"push", "keep"})
    void a_host_that_is_away_is_decided_beforehand_and_that_is_not_lost(String decision) throws Exception {
        restoreByCommand();
        assertThat(server.post("/api/restored", Map.of("decision", decision)).text())
                .isEqualTo("{\"items\":[]}");
        server.stop();
        server.start();

        var agent = connect(8, epoch, 0);

        if (decision.equals("push")) {
            assertThat(agent.hears(ToAgent.ScheduleSet.class).version()).isEqualTo(9);
        } else {
            agent.hears(ToAgent.ScheduleAsk.class);
            agent.say(held(8, schedule(THEIRS, "hourly")));
            assertThat(agent.hears(ToAgent.ScheduleSet.class).version()).isEqualTo(9);
        }
        assertThat(connect(9, currentEpoch(), 0).hearsUntilNow()).hasSize(2);
    }

    @Test
    void a_decision_that_was_not_carried_out_yet_can_be_changed() throws Exception {
        restoreByCommand();
        decide("keep");

        assertThat(decide("keep").outcome()).isEqualTo("409 nothing_to_decide");
        assertThat(decide("push").outcome()).isEqualTo("200");

        assertThat(connect(3, epoch, 0).hears(ToAgent.ScheduleSet.class).version())
                .isEqualTo(4);
    }

    @Test
    void decided_once_is_decided_though_the_results_are_not_all_told_again_yet() throws Exception {
        report(1);
        server.stop();
        Database.copy(server.directory(), elsewhere.resolve("with-one.db"));
        server.start();
        putBack(elsewhere.resolve("with-one.db"));
        connect(1, epoch, 500).hearsUntilNow();
        decide("push");

        assertThat(connect(2, epoch, 500).hearsUntilNow()).hasSize(2);
        assertThat(server.get("/api/restored").text()).isEqualTo("{\"items\":[]}");
    }

    @Test
    void a_newly_enrolled_host_never_waits() throws Exception {
        restoreByCommand();
        var fresh = server.enrol("fresh");

        assertThat(server.connect(fresh, 7).hears(ToAgent.ScheduleSet.class).version())
                .isEqualTo(8);
    }

    @Test
    void new_credentials_for_a_host_that_waits_are_kept_and_sent_once_it_is_decided() throws Exception {
        restoreByCommand();
        var agent = connect(1, epoch, 0);

        server.patch("/api/hosts/" + web.hostId(), Map.of("repository", Map.of("url", "rest:http://nas:8000/new/")));
        assertThat(agent.hearsUntilNow()).isEmpty();
        decide("push");

        assertThat(agent.hears(ToAgent.ConfigUpdate.class).repository().url().value())
                .endsWith("/new/");
    }

    @Test
    void what_a_waiting_host_fires_by_itself_is_let_run_as_the_machine_has_it() throws Exception {
        restoreByCommand();
        var agent = connect(5, epoch, 0);

        agent.say(new ToServer.ScheduleFire(RUN, nightly, server.now, 5));

        var run = agent.hears(ToAgent.CommandRun.class);
        assertThat(run.jobId()).isEqualTo(RUN);
        assertThat(run.schedule()).isEmpty();
    }

    @Test
    void what_it_fires_and_this_database_does_not_know_is_not_refused() throws Exception {
        restoreByCommand();
        var agent = connect(5, epoch, 0);

        assertThat(agent.sayAndHear(new ToServer.ScheduleFire(RUN, THEIRS, server.now, 5)))
                .isEmpty();
    }

    @Test
    void a_run_that_the_copy_still_had_waiting_is_not_asked_for_a_second_time() throws Exception {
        var agent = connect(1, epoch, 0);
        agent.hearsUntilNow();
        var job = server.post("/api/hosts/" + web.hostId() + "/run", Map.of()).at("/job_id");
        server.stop();
        Database.copy(server.directory(), elsewhere.resolve("with-job.db"));
        restoreByCommand(elsewhere.resolve("with-job.db"));
        server.now = server.now.plus(Duration.ofHours(1));

        assertThat(connect(1, epoch, 4).hearsUntilNow()).isEmpty();

        assertThat(server.get("/api/jobs/" + job).at("/status")).isEqualTo("interrupted");
    }

    @Test
    void the_pages_ask_and_two_buttons_decide() throws Exception {
        restoreByCommand();
        connect(3, epoch, 0).hearsUntilNow();
        assertThat(page("/")).contains("Whose schedules hold?", "action=\"/restored\"");
        assertThat(page("/hosts/" + web.hostId()))
                .contains("restore command", "action=\"/hosts/" + web.hostId() + "/restored\"");

        var sent = server.request(
                "POST",
                "/hosts/" + web.hostId() + "/restored",
                "decision=push",
                "Cookie",
                "rf_session=" + server.session(),
                "Origin",
                server.url(),
                "Content-Type",
                "application/x-www-form-urlencoded");

        assertThat(sent.status()).isEqualTo(303);
        assertThat(page("/")).doesNotContain("Whose schedules hold?");
        assertThat(server.get("/api/hosts/" + web.hostId() + "/schedules").at("/version"))
                .isEqualTo("4");
    }

    private String page(String path) throws Exception {
        return server.request("GET", path, "", "Cookie", "rf_session=" + server.session(), "Accept", "text/html")
                .text();
    }

    private Path copy() {
        return elsewhere.resolve("copy.db");
    }

    private void restoreByCommand() {
        server.stop();
        restoreByCommand(copy());
    }

    private void restoreByCommand(Path from) {
        Restore.run(server.directory(), from, () -> server.now);
        server.start();
    }

    private void putBackByHand() throws Exception {
        putBack(copy());
    }

    private void putBack(Path from) throws Exception {
        server.stop();
        Files.copy(from, Database.fileIn(server.directory()), StandardCopyOption.REPLACE_EXISTING);
        for (var log : List.of("-wal", "-shm")) {
            Files.deleteIfExists(server.directory().resolve("restic-fleet.db" + log));
        }
        server.start();
    }

    private TestServer.Answer decide(String decision) throws Exception {
        return server.post("/api/hosts/" + web.hostId() + "/restored", Map.of("decision", decision));
    }

    private String reason() throws Exception {
        return server.get("/api/restored").at("/items/0/reason");
    }

    private String currentEpoch() throws Exception {
        return server.sql("SELECT epoch FROM database_epoch").get(0);
    }

    private ToAgent.Welcome welcome(long version, Optional<String> known, Optional<Long> acked) throws Exception {
        var agent = server.dial();
        agent.say(web.sign(
                web.hello(version, server.now).knowing(known, acked),
                agent.hears(ToAgent.Challenge.class).nonce()));
        return agent.hears(ToAgent.Welcome.class);
    }

    /** Connects an agent that has known a database of this epoch. */
    private FakeAgent connect(long version, String known, long acked) throws Exception {
        var agent = server.dial();
        agent.say(web.sign(
                web.hello(version, server.now).knowing(Optional.of(known), Optional.of(acked)),
                agent.hears(ToAgent.Challenge.class).nonce()));
        agent.hears(ToAgent.Welcome.class);
        return agent;
    }

    private void report(long sequence) throws Exception {
        connect(1, epoch, sequence - 1).sayAndHear(new ToServer.SnapshotsReport(sequence, server.now, List.of()));
    }

    private ToServer.JobFinished finished(long sequence) {
        return new ToServer.JobFinished(
                sequence,
                RUN,
                JobKind.BACKUP,
                JobTrigger.CRON,
                Optional.of(nightly),
                Optional.of(server.now),
                Optional.of(server.now),
                server.now,
                JobStatus.SUCCEEDED,
                Optional.of(0),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                JobStats.NONE);
    }

    private static ToServer.ScheduleHeld held(long version, Schedule... schedules) {
        return new ToServer.ScheduleHeld(
                version,
                List.of(schedules),
                Optional.of(new Repository(
                        new RepositoryUrl(TestServer.URL), Optional.empty(), Optional.empty(), "rotated")));
    }

    private static Schedule schedule(String id, String name) {
        var plain = Schedules.initial(id, List.of("/srv"));
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
                0);
    }
}
