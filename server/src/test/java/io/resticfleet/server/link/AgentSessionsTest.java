package io.resticfleet.server.link;

import static io.resticfleet.server.Samples.NIGHTLY;
import static io.resticfleet.server.Samples.UNNAMED;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the server sends at every hello, and how it learns which version the agent applies. */
class AgentSessionsTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private EnrolledAgent web;

    @BeforeEach
    void join() throws Exception {
        web = server.enrol("web");
    }

    @Test
    void credentials_come_first_and_then_the_whole_set() throws Exception {
        var first = web.addSchedule(NIGHTLY);
        var second = web.addSchedule(UNNAMED);

        var received = web.connect().drain();

        assertThat(received).hasSize(2);
        var config = (ToAgent.ConfigUpdate) received.get(0);
        assertThat(config.hostname()).isEqualTo("web");
        assertThat(config.repository().url().value()).isEqualTo(Samples.URL);
        assertThat(config.repository().username()).hasValue("fleet");
        assertThat(config.repository().password()).hasValue(Samples.REST_PASSWORD);
        assertThat(config.repository().repoPassword()).isEqualTo(Samples.REPO_PASSWORD);
        assertThat(config.repositoryKnown()).isFalse();
        var set = (ToAgent.ScheduleSet) received.get(1);
        assertThat(set.version()).isEqualTo(2);
        assertThat(set.schedules())
                .extracting(schedule -> schedule.id().value())
                .containsExactly(first, second);
    }

    @Test
    void a_new_host_gets_the_empty_set_and_then_each_change() throws Exception {
        var agent = web.connect();
        assertThat(agent.receive(ToAgent.ScheduleSet.class)).isEqualTo(new ToAgent.ScheduleSet(0, List.of()));

        var id = web.addSchedule(NIGHTLY);

        var set = agent.receive(ToAgent.ScheduleSet.class);
        assertThat(set.version()).isEqualTo(1);
        assertThat(set.schedules())
                .extracting(schedule -> schedule.id().value())
                .containsExactly(id);
    }

    @Test
    void a_host_without_credentials_still_gets_its_schedules() throws Exception {
        web.addSchedule(NIGHTLY);
        server.sql("DELETE FROM host_repositories");

        var received = web.connect().drain();

        assertThat(received).singleElement().isInstanceOfSatisfying(ToAgent.ScheduleSet.class, set -> {
            assertThat(set.version()).isEqualTo(1);
            assertThat(set.schedules()).hasSize(1);
        });
    }

    @Test
    void a_host_whose_credentials_do_not_open_still_gets_its_schedules() throws Exception {
        server.enrol("db");
        web.addSchedule(NIGHTLY);
        server.sql("UPDATE secrets SET sealed = 'damaged' WHERE owner = 'repositories/"
                + server.sql("SELECT repository_id FROM host_repositories").get(0) + "'");

        var received = web.connect().drain();

        assertThat(received).filteredOn(ToAgent.ScheduleSet.class::isInstance).hasSize(1);
        assertThat(received).noneMatch(ToAgent.ConfigUpdate.class::isInstance);
    }

    @Test
    void deleting_the_last_schedule_sends_an_empty_set() throws Exception {
        var id = web.addSchedule(NIGHTLY);
        var agent = web.connectInSync();

        server.api().delete("/api/hosts/" + web.hostId() + "/schedules/" + id);

        assertThat(agent.receive(ToAgent.ScheduleSet.class)).isEqualTo(new ToAgent.ScheduleSet(2, List.of()));
    }

    @Test
    void a_push_that_was_lost_is_healed_by_the_next_hello() throws Exception {
        var agent = web.connectInSync();
        agent.abort();
        web.addSchedule(NIGHTLY);
        web.addSchedule(UNNAMED);

        var set = web.connect(0).receive(ToAgent.ScheduleSet.class);

        assertThat(set.version()).isEqualTo(2);
        assertThat(set.schedules()).hasSize(2);
    }

    @Test
    void a_hello_contains_the_version_that_the_agent_applies() throws Exception {
        web.addSchedule(NIGHTLY);
        web.addSchedule(UNNAMED);

        web.connect(1).drain();
        assertThat(applied()).isEqualTo("1");

        web.connect(2).drain();
        assertThat(applied()).isEqualTo("2");

        web.connect(0).drain(); // its disk was replaced
        assertThat(applied()).isEqualTo("0");
    }

    @Test
    void a_late_ack_does_not_undo_a_newer_one() throws Exception {
        var agent = web.connectInSync();
        web.addSchedule(NIGHTLY);
        web.addSchedule(UNNAMED);

        agent.send(new ToServer.ScheduleAck(2, Optional.empty()));
        agent.send(new ToServer.ScheduleAck(1, Optional.empty()));
        agent.drain();

        assertThat(applied()).isEqualTo("2");
    }

    @Test
    void an_ack_of_what_was_never_set_changes_nothing() throws Exception {
        var agent = web.connectInSync();
        web.addSchedule(NIGHTLY);

        agent.sendAndDrain(new ToServer.ScheduleAck(7, Optional.empty()));
        agent.sendAndDrain(new ToServer.ScheduleAck(-1, Optional.empty()));

        assertThat(applied()).isEqualTo("0");
    }

    @Test
    void a_restored_server_goes_past_what_the_agent_holds() throws Exception {
        web.addSchedule(NIGHTLY);

        var agent = web.connect(9);

        var set = agent.receive(ToAgent.ScheduleSet.class);
        assertThat(set.version()).isEqualTo(10);
        assertThat(set.schedules()).hasSize(1);
        assertThat(host().path("drift").asBoolean()).isTrue();
        agent.sendAndDrain(new ToServer.ScheduleAck(10, Optional.empty()));
        assertThat(host().path("drift").asBoolean()).isFalse();
    }

    @Test
    void a_restored_server_that_knew_no_schedules_yet_goes_past_too() throws Exception {
        var set = web.connect(3).receive(ToAgent.ScheduleSet.class);

        assertThat(set).isEqualTo(new ToAgent.ScheduleSet(4, List.of()));
    }

    @Test
    void new_credentials_reach_a_connected_agent_and_are_shown_to_nobody() throws Exception {
        var agent = web.connectInSync();

        var answer = server.api()
                .patch(
                        "/api/hosts/" + web.hostId() + "?force=true",
                        Map.of("name", "Web server", "repository", Map.of("url", "rest:http://nas:8000/new/")));

        assertThat(answer.at("/name")).isEqualTo("Web server");
        assertThat(answer.at("/hostname")).isEqualTo("web");
        assertThat(answer.at("/repository_url")).isEqualTo("rest:http://nas:8000/new/");
        var config = agent.receive(ToAgent.ConfigUpdate.class);
        assertThat(config.hostname()).isEqualTo("web");
        assertThat(config.repository().repoPassword()).isEqualTo(Samples.REPO_PASSWORD);
        assertThat(config.repository().password()).isEmpty();
        assertThat(answer.text() + server.api().get("/api/audit").text())
                .doesNotContain(Samples.REPO_PASSWORD, Samples.REST_PASSWORD);
    }

    @Test
    void a_repository_with_snapshots_is_known_to_all_who_share_it() throws Exception {
        reportSnapshot(web);
        var db = server.enrol("db");

        assertThat(db.connect().receive(ToAgent.ConfigUpdate.class).repositoryKnown())
                .isTrue();
    }

    @Test
    void a_directory_of_the_same_name_on_another_machine_is_another_repository() throws Exception {
        var local = Map.of("repository", Map.of("url", "/srv/backup"));
        var first = server.enrol("first", local);
        var second = server.enrol("second", local);
        reportSnapshot(first);

        assertThat(first.connect().receive(ToAgent.ConfigUpdate.class).repositoryKnown())
                .isTrue();
        assertThat(second.connect().receive(ToAgent.ConfigUpdate.class).repositoryKnown())
                .isFalse();
    }

    @Test
    void a_host_that_moves_to_another_repository_knows_nothing_of_it() throws Exception {
        reportSnapshot(web);
        var agent = web.connectInSync();
        server.api()
                .patch(
                        "/api/hosts/" + web.hostId() + "?force=true",
                        Map.of("repository", Samples.repository(Samples.URL)));
        assertThat(agent.receive(ToAgent.ConfigUpdate.class).repositoryKnown()).isTrue();

        server.api()
                .patch(
                        "/api/hosts/" + web.hostId() + "?force=true",
                        Map.of("repository", Map.of("url", "rest:http://nas:8000/fresh/")));

        assertThat(agent.receive(ToAgent.ConfigUpdate.class).repositoryKnown()).isFalse();
        assertThat(server.api().get("/api/hosts/" + web.hostId() + "/snapshots").text())
                .isEqualTo("{\"refreshed_at\":null,\"items\":[],\"next_cursor\":null}");
    }

    private void reportSnapshot(EnrolledAgent machine) throws Exception {
        var id = "a".repeat(64);
        machine.connectInSync()
                .sendAndDrain(new ToServer.SnapshotsReport(
                        1,
                        server.now(),
                        List.of(new io.resticfleet.protocol.Snapshot(
                                id,
                                id.substring(0, 8),
                                server.now(),
                                machine.hostname(),
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
                                Optional.empty()))));
    }

    private String applied() throws Exception {
        return host().path("applied_schedule_version").asText();
    }

    private com.fasterxml.jackson.databind.JsonNode host() throws Exception {
        return server.api().get("/api/hosts/" + web.hostId()).json();
    }
}
