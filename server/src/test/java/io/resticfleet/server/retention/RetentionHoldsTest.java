package io.resticfleet.server.retention;

import static io.resticfleet.server.retention.RetainedHost.countsOf;
import static io.resticfleet.server.retention.RetainedHost.id;
import static io.resticfleet.server.retention.RetainedHost.nightly;
import static io.resticfleet.server.retention.RetainedHost.removed;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What holds retention until time has passed, or an operator has looked. */
@Tag("slow")
class RetentionHoldsTest {

    private static final Duration DAY = Duration.ofDays(1);

    @RegisterExtension
    final TestServer server = new TestServer();

    private RetainedHost host;

    @BeforeEach
    void join() throws Exception {
        host = new RetainedHost(server);
    }

    @Test
    void a_harsher_policy_waits_for_a_day_and_then_for_an_operator() throws Exception {
        server.api().put("/api/hosts/" + host.web.hostId() + "/schedules/" + host.schedule, nightly(30));
        for (int day = 0; day < 25; day++) {
            host.backup();
        }
        server.api().put("/api/hosts/" + host.web.hostId() + "/schedules/" + host.schedule, nightly(2));
        var release = "/api/hosts/" + host.web.hostId() + "/schedules/" + host.schedule + "/retention/release";
        assertThat(server.api().post(release, "").status()).isEqualTo(204);
        assertThat(host.preview(Map.of("schedule_id", host.schedule)).at("/held/reason"))
                .contains("less than 24 hours ago");

        server.clock().advance(DAY.multipliedBy(2));
        assertThat(host.preview(Map.of("schedule_id", host.schedule)).at("/held/reason"))
                .contains("a quarter");
        server.api().post(release, "");
        assertThat(host.preview(Map.of("schedule_id", host.schedule)).at("/held/reason"))
                .isEmpty();
        assertThat(server.api().get("/api/audit?limit=1").at("/items/0/action")).isEqualTo("retention.release");
    }

    @Test
    void runs_while_a_host_was_away_count_but_displace_nothing_until_they_are_confirmed() throws Exception {
        for (int day = 0; day < 8; day++) {
            host.backup();
        }
        host.agent.abort();
        host.web.awaitStatus("offline");
        for (int day = 0; day < 3; day++) {
            server.clock().set(host.due.plusSeconds(60));
            host.add(server.now(), host.schedule);
            host.due = host.due.plus(DAY);
        }
        server.clock().advance(Duration.ofHours(1));
        host.agent = host.web.connectInSync();
        for (int i = 8; i < 11; i++) {
            host.result(host.start(), id(i), host.due);
        }
        host.list();

        var preview = host.preview(Map.of("schedule_id", host.schedule));
        assertThat(countsOf(preview, id(7))).isEqualTo("live");
        assertThat(countsOf(preview, id(10))).isEqualTo("unproven");
        assertThat(removed(preview)).doesNotContain(id(6), id(7));

        var confirm = "/api/repositories/" + host.repository + "/confirm";
        assertThat(server.api()
                        .post(confirm, Map.of("snapshot_ids", List.of(id(8), id(9), id(10))))
                        .at("/snapshots"))
                .isEqualTo("3");
        server.clock().advance(DAY.multipliedBy(7));
        assertThat(removed(host.preview(Map.of("schedule_id", host.schedule)))).contains(id(6), id(7));
    }

    @Test
    void a_host_that_is_not_trusted_removes_nothing() throws Exception {
        for (int day = 0; day < 8; day++) {
            host.backup();
        }
        var path = "/api/hosts/" + host.web.hostId() + "/not-trusted";
        assertThat(server.api()
                        .put(
                                path,
                                Map.of(
                                        "since",
                                        host.due.minus(DAY.multipliedBy(2)).toString()))
                        .status())
                .isEqualTo(204);
        assertThat(host.preview(Map.of("schedule_id", host.schedule)).at("/held/reason"))
                .contains("not trusted");
        server.api().delete(path);
        assertThat(host.preview(Map.of("schedule_id", host.schedule)).at("/held/reason"))
                .isEmpty();
    }

    @Test
    void snapshots_that_vanish_hold_retention_until_an_operator_has_looked() throws Exception {
        for (int day = 0; day < 8; day++) {
            host.backup();
        }
        host.listed.remove(5);
        host.list();

        assertThat(host.preview(Map.of("schedule_id", host.schedule)).at("/held/reason"))
                .contains("disappeared");
        server.clock().advance(Duration.ofMinutes(1));
        server.api().post("/api/hosts/" + host.web.hostId() + "/schedules/" + host.schedule + "/retention/release", "");
        assertThat(host.preview(Map.of("schedule_id", host.schedule)).at("/held/reason"))
                .isEmpty();
    }

    @Test
    void a_jump_of_the_servers_clock_holds_retention_until_an_operator_has_looked() throws Exception {
        for (int day = 0; day < 7; day++) {
            host.backup();
        }
        server.maintenance().checkClock();
        assertThat(host.preview(Map.of("schedule_id", host.schedule)).at("/held/reason"))
                .isEmpty();

        server.clock().jump(DAY.multipliedBy(30));
        server.maintenance().checkClock();
        host.list();

        assertThat(removed(host.preview(Map.of("schedule_id", host.schedule)))).hasSize(4);
        assertThat(host.preview(Map.of("schedule_id", host.schedule)).at("/held/reason"))
                .isEqualTo("the server's clock jumped");
        assertThat(host.orders()).isEmpty();
        server.clock().advance(Duration.ofMinutes(1));
        server.maintenance().checkClock();
        server.api().post("/api/hosts/" + host.web.hostId() + "/schedules/" + host.schedule + "/retention/release", "");
        assertThat(host.preview(Map.of("schedule_id", host.schedule)).at("/held/reason"))
                .doesNotContain("clock");
    }
}
