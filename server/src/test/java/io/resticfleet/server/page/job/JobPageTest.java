package io.resticfleet.server.page.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.CheckResult;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobResult;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.PruneResult;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.NightlyHost;
import io.resticfleet.server.page.PageClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The page of a job: its result, its log, its command, and the advice after an error. */
class JobPageTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private PageClient anna;
    private NightlyHost web;

    @BeforeEach
    void signIn() throws Exception {
        anna = PageClient.signedIn(server);
        web = NightlyHost.connect(server, "web");
    }

    @Test
    void log_lines_are_shown_as_text_with_their_stream_and_time() throws Exception {
        var job = web.startBackup();
        web.agent()
                .sendAndDrain(new ToServer.LogStream(
                        new JobId(job),
                        2,
                        List.of(
                                new LogLine(1, server.now(), "hook", "<script>alert(1)</script> & <b>"),
                                new LogLine(2, server.now(), "agent", "ended: all well"))));

        var page = open(job);

        assertThat(page.text("#log .hook")).contains("<script>alert(1)</script> & <b>");
        assertThat(page.text("#log .agent")).contains("13:00:00ended: all well");
        assertThat(page.select("#log time").get(0).attr("title")).isEqualTo("Sun 1 Mar 2026, 13:00:00 (Europe/Berlin)");
    }

    @Test
    void what_an_operation_found_is_shown_in_words_with_what_to_do_next() throws Exception {
        var repository =
                "/api/repositories/" + server.api().get("/api/repositories").at("/items/0/id") + "/jobs";
        var dry = server.api()
                .post(repository, Map.of("kind", "prune", "dry_run", true))
                .at("/job_id");
        assertThat(open(dry).text("#job")).contains("Prune, dry run", "it removes nothing");
        web.agent().sendAndDrain(ended(901, dry, JobKind.PRUNE, new PruneResult(3 << 20, 1 << 20, 5 << 20, 0)));

        var page = open(dry);
        assertThat(page.text("#job .banner"))
                .contains("nothing was removed", "would free 3.0 MiB and leave 5.0 MiB", "1.0 MiB again");
        assertThat(anna.open("/jobs").text("#jobs")).contains("Prune, dry run");
        page.press("Prune now");
        var check = server.api().post(repository, Map.of("kind", "check")).at("/job_id");
        web.agent()
                .sendAndDrain(ended(902, check, JobKind.CHECK, new CheckResult(0, Optional.of(0.0), Optional.empty())));
        assertThat(open(check).text("#job .banner")).contains("structure of the repository is sound", "was not read");
    }

    private ToServer.JobFinished ended(long sequence, String job, JobKind kind, JobResult result) {
        return Samples.changed(reports.ended(sequence, job, kind), Map.of("stats", result));
    }

    @Test
    void cancel_is_sent_to_the_agent_and_is_offered_until_the_job_has_ended() throws Exception {
        var job = web.startBackup();

        assertThat(open(job).press("Cancel").text(".toast")).contains("Cancel requested.");

        assertThat(web.agent().receive(ToAgent.CommandCancel.class).jobId().value())
                .isEqualTo(job);
        var stopping = open(job);
        assertThat(stopping.text("#job .state")).isEqualTo("stopping");
        assertThat(stopping.text("#job .banner")).contains("Cancelled by anna");
        assertThat(stopping.button("Stopping …").hasAttr("disabled")).isTrue();
        assertThat(anna.open(web.path() + "/schedules").text(".schedule .state"))
                .isEqualTo("stopping");
        assertThat(anna.open("/").text(".card .running")).contains("Backup stopping");
        web.agent()
                .sendAndDrain(reports.finished(
                        900, job, Optional.of(web.schedule()), Optional.of(server.now()), JobStatus.CANCELLED, ""));
        assertThat(open(job).text("#job .state")).isEqualTo("cancelled");
        assertThat(open(job).text("#job .banner")).contains("cancelled by anna");
        assertThat(open(job).buttons("Cancel")).isEmpty();
    }

    @Test
    void a_missed_run_has_no_log_and_its_times_are_in_the_viewers_zone() throws Exception {
        web.agent()
                .sendAndDrain(new ToServer.JobMissed(
                        900,
                        new JobId(SampleReports.id(900)),
                        JobKind.BACKUP,
                        new ScheduleId(web.schedule()),
                        Instant.parse("2026-03-01T02:30:00Z"),
                        Optional.of(Instant.parse("2026-02-27T02:30:00Z")),
                        "the machine was asleep until 2026-03-01T07:05:09.123Z"));

        var page = open(SampleReports.id(900));

        assertThat(page.text("#job .state")).isEqualTo("missed");
        assertThat(page.text("#job .banner")).contains("the machine was asleep until Sun 1 Mar, 08:05");
        assertThat(page.text(".facts")).contains("Due Fri 27 Feb, 03:30 to Sun 1 Mar, 03:30");
        assertThat(page.select("#log")).isEmpty();
        assertThat(page.text("main")).doesNotContain("Finished", "2026-03-01T");
        assertThat(anna.open("/jobs").text(".jobs .error")).contains("until Sun 1 Mar, 08:05");
    }

    @Test
    void a_backup_that_saved_less_than_expected_can_be_accepted_on_its_page() throws Exception {
        var job = SampleReports.id(900);
        web.agent().sendAndDrain(reports.partial(900, job, web.schedule(), "source_empty"));

        assertThat(open(job).text("#job .advice")).contains("Check on the machine that the path is mounted");
        assertThat(open(job).press("This is meant").text(".toast")).contains("Accepted");

        assertThat(open(job).text("#job .banner")).contains("Accepted as meant");
        assertThat(open(job).buttons("This is meant")).isEmpty();
        assertThat(web.agent().receive(ToAgent.ScheduleSet.class).acceptedRuns())
                .contains(List.of(new JobId(job)));
    }

    @Test
    void a_backup_that_was_followed_by_a_complete_one_is_not_offered_for_acceptance() throws Exception {
        var job = SampleReports.id(900);
        web.agent().sendAndDrain(reports.partial(900, job, web.schedule(), "source_empty"));
        var open = open(job);
        server.clock().advance(Duration.ofDays(1));

        web.agent().sendAndDrain(reports.finished(901, SampleReports.id(901), web.schedule()));

        assertThat(open(job).buttons("This is meant")).isEmpty();
        assertThat(open.press("This is meant").text(".toast")).contains("it has no effect any more");
    }

    @Test
    void cancelling_a_job_of_an_offline_machine_is_refused_with_the_reason() throws Exception {
        var job = web.startBackup();
        web.agent().abort();
        web.enrolled().awaitStatus("offline");

        var refused = open(job).press("Cancel");

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text(".toast.bad")).contains("not connected");
        assertThat(open(job).buttons("Cancel")).hasSize(1);
    }

    @Test
    void the_command_is_shown_as_a_person_would_type_it_without_secrets() throws Exception {
        var job = web.startBackup();
        assertThat(open(job).only("#command").hasAttr("hidden")).isTrue();

        web.agent()
                .sendAndDrain(
                        new ToServer.LogStream(
                                new JobId(job),
                                2,
                                List.of(
                                        new LogLine(1, server.now(), "agent", "the repository is free"),
                                        new LogLine(
                                                2,
                                                server.now(),
                                                "agent",
                                                "running: restic --json backup --host=web --tag=nightly -- /etc '/home/a b'"))));

        var page = open(job);
        assertThat(page.only("#command").hasAttr("hidden")).isFalse();
        assertThat(page.only("#command-line").wholeText())
                .isEqualTo("export RESTIC_REPOSITORY=" + Samples.URL.replace("://", "://fleet:SECRET@") + "\n"
                        + "restic backup --host=web --tag=nightly -- /etc '/home/a b'");
        assertThat(page.source()).doesNotContain(Samples.REPO_PASSWORD).doesNotContain(Samples.REST_PASSWORD);
    }

    @Test
    void a_snapshot_id_of_eight_digits_is_shown_whole() throws Exception {
        var job = web.startBackup();

        web.agent()
                .sendAndDrain(reports.finished(
                        902, job, Optional.of(web.schedule()), Optional.empty(), JobStatus.SUCCEEDED, "40dc1520"));

        assertThat(open(job).text(".facts code")).isEqualTo("40dc1520");
    }

    @Test
    void each_error_code_comes_with_advice() throws Exception {
        var schedule = web.path() + "/schedules/" + web.schedule();
        var advice = Map.ofEntries(
                Map.entry("locked", "Remove stale locks"),
                Map.entry("wrong_password", web.path() + "/repository"),
                Map.entry("password_missing", web.path() + "/repository"),
                Map.entry("auth", web.path() + "/repository"),
                Map.entry("no_repository", web.path() + "/repository"),
                Map.entry("repo_not_found", "Create repository"),
                Map.entry("repository_gone", "Check that its disk is mounted"),
                Map.entry("network", "Check that the backup server is running"),
                Map.entry("no_space", "Free some space there"),
                Map.entry("forbidden", "An append-only server does not allow deletions"),
                Map.entry("damaged", "/repositories/"),
                Map.entry("permission_denied", "The agent lacks permission"),
                Map.entry("files_unreadable", schedule),
                Map.entry("path_missing", schedule),
                Map.entry("hooks_refused", "which hooks may run"),
                Map.entry("not_empty", web.path() + "/repository"),
                Map.entry("policy_repository", web.path() + "/repository"),
                Map.entry("policy_run_too_long", "longest_run"),
                Map.entry("hook_failed", schedule),
                Map.entry("restic_missing", "apt install restic"),
                Map.entry("killed", "out of memory"),
                Map.entry("crashed", "out of memory"),
                Map.entry("interrupted", "at the next due time"),
                Map.entry("locale", "LANG=C.UTF-8"),
                Map.entry("retention_refused", schedule));
        int number = 500;
        for (var code : advice.entrySet()) {
            var banner = open(failed(++number, code.getKey())).only("#job .banner");
            assertThat(banner.text()).as(code.getKey()).contains(SampleReports.ERROR);
            var way = banner.selectFirst("a, button");
            var offered = way == null
                    ? banner.expectFirst(".advice").text()
                    : way.hasAttr("href") ? way.attr("href") : way.text();
            assertThat(offered).as(code.getKey()).contains(code.getValue());
        }
        assertThat(open(failed(++number, "a_code_of_a_later_version")).text("#job .banner"))
                .isEqualTo(SampleReports.ERROR);
    }

    @Test
    void a_stale_lock_is_removed_from_the_page_that_reports_it() throws Exception {
        var toast = open(failed(500, "locked")).press("Remove stale locks");

        assertThat(toast.text(".toast")).contains("Started");
        assertThat(web.agent().receive(ToAgent.CommandRun.class).order().kind()).isEqualTo(JobKind.UNLOCK);
    }

    @Test
    void locks_in_use_are_removed_after_a_confirmation_only() throws Exception {
        var unlock = SampleReports.id(500);
        web.agent().sendAndDrain(reports.failedUnlock(500, unlock));
        assertThat(open(unlock).buttons("Remove stale locks")).isEmpty();

        var refused = open(unlock).press("Remove all locks");
        var confirmed = open(unlock)
                .form("Remove all locks")
                .check("Nothing uses this repository now")
                .submit();

        assertThat(refused.status()).isEqualTo(400);
        assertThat(confirmed.text(".toast")).contains("Started");
        assertThat(web.agent().receive(ToAgent.CommandRun.class).order()).isEqualTo(new JobSpec.Unlock(true));
    }

    @Test
    void a_button_for_the_agent_is_disabled_while_the_machine_is_offline() throws Exception {
        var job = failed(500, "locked");
        assertThat(open(job).button("Remove stale locks").hasAttr("disabled")).isFalse();

        web.agent().abort();
        web.enrolled().awaitStatus("offline");

        var button = open(job).button("Remove stale locks");
        assertThat(button.hasAttr("disabled")).isTrue();
        assertThat(button.attr("title")).isEqualTo("The machine is not connected");
    }

    private HtmlPage open(String job) throws Exception {
        return anna.open("/jobs/" + job);
    }

    /** SampleReports a backup that failed; the id of the job. */
    private String failed(int number, String code) throws Exception {
        var job = SampleReports.id(number);
        web.agent().sendAndDrain(reports.failed(number, job, web.schedule(), code));
        return job;
    }
}
