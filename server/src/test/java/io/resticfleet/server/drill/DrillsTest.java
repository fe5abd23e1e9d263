package io.resticfleet.server.drill;

import static io.resticfleet.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.Drill;
import io.resticfleet.protocol.DrillResult;
import io.resticfleet.protocol.DrillSample;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.PageClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What drills prove of hosts, what would be lost of them, and the drill that the server starts each week. */
class DrillsTest {

    private static final DrillResult GOOD =
            new DrillResult(25, 5_000_000, Optional.of(7.0), 24, 0, 1, 1_000, 900_000_000, Optional.of("a".repeat(64)));

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent web;
    private AgentClient agent;
    private String nightly;
    private long sequence;

    @BeforeEach
    void begin() throws Exception {
        web = server.enrol("web");
        nightly = web.addSchedule(Samples.NIGHTLY);
        agent = web.connectInSync();
    }

    @Test
    void a_host_that_was_never_restored_or_backed_up_says_so() throws Exception {
        assertThat(host().at("/last_proven_restore")).isEqualTo("null");
        assertThat(host().at("/recovery/lose_at_most_seconds")).isEqualTo("null");
        assertThat(host().at("/recovery/restore_estimate_seconds")).isEqualTo("null");
        assertThat(page("/hosts/" + web.hostId()))
                .contains("everything of nightly would be lost, as it has no complete backup")
                .contains("never proven");

        backUp();
        server.clock().advance(Duration.ofHours(5).plusMinutes(30));

        assertThat(host().at("/recovery/lose_at_most_seconds")).isEqualTo("" + 330 * 60);
        assertThat(host().at("/recovery/restore_estimate_seconds")).isEqualTo("null");
        assertThat(page("/hosts/" + web.hostId()))
                .contains("you lose at most 6 h, how long a restore takes is not measured yet, never proven.");
        assertThat(page("/")).contains("If a machine died now").contains("no restore was ever proven");
    }

    @Test
    void the_weekly_drill_needs_no_schedule_is_retried_after_a_failure_and_red_until_one_succeeds() throws Exception {
        server.maintenance().checkDrills();
        server.clock().advance(Duration.ofDays(1));
        reconnect();
        assertThat(drilled()).as("there is nothing to restore yet").isEmpty();
        backUp();
        var version = host().at("/schedule_version");

        var first = drilled().orElseThrow();
        assertThat(first.order())
                .isEqualTo(new Drill(
                        Optional.empty(), WeeklyDrill.SAMPLE, List.of(), Optional.of(new ScheduleId(nightly))));
        assertThat(first.trigger()).isEqualTo(JobTrigger.AUTO);
        assertThat(drilled()).as("it has a job").isEmpty();
        agent.sendAndDrain(reports.ended(++sequence, first, Optional.of(ErrorCode.DRILL_MISMATCH), new NoResult()));

        assertThat(host().at("/last_proven_restore")).isEqualTo("null");
        assertThat(anna().open("/").text(".verdict"))
                .contains("1 machine needs attention")
                .contains("drill failed");
        assertThat(anna().open("/hosts/" + web.hostId()).text(".host-head"))
                .contains("Restore not proven: drill failed");
        assertThat(drilled()).as("not at once").isEmpty();
        server.clock().advance(Duration.ofDays(1).plusMinutes(1));
        assertThat(page("/hosts/" + web.hostId() + "/settings")).contains("Overdue since");
        reconnect();
        var second = drilled().orElseThrow();
        agent.sendAndDrain(reports.ended(++sequence, second, Optional.empty(), GOOD));

        assertThat(host().at("/last_proven_restore/files")).isEqualTo("25");
        assertThat(host().at("/last_proven_restore/bytes")).isEqualTo("5000000");
        assertThat(host().at("/last_proven_restore/seconds")).isEqualTo("7.0");
        assertThat(host().at("/last_proven_restore/at")).isEqualTo(server.now().toString());
        assertThat(Integer.parseInt(host().at("/recovery/restore_estimate_seconds")))
                .isBetween(10, 200);
        assertThat(host().at("/recovery/proven_schedules/0/schedule_id")).isEqualTo(nightly);
        assertThat(host().at("/recovery/proven_schedules/0/files")).isEqualTo("25");
        assertThat(anna().open("/hosts/" + web.hostId()).text(".host-head")).doesNotContain("drill failed");
        assertThat(page("/hosts/" + web.hostId()))
                .contains("you lose at most 25 h, back in about")
                .contains("proven on Tue 3 Mar, 13:01.");
        assertThat(page("/jobs/" + second.jobId())).contains("25 files (4.8 MiB) restored");
        assertThat(host().at("/schedule_version")).isEqualTo(version);
        assertThat(drilled()).isEmpty();
        server.clock().advance(Duration.ofDays(6));
        reconnect();
        assertThat(drilled()).as("not within the week").isEmpty();
        server.clock().advance(Duration.ofDays(1));
        reconnect();
        assertThat(drilled()).isPresent();
    }

    @Test
    void a_backup_counts_only_while_its_snapshot_is_there() throws Exception {
        var lost = "everything of nightly would be lost";
        backUp();
        agent.sendAndDrain(reports.snapshots(++sequence, server.now()));
        assertThat(page("/hosts/" + web.hostId())).as("listed before").doesNotContain(lost);
        server.clock().advance(Duration.ofHours(1));
        agent.sendAndDrain(reports.snapshots(++sequence, server.now(), SampleReports.SNAPSHOT));
        assertThat(page("/hosts/" + web.hostId())).doesNotContain(lost);

        server.clock().advance(Duration.ofHours(1));
        agent.sendAndDrain(reports.snapshots(++sequence, server.now(), "7".repeat(64)));

        assertThat(page("/hosts/" + web.hostId())).contains(lost);
        assertThat(host().at("/recovery/lose_at_most_seconds")).isEqualTo("null");
    }

    @Test
    void a_host_that_died_in_its_drill_does_not_hold_up_those_of_the_others() throws Exception {
        server.maintenance().checkDrills();
        backUp();
        var other = server.enrol("other");
        var dying = other.connectInSync();
        server.api().post("/api/hosts/" + other.hostId() + "/jobs", Map.of("kind", "drill"));
        dying.receive(ToAgent.CommandRun.class);
        server.clock().advance(Duration.ofDays(1));
        reconnect();
        assertThat(drilled()).as("it may still run").isEmpty();
        dying.abort();

        eventually(() -> assertThat(drilled()).isPresent());
    }

    @Test
    void a_drill_of_other_data_neither_proves_a_schedule_nor_puts_off_the_weekly_drill() throws Exception {
        var other = web.addSchedule(
                Map.of("kind", "backup", "name", "other", "cron", "30 2 * * *", "paths", List.of("/srv")));
        server.maintenance().checkDrills();
        backUp();
        server.clock().advance(Duration.ofDays(1));
        reconnect();
        var first = drilled().orElseThrow();
        agent.sendAndDrain(reports.ended(++sequence, first, Optional.of(ErrorCode.DRILL_MISMATCH), new NoResult()));
        server.clock().advance(Duration.ofMinutes(1));
        agent.sendAndDrain(reports.ended(++sequence, once(), Optional.empty(), GOOD));

        assertThat(host().at("/last_proven_restore/files")).isEqualTo("25");
        assertThat(anna().open("/hosts/" + web.hostId()).text(".host-head")).contains("drill failed");
        assertThat(page("/hosts/" + web.hostId())).contains("never proven.");
        server.clock().advance(Duration.ofDays(1));
        reconnect();
        var second = drilled().orElseThrow();
        agent.sendAndDrain(reports.ended(++sequence, second, Optional.empty(), GOOD));

        assertThat(anna().open("/hosts/" + web.hostId()).text(".host-head")).doesNotContain("drill failed");
        assertThat(page("/hosts/" + web.hostId())).contains("other never proven.");
        server.api().delete(schedules() + "/" + other);
        assertThat(page("/hosts/" + web.hostId())).contains("proven on Tue 3 Mar");
    }

    @Test
    void a_drill_that_proves_nothing_or_that_another_host_reports_does_not_count() throws Exception {
        backUp();
        var command = once();
        var nothing = new DrillResult(0, 0, Optional.of(1.0), 0, 0, 0, 0, 0, Optional.empty());
        agent.sendAndDrain(reports.ended(++sequence, command, Optional.empty(), nothing));
        var other = server.enrol("other");
        var stranger = other.connectInSync();
        stranger.sendAndDrain(reports.ended(1, once(), Optional.empty(), GOOD));

        assertThat(host().at("/last_proven_restore")).isEqualTo("null");
        assertThat(server.api().get("/api/hosts/" + other.hostId()).at("/last_proven_restore"))
                .isEqualTo("null");
    }

    @Test
    void no_drill_starts_while_its_host_is_paused() throws Exception {
        server.maintenance().checkDrills();
        backUp();
        server.clock().advance(Duration.ofDays(1));
        reconnect();
        server.api().post("/api/hosts/" + web.hostId() + "/pause", Map.of("reason", "new disks"));
        assertThat(drilled()).isEmpty();

        server.api().post("/api/hosts/" + web.hostId() + "/resume", Map.of());

        assertThat(drilled()).isPresent();
    }

    @Test
    void the_weekly_drill_can_be_changed_and_turned_off() throws Exception {
        var path = "/api/hosts/" + web.hostId();
        assertThat(host().at("/weekly_drill/enabled")).isEqualTo("true");
        assertThat(host().at("/weekly_drill/sample/files")).isEqualTo("200");

        assertThat(server.api()
                        .patch(path, Map.of("weekly_drill", Map.of("sample", Map.of("files", 0))))
                        .outcome())
                .isEqualTo("400 invalid_option");
        assertThat(server.api()
                        .patch(path, Map.of("weekly_drill", Map.of("canaries", List.of())))
                        .status())
                .isEqualTo(400);
        var changed = server.api()
                .patch(path, Map.of("weekly_drill", Map.of("sample", Map.of("files", 3, "bytes", 1_048_576))));
        assertThat(changed.at("/weekly_drill/sample/files")).isEqualTo("3");
        assertThat(changed.at("/weekly_drill/enabled")).isEqualTo("true");
        backUp();
        var drill = (Drill) drilled().orElseThrow().order();
        assertThat(drill.sample())
                .isEqualTo(new DrillSample(Optional.of(3), Optional.of(1_048_576L), Optional.empty()));

        var saved = anna().open("/hosts/" + web.hostId() + "/settings")
                .form("Save the drill")
                .fill("Files at most", "501")
                .submit();
        assertThat(saved.status()).isEqualTo(400);
        var off = anna().open("/hosts/" + web.hostId() + "/settings")
                .form("Save the drill")
                .uncheck("Drill each week")
                .submit();
        assertThat(off.isChecked("Drill each week")).isFalse();
        assertThat(host().at("/weekly_drill/enabled")).isEqualTo("false");
        assertThat(host().at("/weekly_drill/next_at")).isEqualTo("null");
        server.clock().advance(Duration.ofDays(30));
        reconnect();
        assertThat(drilled()).isEmpty();
        assertThat(server.api().get("/api/audit").text()).contains("host.weekly_drill");
    }

    @Test
    void a_schedule_of_drills_names_files_that_must_always_be_restored() throws Exception {
        var wrong = server.api()
                .post(
                        schedules(),
                        Map.of(
                                "kind",
                                "drill",
                                "cron",
                                "0 12 * * 0",
                                "options",
                                Map.of(
                                        "drill",
                                        Map.of(
                                                "sample",
                                                Map.of("share", 2, "files", 3),
                                                "canaries",
                                                List.of("/etc/../passwd")))));
        assertThat(wrong.text())
                .contains("options.drill.sample.share")
                .contains("options.drill.canaries")
                .contains("leave one of them out");

        assertThat(server.api()
                        .post(
                                schedules(),
                                Map.of(
                                        "kind",
                                        "drill",
                                        "manual",
                                        true,
                                        "options",
                                        Map.of("drill", Map.of("of_schedule", SampleReports.id(9)))))
                        .outcome())
                .isEqualTo("400 unknown_schedule");

        var form = anna().open("/hosts/" + web.hostId() + "/schedules/new?kind=drill")
                .form("Save");
        var refused = form.fill("Files to restore each time", "etc/fstab").submit();
        assertThat(refused.text("#drill_canaries-wrong")).contains("'etc/fstab' is not an absolute path");
        refused.form("Save")
                .fill("Files to restore each time", "/etc/fstab\n/etc/passwd")
                .fill("Other files, at random", "7")
                .fill("Their size in MiB, at most", "3")
                .submit();

        var made = server.api().get(schedules());
        assertThat(made.at("/schedules/1/kind")).isEqualTo("drill");
        assertThat(made.at("/schedules/1/options/drill/canaries/1")).isEqualTo("/etc/passwd");
        assertThat(made.at("/schedules/1/options/drill/sample/files")).isEqualTo("7");
        assertThat(made.at("/schedules/1/options/drill/sample/bytes")).isEqualTo("" + 3 * 1024 * 1024);
        var page = anna().open("/hosts/" + web.hostId() + "/schedules/" + made.at("/schedules/1/id"));
        assertThat(page.value("Other files, at random")).isEqualTo("7");
        assertThat(page.text("#drill_of")).contains("nightly");
    }

    private String schedules() {
        return "/api/hosts/" + web.hostId() + "/schedules";
    }

    private PageClient anna() {
        return PageClient.signedIn(server);
    }

    private String page(String path) throws Exception {
        return anna().open(path).text("main");
    }

    private ApiResponse host() throws Exception {
        return server.api().get("/api/hosts/" + web.hostId());
    }

    private void reconnect() throws Exception {
        agent = web.connectInSync();
    }

    private void backUp() throws Exception {
        var report = reports.finished(++sequence, SampleReports.id(100 + (int) sequence), nightly);
        agent.sendAndDrain(Samples.changed(
                report,
                Map.of(
                        "stats",
                        new BackupResult(
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                Optional.empty(),
                                1_000,
                                900_000_000,
                                60,
                                0,
                                Optional.empty(),
                                Optional.empty()))));
    }

    /** The drill that the server starts now; empty if it starts none. */
    private Optional<ToAgent.CommandRun> drilled() throws Exception {
        server.maintenance().checkDrills();
        return agent.drain().stream()
                .filter(ToAgent.CommandRun.class::isInstance)
                .map(ToAgent.CommandRun.class::cast)
                .findFirst();
    }

    private ToAgent.CommandRun once() throws Exception {
        server.api().post("/api/hosts/" + web.hostId() + "/jobs", Map.of("kind", "drill"));
        return agent.receive(ToAgent.CommandRun.class);
    }
}
