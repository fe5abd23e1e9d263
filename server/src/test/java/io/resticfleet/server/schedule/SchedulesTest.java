package io.resticfleet.server.schedule;

import static io.resticfleet.server.Eventually.eventually;
import static io.resticfleet.server.Samples.NIGHTLY;
import static io.resticfleet.server.Samples.UNNAMED;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SchedulesTest {

    /** As the contract has it. */
    private static final String SAMPLE = """
            {"kind":"backup","name":"nightly","enabled":true,"manual":false,"cron":"30 2 * * *","time_zone":"Europe/London",
             "paths":["/etc","/home"],"excludes":["*.tmp"],"tags":["nightly"],
             "retention":{"keep_last":0,"keep_hourly":0,"keep_daily":14,"keep_weekly":8,"keep_monthly":12,"keep_yearly":0,"keep_within":"30d"},
             "options":{"one_file_system":true,"exclude_caches":true,"limit_upload_kib":0},
             "hooks":{"pre":"echo before","post":"echo after"}}
            """;

    @RegisterExtension
    final TestServer server = new TestServer();

    private EnrolledAgent web;
    private String schedules;

    @BeforeEach
    void join() throws Exception {
        web = server.enrol("web");
        schedules = "/api/hosts/" + web.hostId() + "/schedules";
    }

    @Test
    void a_host_without_schedules_is_at_version_0() throws Exception {
        assertThat(server.api().get(schedules).text())
                .isEqualTo("{\"version\":0,\"applied_version\":0,\"refused\":null,\"schedules\":[]}");
    }

    @Test
    void each_change_raises_the_version_by_exactly_one() throws Exception {
        var id = web.addSchedule(NIGHTLY);
        assertThat(version()).isEqualTo("1");

        assertThat(server.api().put(schedules + "/" + id, NIGHTLY).status()).isEqualTo(200);
        assertThat(version()).isEqualTo("2");

        web.addSchedule(UNNAMED);
        assertThat(version()).isEqualTo("3");

        var deleted = server.api().delete(schedules + "/" + id);
        assertThat(deleted.status()).isEqualTo(204);
        assertThat(deleted.text()).isEmpty();
        assertThat(version()).isEqualTo("4");
        assertThat(server.api().get(schedules).json().path("schedules")).hasSize(1);
        assertThat(server.api().get(schedules + "/" + id).outcome()).isEqualTo("404 not_found");
    }

    @Test
    void a_change_that_fails_raises_no_version_and_is_sent_to_no_agent() throws Exception {
        var id = web.addSchedule(NIGHTLY);
        var agent = web.connectInSync();
        var audited = server.api().get("/api/audit").text();

        assertThat(server.api().post(schedules, Map.of("kind", "backup")).status())
                .isEqualTo(400);
        assertThat(server.api()
                        .put(schedules + "/" + id, Map.of("kind", "check", "cron", "@daily"))
                        .outcome())
                .isEqualTo("409 kind_immutable");
        assertThat(server.api().put(schedules + "/nope", NIGHTLY).outcome()).isEqualTo("404 not_found");
        assertThat(server.api().delete(schedules + "/nope").outcome()).isEqualTo("404 not_found");

        assertThat(version()).isEqualTo("1");
        assertThat(agent.drain()).isEmpty();
        assertThat(server.api().get("/api/audit").text()).isEqualTo(audited);
    }

    @Test
    void a_change_and_its_version_are_one_transaction() throws Exception {
        web.addSchedule(NIGHTLY);
        server.sql("CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'full'); END");

        assertThat(server.api().post(schedules, UNNAMED).outcome()).isEqualTo("500 internal");

        assertThat(version()).isEqualTo("1");
        assertThat(server.api().get(schedules).json().path("schedules")).hasSize(1);
        server.sql("DROP TRIGGER full");
        assertThat(server.api().post(schedules, UNNAMED).status()).isEqualTo(201);
        assertThat(version()).isEqualTo("2");
    }

    @Test
    void many_changes_at_once_are_counted_one_by_one() throws Exception {
        var many = Executors.newFixedThreadPool(4);
        var agent = web.connectInSync();
        try {
            var changes = IntStream.range(0, 12)
                    .<Callable<Integer>>mapToObj(
                            i -> () -> server.api().post(schedules, UNNAMED).status())
                    .toList();
            for (var change : many.invokeAll(changes)) {
                assertThat(change.get()).isEqualTo(201);
            }
        } finally {
            many.shutdown();
        }

        assertThat(version()).isEqualTo("12");
        var sets = agent.drain().stream()
                .map(message -> (ToAgent.ScheduleSet) message)
                .toList();
        assertThat(sets)
                .extracting(ToAgent.ScheduleSet::version)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, 12).mapToObj(Long::valueOf).toList());
        assertThat(sets).allSatisfy(set -> assertThat(set.schedules()).hasSize((int) set.version()));
    }

    @Test
    void the_schedule_of_another_host_is_not_found() throws Exception {
        var id = web.addSchedule(NIGHTLY);
        var other = server.enrol("db");
        var elsewhere = "/api/hosts/" + other.hostId() + "/schedules/" + id;

        assertThat(server.api().get(elsewhere).outcome()).isEqualTo("404 not_found");
        assertThat(server.api().put(elsewhere, NIGHTLY).outcome()).isEqualTo("404 not_found");
        assertThat(server.api().delete(elsewhere).outcome()).isEqualTo("404 not_found");
        assertThat(server.api().post("/api/hosts/nope/schedules", NIGHTLY).outcome())
                .isEqualTo("404 not_found");
        assertThat(server.api().get("/api/hosts/nope/schedules").outcome()).isEqualTo("404 not_found");
    }

    @Test
    void the_sample_of_the_contract_is_answered_as_it_was_sent() throws Exception {
        var created = server.api().post(schedules, SAMPLE);

        assertThat(created.status()).isEqualTo(201);
        var answered = (ObjectNode) created.json();
        assertThat(answered.remove("id").asText()).matches("[0-9A-HJKMNP-TV-Z]{26}");
        assertThat(answered.remove("catch_up").asText()).isEqualTo("run_once");
        assertThat(answered.remove("jitter_minutes").asInt()).isZero();
        assertThat(answered.remove("repository_id").isNull()).isTrue();
        assertThat(answered.toString()).isEqualTo(SAMPLE.replaceAll("\n *", ""));
    }

    @Test
    void how_late_a_run_may_begin_is_kept_and_reaches_the_agent() throws Exception {
        var agent = web.connectInSync();
        var late = new HashMap<>(NIGHTLY);
        late.put("catch_up", "within: 6h");
        late.put("jitter_minutes", 15);
        var created = server.api().post(schedules, late);

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.at("/catch_up")).isEqualTo("within:6h");
        assertThat(server.api().get(schedules + "/" + created.at("/id")).at("/jitter_minutes"))
                .isEqualTo("15");
        var sent = agent.receive(ToAgent.ScheduleSet.class).schedules().get(0);
        assertThat(sent.catchUp()).isEqualTo(CatchUp.parse("within:6h"));
        assertThat(sent.jitterMinutes()).isEqualTo(15);
        late.remove("jitter_minutes");
        late.put("catch_up", "skip");
        var changed = server.api().put(schedules + "/" + created.at("/id"), late);
        assertThat(changed.at("/catch_up") + " " + changed.at("/jitter_minutes"))
                .isEqualTo("skip 0");
    }

    @Test
    void what_was_answered_can_be_sent_back() throws Exception {
        var created = server.api().post(schedules, SAMPLE);
        var path = schedules + "/" + created.at("/id");

        var updated = server.api().put(path, created.text());

        assertThat(updated.outcome()).isEqualTo("200");
        assertThat(updated.text()).isEqualTo(created.text());
        assertThat(server.api().get(path).text()).isEqualTo(created.text());
        assertThat(server.api().get(schedules).json().path("schedules").get(0)).isEqualTo(created.json());
        var manual = server.api().post(schedules, Map.of("kind", "backup", "manual", true, "paths", List.of("/srv")));
        assertThat(server.api()
                        .put(schedules + "/" + manual.at("/id"), manual.text())
                        .text())
                .isEqualTo(manual.text());
    }

    @Test
    void an_id_is_the_servers_to_choose() throws Exception {
        var id = web.addSchedule(NIGHTLY);
        var withOther = new HashMap<>(NIGHTLY);
        withOther.put("id", "01KJMMA2G01PT4DS66WCJH58TF");

        assertThat(server.api().put(schedules + "/" + id, withOther).outcome()).isEqualTo("400 id_immutable");
        assertThat(server.api().post(schedules, withOther).outcome()).isEqualTo("400 id_immutable");
    }

    @Test
    void what_is_left_out_has_its_usual_value() throws Exception {
        var created = server.api().post(schedules, """
                {"kind":"backup","cron":"@daily","paths":["/srv"],"retention":{"keep_daily":7},
                 "options":{"exclude_caches":true},"hooks":{"post":"true"}}""");

        assertThat(created.outcome()).isEqualTo("201");
        assertThat(created.at("/name")).isEqualTo("backup");
        assertThat(created.json().path("enabled").asBoolean()).isTrue();
        assertThat(created.json().path("manual").asBoolean()).isFalse();
        assertThat(created.json().path("retention").toString())
                .isEqualTo("{\"keep_last\":0,\"keep_hourly\":0,\"keep_daily\":7,\"keep_weekly\":0,\"keep_monthly\":0,"
                        + "\"keep_yearly\":0,\"keep_within\":null}");
        assertThat(created.json().path("options").toString())
                .isEqualTo("{\"one_file_system\":false,\"exclude_caches\":true,\"limit_upload_kib\":0}");
        assertThat(created.json().path("hooks").toString()).isEqualTo("{\"pre\":null,\"post\":\"true\"}");
        assertThat(created.json().path("time_zone").isNull()).isTrue();
    }

    @Test
    void a_manual_schedule_forgets_its_cron_and_can_have_one_again() throws Exception {
        var id = web.addSchedule(NIGHTLY);
        var manual = new HashMap<>(NIGHTLY);
        manual.put("manual", true);

        var updated = server.api().put(schedules + "/" + id, manual);

        assertThat(updated.json().path("cron").isNull()).isTrue();
        assertThat(server.api().put(schedules + "/" + id, NIGHTLY).at("/cron")).isEqualTo("30 2 * * *");
        assertThat(server.api().get(schedules + "/" + id).json().path("manual").asBoolean())
                .isFalse();
    }

    @Test
    void every_change_is_audited_with_what_was_before_and_after() throws Exception {
        var id = web.addSchedule(NIGHTLY);
        var renamed = new HashMap<>(NIGHTLY);
        renamed.put("name", "hourly");
        server.api().put(schedules + "/" + id, renamed);
        server.api().delete(schedules + "/" + id);

        var entries = server.api()
                .get("/api/audit?host=" + web.hostId() + "&limit=3")
                .json()
                .path("items");

        assertThat(entries)
                .extracting(entry -> entry.path("action").asText())
                .containsExactly("schedule.delete", "schedule.update", "schedule.create");
        assertThat(entries).allSatisfy(entry -> {
            assertThat(entry.path("actor").asText()).isEqualTo("anna (token tests)");
            assertThat(entry.path("target_id").asText()).isEqualTo(id);
            assertThat(entry.path("address").asText()).isEqualTo("127.0.0.1");
            assertThat(entry.path("at").asText()).isEqualTo("2026-03-01T12:00:00Z");
        });
        assertThat(entries.get(1).at("/detail/before/name").asText()).isEqualTo("nightly");
        assertThat(entries.get(1).at("/detail/after/name").asText()).isEqualTo("hourly");
    }

    @Test
    void a_new_schedule_reaches_a_connected_agent_and_its_ack_clears_the_drift() throws Exception {
        AgentClient agent = web.connectInSync();

        var id = web.addSchedule(NIGHTLY);

        var set = agent.receive(ToAgent.ScheduleSet.class);
        assertThat(set.version()).isEqualTo(1);
        assertThat(set.schedules())
                .extracting(schedule -> schedule.id().value(), Schedule::name)
                .containsExactly(org.assertj.core.api.Assertions.tuple(id, "nightly"));
        assertThat(host().path("drift").asBoolean()).isTrue();

        agent.send(new ToServer.ScheduleAck(1, Optional.empty()));
        eventually(() -> assertThat(host().path("drift").asBoolean()).isFalse());
        assertThat(host().path("schedule_version").asLong()).isEqualTo(1);
        assertThat(host().path("applied_schedule_version").asLong()).isEqualTo(1);
        assertThat(server.api().get(schedules).at("/applied_version")).isEqualTo("1");
    }

    @Test
    void a_set_that_the_agent_refuses_is_shown_until_the_next_change() throws Exception {
        AgentClient agent = web.connectInSync();
        web.addSchedule(NIGHTLY);

        agent.sendAndDrain(new ToServer.ScheduleAck(0, Optional.of("hooks are not allowed here")));

        assertThat(host().path("schedule_refused").asText()).isEqualTo("hooks are not allowed here");
        assertThat(host().path("drift").asBoolean()).isTrue();
        web.addSchedule(UNNAMED);
        assertThat(host().path("schedule_refused").isNull()).isTrue();
    }

    private String version() throws Exception {
        return server.api().get(schedules).at("/version");
    }

    private com.fasterxml.jackson.databind.JsonNode host() throws Exception {
        return server.api().get("/api/hosts/" + web.hostId()).json();
    }
}
