package io.resticfleet.server.retention;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.SnapshotChecksums;
import io.resticfleet.protocol.SnapshotsOffer;
import io.resticfleet.protocol.SnapshotsPiece;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
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

    private final SampleReports reports = new SampleReports(server);
    private final List<Snapshot> listed = new ArrayList<>();
    private final List<ToAgent.CommandRun> orders = new ArrayList<>();
    private EnrolledAgent web;
    private AgentClient agent;
    private String schedule;
    private RepositoryId repository;
    private Instant due = Instant.parse("2026-03-02T02:30:00Z");
    private long sequence;
    private int jobs;
    private int snapshots;
    private long offers;

    @BeforeEach
    void join() throws Exception {
        web = server.enrol("web");
        schedule = web.addSchedule(nightly(3));
        agent = web.connectInSync();
        repository = new RepositoryId(
                server.sql("SELECT repository_id FROM host_repositories").get(0));
    }

    private static Map<String, Object> nightly(int daily) {
        return Map.of(
                "kind",
                "backup",
                "name",
                "nightly",
                "cron",
                "30 2 * * *",
                "time_zone",
                "UTC",
                "paths",
                List.of("/etc"),
                "retention",
                Map.of("keep_daily", daily));
    }

    @Test
    void what_backups_displace_is_removed_after_a_week_by_a_forget_that_the_server_starts() throws Exception {
        for (int day = 0; day < 7; day++) {
            backup();
            assertThat(orders()).isEmpty();
        }
        backup();

        var forget = orders().get(0);
        assertThat(forget.order().kind()).isEqualTo(JobKind.FORGET);
        assertThat(forget.trigger()).isEqualTo(JobTrigger.AUTO);
        assertThat(forget.repositoryId()).contains(repository);
        assertThat(forget.order().scheduled()).isEmpty();
        assertThat(plan(forget).held())
                .contains("the server has not received the list of snapshots that this job made");
        list();
        assertThat(plan(forget)).isEqualTo(new ToAgent.RetentionPlan(forget.jobId(), List.of(id(0)), Optional.empty()));

        listed.remove(0);
        list();
        agent.sendAndDrain(reports.ended(++sequence, forget.jobId().value(), JobKind.FORGET));
        assertThat(preview(Map.of("schedule_id", schedule)).at("/held/reason")).isEmpty();
        backup();
        assertThat(orders()).hasSize(1);
    }

    @Test
    void forged_snapshots_displace_none() throws Exception {
        for (int day = 0; day < 8; day++) {
            backup();
        }
        for (int i = 0; i < 30; i++) {
            add(server.now().minus(DAY.multipliedBy(i)), schedule);
        }
        list();

        var preview = preview(Map.of("schedule_id", schedule));

        assertThat(removed(preview)).containsExactly(id(0));
        assertThat(preview.json().path("keep")).hasSize(7 + 30);
        assertThat(reasonsOf(preview, id(20)))
                .containsExactly("does not count: no host reported it as the result of a run");
        assertThat(reasonsOf(preview, id(7))).containsExactly("daily snapshot");
    }

    @Test
    void one_due_time_has_one_snapshot_however_many_an_agent_reports() throws Exception {
        for (int day = 0; day < 8; day++) {
            backup();
        }
        for (int i = 0; i < 5; i++) {
            result(start(), add(server.now(), schedule), Instant.parse("2030-01-01T02:30:00Z"));
        }
        list();

        var preview = preview(Map.of("schedule_id", schedule));

        assertThat(removed(preview)).containsExactly(id(0));
        assertThat(reasonsOf(preview, id(12))).containsExactly("does not count: its due time has a snapshot already");
    }

    @Test
    void a_preview_of_another_policy_changes_nothing_and_says_that_it_would_wait_for_a_day() throws Exception {
        for (int day = 0; day < 20; day++) {
            backup();
        }
        var preview = preview(Map.of("schedule_id", schedule, "retention", Map.of("keep_last", 1)));

        assertThat(removed(preview)).hasSize(13).doesNotContain(id(19));
        assertThat(preview.at("/held/reason")).contains("less than 24 hours ago");
        assertThat(preview.json().at("/keep/0/at").asText())
                .isEqualTo(due.minus(DAY).toString());
        assertThat(preview.json().at("/keep/0/counts").asText()).isEqualTo("live");
        var ofHost = preview(Map.of("host_id", web.hostId(), "retention", Map.of("keep_daily", 30)));
        assertThat(ofHost.json().path("remove")).isEmpty();
        assertThat(server.api().post("/api/retention/preview", Map.of()).outcome())
                .isEqualTo("400 required");
        assertThat(preview(Map.of("schedule_id", schedule, "retention", Map.of("keep_last", -1)))
                        .outcome())
                .isEqualTo("400 invalid_retention");
        assertThat(preview(Map.of("schedule_id", SampleReports.id(9))).outcome())
                .isEqualTo("404 not_found");
    }

    @Test
    void a_harsher_policy_waits_for_a_day_and_then_for_an_operator() throws Exception {
        server.api().put("/api/hosts/" + web.hostId() + "/schedules/" + schedule, nightly(30));
        for (int day = 0; day < 25; day++) {
            backup();
        }
        server.api().put("/api/hosts/" + web.hostId() + "/schedules/" + schedule, nightly(2));
        var release = "/api/hosts/" + web.hostId() + "/schedules/" + schedule + "/retention/release";
        assertThat(server.api().post(release, "").status()).isEqualTo(204);
        assertThat(preview(Map.of("schedule_id", schedule)).at("/held/reason")).contains("less than 24 hours ago");

        server.clock().advance(DAY.multipliedBy(2));
        assertThat(preview(Map.of("schedule_id", schedule)).at("/held/reason")).contains("a quarter");
        server.api().post(release, "");
        assertThat(preview(Map.of("schedule_id", schedule)).at("/held/reason")).isEmpty();
        assertThat(server.api().get("/api/audit?limit=1").at("/items/0/action")).isEqualTo("retention.release");
    }

    @Test
    void runs_while_a_host_was_away_count_but_displace_nothing_until_they_are_confirmed() throws Exception {
        for (int day = 0; day < 8; day++) {
            backup();
        }
        agent.abort();
        web.awaitStatus("offline");
        for (int day = 0; day < 3; day++) {
            server.clock().set(due.plusSeconds(60));
            add(server.now(), schedule);
            due = due.plus(DAY);
        }
        server.clock().advance(Duration.ofHours(1));
        agent = web.connectInSync();
        for (int i = 8; i < 11; i++) {
            result(start(), id(i), due);
        }
        list();

        var preview = preview(Map.of("schedule_id", schedule));
        assertThat(countsOf(preview, id(7))).isEqualTo("live");
        assertThat(countsOf(preview, id(10))).isEqualTo("unproven");
        assertThat(removed(preview)).doesNotContain(id(6), id(7));

        var confirm = "/api/repositories/" + repository + "/confirm";
        assertThat(server.api()
                        .post(confirm, Map.of("snapshot_ids", List.of(id(8), id(9), id(10))))
                        .at("/snapshots"))
                .isEqualTo("3");
        server.clock().advance(DAY.multipliedBy(7));
        assertThat(removed(preview(Map.of("schedule_id", schedule)))).contains(id(6), id(7));
    }

    @Test
    void snapshots_from_before_count_once_an_operator_adopts_them() throws Exception {
        for (int day = 0; day < 12; day++) {
            add(due.minus(DAY.multipliedBy(30 - day)), SampleReports.id(77));
        }
        list();
        assertThat(preview(Map.of("schedule_id", schedule)).json().path("keep")).isEmpty();
        var ids = IntStream.range(0, 12).mapToObj(RetentionTest::id).toList();
        var adopt = "/api/repositories/" + repository + "/adopt";

        var adopted = server.api().post(adopt, Map.of("schedule_id", schedule, "snapshot_ids", ids));

        assertThat(adopted.at("/snapshots")).isEqualTo("12");
        server.clock().advance(DAY.multipliedBy(8));
        assertThat(removed(preview(Map.of("schedule_id", schedule)))).hasSize(9);
        assertThat(preview(Map.of("schedule_id", schedule)).at("/held/reason")).contains("a quarter");
        assertThat(server.api().post(adopt, Map.of("snapshot_ids", ids)).outcome())
                .isEqualTo("400 required");
    }

    @Test
    void a_host_that_is_not_trusted_removes_nothing() throws Exception {
        for (int day = 0; day < 8; day++) {
            backup();
        }
        var path = "/api/hosts/" + web.hostId() + "/not-trusted";
        assertThat(server.api()
                        .put(
                                path,
                                Map.of("since", due.minus(DAY.multipliedBy(2)).toString()))
                        .status())
                .isEqualTo(204);
        assertThat(preview(Map.of("schedule_id", schedule)).at("/held/reason")).contains("not trusted");
        server.api().delete(path);
        assertThat(preview(Map.of("schedule_id", schedule)).at("/held/reason")).isEmpty();
    }

    @Test
    void snapshots_that_vanish_hold_retention_until_an_operator_has_looked() throws Exception {
        for (int day = 0; day < 8; day++) {
            backup();
        }
        listed.remove(5);
        list();

        assertThat(preview(Map.of("schedule_id", schedule)).at("/held/reason")).contains("disappeared");
        server.clock().advance(Duration.ofMinutes(1));
        server.api().post("/api/hosts/" + web.hostId() + "/schedules/" + schedule + "/retention/release", "");
        assertThat(preview(Map.of("schedule_id", schedule)).at("/held/reason")).isEmpty();
    }

    @Test
    void a_jump_of_the_servers_clock_holds_retention_until_an_operator_has_looked() throws Exception {
        for (int day = 0; day < 7; day++) {
            backup();
        }
        server.maintenance().checkClock();
        assertThat(preview(Map.of("schedule_id", schedule)).at("/held/reason")).isEmpty();

        server.clock().jump(DAY.multipliedBy(30));
        server.maintenance().checkClock();
        list();

        assertThat(removed(preview(Map.of("schedule_id", schedule)))).hasSize(4);
        assertThat(preview(Map.of("schedule_id", schedule)).at("/held/reason")).isEqualTo("the server's clock jumped");
        assertThat(orders()).isEmpty();
        server.clock().advance(Duration.ofMinutes(1));
        server.maintenance().checkClock();
        server.api().post("/api/hosts/" + web.hostId() + "/schedules/" + schedule + "/retention/release", "");
        assertThat(preview(Map.of("schedule_id", schedule)).at("/held/reason")).doesNotContain("clock");
    }

    @Test
    void copies_count_where_their_originals_do_and_have_a_retention_of_their_own() throws Exception {
        var second = new RepositoryId(server.api()
                .post("/api/repositories", Map.of("url", "rest:http://nas:8000/second/", "repo_password", "p"))
                .at("/id"));
        server.api().put("/api/hosts/" + web.hostId() + "/repositories/" + second, Map.of());
        var copy = web.addSchedule(Map.of(
                "kind",
                "copy",
                "cron",
                "0 4 * * *",
                "time_zone",
                "UTC",
                "options",
                Map.of("to", second),
                "retention",
                Map.of("keep_daily", 2)));
        for (int day = 0; day < 6; day++) {
            backup();
        }
        assertThat(copies(second).at("/items/0/state")).isEqualTo("unknown");
        var originals = List.copyOf(listed);
        var copies = new ArrayList<>(originals.stream()
                .map(one -> copyOf(one, 100 + originals.indexOf(one)))
                .toList());
        copies.add(copyOf(listed.get(5), 200)); // a second one of the same
        copies.add(copyOf(
                listed.get(0), SampleReports.id(77), 201)); // names a schedule that its original does not count for
        list(second, copies);
        assertThat(copies(second).at("/items/0/state")).isEqualTo("complete");
        due = due.plus(DAY.multipliedBy(8));
        backup();
        assertThat(copies(second).at("/items/0/state")).isEqualTo("waiting");
        orders();

        copies.add(copyOf(listed.get(6), 106));
        list(second, copies);

        var forget = orders().get(0);
        assertThat(forget.order().kind()).isEqualTo(JobKind.FORGET);
        assertThat(forget.repositoryId()).contains(second);
        list(second, copies);
        assertThat(plan(forget, second).remove()).containsExactly(copyId(100), copyId(101), copyId(102), copyId(103));
        assertThat(removed(preview(Map.of("schedule_id", copy)))).hasSize(4).doesNotContain(copyId(104));
        assertThat(removed(preview(Map.of("schedule_id", copy, "retention", Map.of("keep_daily", 6)))))
                .containsExactly(copyId(100));

        agent.sendAndDrain(reports.ended(++sequence, forget.jobId().value(), JobKind.FORGET));
        list(second, copies.subList(4, copies.size()));
        var run = server.api().post("/api/hosts/" + web.hostId() + "/schedules/" + copy + "/run", "");
        var order = agent.receive(ToAgent.CommandRun.class);
        assertThat(run.at("/job_id")).isEqualTo(order.jobId().value());
        assertThat(((JobSpec.Copy) order.order()).without().orElseThrow())
                .containsExactlyInAnyOrder(id(0), id(1), id(2), id(3));

        var fresh = copies(second);
        assertThat(fresh.at("/items/0/missing")).isEqualTo("0");
        assertThat(fresh.at("/items/0/newest_copy_at"))
                .isEqualTo(listed.get(6).time().toString());
        backup();
        server.clock().advance(Duration.ofHours(3));
        assertThat(copies(second).at("/items/0/state")).isEqualTo("late");
    }

    @Test
    void what_a_repair_has_replaced_counts_as_before_and_nothing_else_that_was_replaced() throws Exception {
        for (int day = 0; day < 3; day++) {
            backup();
        }
        var slot = kept(preview(Map.of("schedule_id", schedule)), id(1)).path("at");
        var repair = server.api()
                .post("/api/repositories/" + repository + "/jobs", Map.of("kind", "repair_snapshots"))
                .at("/job_id");
        agent.receive(ToAgent.CommandRun.class);
        server.clock().advance(Duration.ofMinutes(1));
        agent.sendAndDrain(reports.ended(++sequence, repair, JobKind.REPAIR_SNAPSHOTS));
        listed.set(1, copyOf(listed.get(1), 300));
        list();

        var preview = preview(Map.of("schedule_id", schedule));
        assertThat(kept(preview, copyId(300)).path("at")).isEqualTo(slot);
        assertThat(countsOf(preview, copyId(300))).isEqualTo(countsOf(preview, id(0)));
        assertThat(server.sql("SELECT cause FROM retention_alarms")).isEmpty();

        listed.set(0, copyOf(listed.get(0), 301));
        list();

        assertThat(countsOf(preview(Map.of("schedule_id", schedule)), copyId(301)))
                .isEqualTo("null");
        assertThat(server.sql("SELECT cause FROM retention_alarms")).containsExactly("LISTING_SHRANK");
    }

    private ApiResponse copies(RepositoryId of) throws Exception {
        return server.api().get("/api/repositories/" + of + "/copies");
    }

    private Snapshot copyOf(Snapshot original, int number) {
        return copyOf(original, schedule, number);
    }

    private static Snapshot copyOf(Snapshot original, String tagged, int number) {
        return new Snapshot(
                copyId(number),
                copyId(number).substring(0, 8),
                original.time(),
                original.hostname(),
                original.username(),
                original.paths(),
                List.of(Schedule.TAG_PREFIX + tagged),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(original.id()));
    }

    /** Reports the snapshots of another repository than the first. */
    private void list(RepositoryId of, List<Snapshot> there) throws Exception {
        server.clock().advance(Duration.ofSeconds(1));
        var checksums = new SnapshotChecksums();
        there.forEach(one -> checksums.toggle(SnapshotChecksums.key(one.id())));
        var received = agent.sendAndDrain(
                new SnapshotsOffer(++offers, of, server.now(), there.size(), checksums.toString(), true));
        keepOrders(received);
        for (var message : received) {
            if (message instanceof ToAgent.SnapshotsWanted wanted) {
                var keys = there.stream().map(one -> one.id().substring(0, 16)).toList();
                keepOrders(agent.sendAndDrain(new SnapshotsPiece(
                        offers,
                        1,
                        there.stream()
                                .filter(one -> !wanted.known().contains(one.id().substring(0, 16)))
                                .toList(),
                        wanted.known().stream()
                                .filter(key -> !keys.contains(key))
                                .toList(),
                        true)));
            }
        }
    }

    private void backup() throws Exception {
        server.clock().set(due.plusSeconds(5));
        result(start(), add(server.now(), schedule), due);
        list();
        due = due.plus(DAY);
    }

    private String start() throws Exception {
        var job = SampleReports.id(1_000 + ++jobs);
        agent.sendAndDrain(reports.started(++sequence, job, Optional.of(schedule), Optional.of(due)));
        return job;
    }

    private void result(String job, String snapshot, Instant named) throws Exception {
        server.clock().advance(Duration.ofSeconds(60));
        keepOrders(agent.sendAndDrain(reports.finished(
                ++sequence, job, Optional.of(schedule), Optional.of(named), JobStatus.SUCCEEDED, snapshot)));
    }

    /** Adds a snapshot to the repository; its id. */
    private String add(Instant time, String tagged) {
        var id = id(snapshots++);
        listed.add(new Snapshot(
                id,
                id.substring(0, 8),
                time,
                "web",
                "root",
                List.of("/etc"),
                List.of(Schedule.TAG_PREFIX + tagged),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
        return id;
    }

    /** Reports the snapshots that are there. */
    private void list() throws Exception {
        server.clock().advance(Duration.ofSeconds(1));
        keepOrders(agent.sendAndDrain(new ToServer.SnapshotsReport(++sequence, server.now(), List.copyOf(listed))));
    }

    private List<ToAgent.CommandRun> orders() {
        var received = List.copyOf(orders);
        orders.clear();
        return received;
    }

    private void keepOrders(List<ToAgent> received) {
        received.stream()
                .filter(ToAgent.CommandRun.class::isInstance)
                .map(ToAgent.CommandRun.class::cast)
                .forEach(orders::add);
    }

    /** What the server answers a forget. */
    private ToAgent.RetentionPlan plan(ToAgent.CommandRun forget) throws Exception {
        return plan(forget, repository);
    }

    private ToAgent.RetentionPlan plan(ToAgent.CommandRun forget, RepositoryId of) throws Exception {
        return agent.sendAndDrain(new ToServer.RetentionAsk(forget.jobId(), of, 1)).stream()
                .filter(ToAgent.RetentionPlan.class::isInstance)
                .map(ToAgent.RetentionPlan.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private ApiResponse preview(Map<String, ?> body) throws Exception {
        return server.api().post("/api/retention/preview", body);
    }

    private static List<String> removed(ApiResponse preview) {
        return StreamSupport.stream(preview.json().path("remove").spliterator(), false)
                .map(item -> item.path("snapshot_id").asText())
                .toList();
    }

    private static List<String> reasonsOf(ApiResponse preview, String snapshot) {
        var reasons = new ArrayList<String>();
        kept(preview, snapshot).path("reasons").forEach(reason -> reasons.add(reason.asText()));
        return reasons;
    }

    private static String countsOf(ApiResponse preview, String snapshot) {
        return kept(preview, snapshot).path("counts").asText();
    }

    private static JsonNode kept(ApiResponse preview, String snapshot) {
        return StreamSupport.stream(preview.json().path("keep").spliterator(), false)
                .filter(item -> item.path("snapshot_id").asText().equals(snapshot))
                .findFirst()
                .orElseThrow();
    }

    private static String id(int number) {
        return "%064x".formatted(number + 1);
    }

    /** Lists are compared by the first 16 digits of ids. */
    private static String copyId(int number) {
        return "%016x".formatted(number * 0x9E3779B97F4A7C15L) + "0".repeat(48);
    }
}
