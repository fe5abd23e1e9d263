package io.resticfleet.server.retention;

import static io.resticfleet.server.retention.RetainedHost.copyId;
import static io.resticfleet.server.retention.RetainedHost.countsOf;
import static io.resticfleet.server.retention.RetainedHost.id;
import static io.resticfleet.server.retention.RetainedHost.kept;
import static io.resticfleet.server.retention.RetainedHost.reasonsOf;
import static io.resticfleet.server.retention.RetainedHost.removed;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the server has removed: of snapshots that it saw, by schedules that it knows. */
@Tag("slow")
class RetentionTest {

    private static final Duration DAY = Duration.ofDays(1);

    @RegisterExtension
    final TestServer server = new TestServer();

    private RetainedHost host;

    @BeforeEach
    void join() throws Exception {
        host = new RetainedHost(server);
    }

    @Test
    void what_backups_displace_is_removed_after_a_week_by_a_forget_that_the_server_starts() throws Exception {
        for (int day = 0; day < 7; day++) {
            host.backup();
            assertThat(host.orders()).isEmpty();
        }
        host.backup();

        var forget = host.orders().get(0);
        assertThat(forget.order().kind()).isEqualTo(JobKind.FORGET);
        assertThat(forget.trigger()).isEqualTo(JobTrigger.AUTO);
        assertThat(forget.repositoryId()).contains(host.repository);
        assertThat(forget.order().scheduled()).isEmpty();
        assertThat(host.plan(forget).held())
                .contains("the server has not received the list of snapshots that this job made");
        host.list();
        assertThat(host.plan(forget))
                .isEqualTo(new ToAgent.RetentionPlan(forget.jobId(), List.of(id(0)), Optional.empty()));

        host.listed.remove(0);
        host.list();
        host.agent.sendAndDrain(
                host.reports.ended(++host.sequence, forget.jobId().value(), JobKind.FORGET));
        assertThat(host.preview(Map.of("schedule_id", host.schedule)).at("/held/reason"))
                .isEmpty();
        host.backup();
        assertThat(host.orders()).hasSize(1);
    }

    @Test
    void nothing_is_removed_in_a_pause_and_a_long_one_displaces_no_snapshot() throws Exception {
        for (int day = 0; day < 7; day++) {
            host.backup();
        }
        server.clock().set(server.now().plus(DAY));
        var job = host.start();
        var path = "/api/hosts/" + host.web.hostId();
        server.api().post(path + "/pause", Map.of("reason", "new disks"));
        host.result(job, host.add(server.now(), host.schedule), server.now());
        host.list();
        assertThat(host.orders()).as("a backup that ran when the pause began").isEmpty();
        server.clock().set(server.now().plus(DAY.multipliedBy(8)));
        host.list();
        var before = removed(host.preview(Map.of("schedule_id", host.schedule)));

        server.clock().set(server.now().plus(DAY.multipliedBy(60)));
        host.list();

        assertThat(removed(host.preview(Map.of("schedule_id", host.schedule)))).isEqualTo(before);
        assertThat(host.orders()).isEmpty();
        server.api().post(path + "/resume", Map.of());
        assertThat(removed(host.preview(Map.of("schedule_id", host.schedule)))).isEqualTo(before);
    }

    @Test
    void forged_snapshots_displace_none() throws Exception {
        for (int day = 0; day < 8; day++) {
            host.backup();
        }
        for (int i = 0; i < 30; i++) {
            host.add(server.now().minus(DAY.multipliedBy(i)), host.schedule);
        }
        host.list();

        var preview = host.preview(Map.of("schedule_id", host.schedule));

        assertThat(removed(preview)).containsExactly(id(0));
        assertThat(preview.json().path("keep")).hasSize(7 + 30);
        assertThat(reasonsOf(preview, id(20)))
                .containsExactly("does not count: no host reported it as the result of a run");
        assertThat(reasonsOf(preview, id(7))).containsExactly("daily snapshot");
    }

    @Test
    void one_due_time_has_one_snapshot_however_many_an_agent_reports() throws Exception {
        for (int day = 0; day < 8; day++) {
            host.backup();
        }
        for (int i = 0; i < 5; i++) {
            host.result(host.start(), host.add(server.now(), host.schedule), Instant.parse("2030-01-01T02:30:00Z"));
        }
        host.list();

        var preview = host.preview(Map.of("schedule_id", host.schedule));

        assertThat(removed(preview)).containsExactly(id(0));
        assertThat(reasonsOf(preview, id(12))).containsExactly("does not count: its due time has a snapshot already");
    }

    @Test
    void a_preview_of_another_policy_changes_nothing_and_says_that_it_would_wait_for_a_day() throws Exception {
        for (int day = 0; day < 20; day++) {
            host.backup();
        }
        var preview = host.preview(Map.of("schedule_id", host.schedule, "retention", Map.of("keep_last", 1)));

        assertThat(removed(preview)).hasSize(13).doesNotContain(id(19));
        assertThat(preview.at("/held/reason")).contains("less than 24 hours ago");
        assertThat(preview.json().at("/keep/0/at").asText())
                .isEqualTo(host.due.minus(DAY).toString());
        assertThat(preview.json().at("/keep/0/counts").asText()).isEqualTo("live");
        var ofHost = host.preview(Map.of("host_id", host.web.hostId(), "retention", Map.of("keep_daily", 30)));
        assertThat(ofHost.json().path("remove")).isEmpty();
        assertThat(server.api().post("/api/retention/preview", Map.of()).outcome())
                .isEqualTo("400 required");
        assertThat(host.preview(Map.of("schedule_id", host.schedule, "retention", Map.of("keep_last", -1)))
                        .outcome())
                .isEqualTo("400 invalid_retention");
        assertThat(host.preview(Map.of("schedule_id", SampleReports.id(9))).outcome())
                .isEqualTo("404 not_found");
    }

    @Test
    void snapshots_from_before_count_once_an_operator_adopts_them() throws Exception {
        for (int day = 0; day < 12; day++) {
            host.add(host.due.minus(DAY.multipliedBy(30 - day)), SampleReports.id(77));
        }
        host.list();
        assertThat(host.preview(Map.of("schedule_id", host.schedule)).json().path("keep"))
                .isEmpty();
        var ids = IntStream.range(0, 12).mapToObj(RetainedHost::id).toList();
        var adopt = "/api/repositories/" + host.repository + "/adopt";

        var adopted = server.api().post(adopt, Map.of("schedule_id", host.schedule, "snapshot_ids", ids));

        assertThat(adopted.at("/snapshots")).isEqualTo("12");
        server.clock().advance(DAY.multipliedBy(8));
        assertThat(removed(host.preview(Map.of("schedule_id", host.schedule)))).hasSize(9);
        assertThat(host.preview(Map.of("schedule_id", host.schedule)).at("/held/reason"))
                .contains("a quarter");
        assertThat(server.api().post(adopt, Map.of("snapshot_ids", ids)).outcome())
                .isEqualTo("400 required");
    }

    @Test
    void what_a_repair_has_replaced_counts_as_before_and_nothing_else_that_was_replaced() throws Exception {
        for (int day = 0; day < 3; day++) {
            host.backup();
        }
        var slot =
                kept(host.preview(Map.of("schedule_id", host.schedule)), id(1)).path("at");
        var repair = server.api()
                .post("/api/repositories/" + host.repository + "/jobs", Map.of("kind", "repair_snapshots"))
                .at("/job_id");
        host.agent.receive(ToAgent.CommandRun.class);
        server.clock().advance(Duration.ofMinutes(1));
        host.agent.sendAndDrain(host.reports.ended(++host.sequence, repair, JobKind.REPAIR_SNAPSHOTS));
        host.listed.set(1, host.copyOf(host.listed.get(1), 300));
        host.list();

        var preview = host.preview(Map.of("schedule_id", host.schedule));
        assertThat(kept(preview, copyId(300)).path("at")).isEqualTo(slot);
        assertThat(countsOf(preview, copyId(300))).isEqualTo(countsOf(preview, id(0)));
        assertThat(server.sql("SELECT cause FROM retention_alarms")).isEmpty();

        host.listed.set(0, host.copyOf(host.listed.get(0), 301));
        host.list();

        assertThat(countsOf(host.preview(Map.of("schedule_id", host.schedule)), copyId(301)))
                .isEqualTo("null");
        assertThat(server.sql("SELECT cause FROM retention_alarms")).containsExactly("LISTING_SHRANK");
    }
}
