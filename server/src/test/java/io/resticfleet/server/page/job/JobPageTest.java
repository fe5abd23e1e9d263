package io.resticfleet.server.page.job;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.Visitor.button;
import static io.resticfleet.server.page.Visitor.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.Eventually;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.Reports;
import io.resticfleet.server.page.Member;
import io.resticfleet.server.page.Visitor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One job: how far it is, what it says, what went wrong and what to do. */
class JobPageTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private final Reports reports = new Reports(server);
    private Visitor anna;
    private Member web;

    @BeforeEach
    void signIn() throws Exception {
        anna = Visitor.signedIn(server, chromium.person());
        web = Member.joins(server, "web");
    }

    @Test
    void while_it_runs_it_tells_how_far_it_is() throws Exception {
        var job = web.begins();
        server.now = server.now.plusSeconds(10);
        var page = anna.open("/jobs/" + job);
        assertThat(page.locator(".bar")).containsText("No progress reported yet.");

        web.agent()
                .say(new ToServer.JobProgress(
                        job,
                        0.4217,
                        1234,
                        5678,
                        50 * 1024 * 1024,
                        120 * 1024 * 1024,
                        2,
                        Optional.of(75L),
                        Optional.of("/home/anna/<b>.jpg")));

        assertThat(page.locator(".figures"))
                .hasText(Pattern.compile("Done\\s*42 %\\s*Files\\s*1,234 of 5,678\\s*Bytes\\s*50.0 MiB of 120.0 MiB\\s*"
                        + "Speed\\s*5.0 MiB/s\\s*Remaining\\s*1 min 15 s\\s*Errors\\s*2"));
        assertThat(page.locator(".bar progress")).hasJSProperty("value", 422);
        assertThat(page.locator(".current")).hasText("/home/anna/<b>.jpg");
        assertThat(page.locator("h1")).hasText("Backup nightly");
        assertThat(page.locator("#job .state")).hasText("running");

        web.ends(job);
        assertThat(page.locator("#job .state")).hasText("succeeded");
        assertThat(page.locator(".bar")).hasCount(0);
        assertThat(page.locator(".facts")).containsText("3 kept, 1 removed");
        assertThat(button(page, "Cancel")).hasCount(0);
    }

    @Test
    void the_log_grows_in_order_and_no_line_comes_twice_whatever_breaks_between() throws Exception {
        var job = web.begins();
        web.agent().sayAndHear(reports.log(job, 1, 3));
        var page = anna.open("/jobs/" + job);
        assertLines(page, 3);

        web.agent().sayAndHear(reports.log(job, 4, 5));
        assertLines(page, 5);
        server.skipped = Duration.ofMinutes(1); // the stream ends at the next word, and the browser opens another
        web.agent().sayAndHear(reports.log(job, 6, 7));
        assertLines(page, 7);
        web.agent().sayAndHear(reports.log(job, 5, 9)); // an agent says again what was not acknowledged
        assertLines(page, 9);
        page.reload();
        web.agent().sayAndHear(reports.log(job, 10, 12));
        assertLines(page, 12);
    }

    @Test
    void what_a_program_writes_is_shown_as_text_and_as_whose_it_is() throws Exception {
        var job = web.begins();
        web.agent()
                .sayAndHear(new ToServer.LogStream(
                        job,
                        2,
                        List.of(
                                new LogLine(1, server.now, "hook", "<script>alert(1)</script> & <b>"),
                                new LogLine(2, server.now, "agent", "ended: all well"))));

        var page = anna.open("/jobs/" + job);

        assertThat(page.locator("#log .hook")).containsText("<script>alert(1)</script> & <b>");
        assertThat(page.locator("#log .agent")).containsText("13:00:00ended: all well");
        assertThat(page.locator("#log time").first()).hasAttribute("title", "Sun 1 Mar 2026, 13:00:00 (Europe/Berlin)");
    }

    @Test
    void the_log_is_followed_until_somebody_scrolls_up_and_again_when_they_ask() throws Exception {
        var job = web.begins();
        web.agent().sayAndHear(reports.log(job, 1, 100));
        var page = anna.open("/jobs/" + job);
        assertThat(page.locator("#log p")).hasCount(100);
        assertAtEnd(page);

        web.agent().sayAndHear(reports.log(job, 101, 120));
        assertThat(page.locator("#log p")).hasCount(120);
        assertAtEnd(page);

        page.locator("#log").evaluate("log => log.scrollTop = 200");
        assertThat(page.getByLabel("Follow")).not().isChecked();
        web.agent().sayAndHear(reports.log(job, 121, 140));
        assertThat(page.locator("#log p")).hasCount(140);
        assertThat(page.locator("#log").evaluate("log => log.scrollTop")).isEqualTo(200);

        page.getByLabel("Follow").check();
        assertAtEnd(page);
        web.agent().sayAndHear(reports.log(job, 141, 160));
        assertThat(page.locator("#log p")).hasCount(160);
        assertAtEnd(page);
    }

    @Test
    void a_long_log_stays_light_and_says_what_it_leaves_out() throws Exception {
        var job = web.begins();
        log(job, 1, 5_000);

        var page = anna.open("/jobs/" + job);
        assertThat(page.locator("#log p:not(.hint)")).hasCount(500);
        assertThat(page.locator("#log .hint")).hasText("4,500 lines left out");
        assertThat(page.locator("#log p").last()).containsText("line 5000");
        assertThat(page.content().length()).isLessThan(150_000);

        for (int line = 5_001; line < 6_200; line += 400) {
            log(job, line, line + 399);
            assertThat(page.locator("#log p").last()).containsText("line " + (line + 399));
        }
        assertThat(page.locator("#log p:not(.hint)")).hasCount(1_000);
        assertThat(page.locator("#log .hint")).hasText("5,200 lines left out");
        assertThat(page.locator("#log p").nth(1)).containsText("line 5201");
        assertThat((int) page.evaluate("document.getElementById('log').childNodes.length"))
                .isLessThan(2_100);
    }

    @Test
    void lines_that_a_page_missed_while_it_was_out_of_sight_leave_a_mark() throws Exception {
        var job = web.begins();
        web.agent().sayAndHear(reports.log(job, 1, 3));
        var page = anna.open("/jobs/" + job);
        assertLines(page, 3);

        Visitor.hide(page, true);
        log(job, 4, 703);
        Visitor.hide(page, false);

        assertThat(page.locator("#log p").last()).containsText("line 703");
        assertThat(page.locator("#log p").nth(3)).hasText("200 lines left out");
        assertThat(page.locator("#log p").nth(4)).containsText("line 204");
        assertThat(page.locator("#log p")).hasCount(3 + 1 + 500);
    }

    @Test
    void cancel_asks_the_agent_to_stop_and_the_page_tells_when_it_has() throws Exception {
        var job = web.begins();
        var page = anna.open("/jobs/" + job);

        button(page, "Cancel").click();

        assertThat(web.agent().hears(ToAgent.CommandCancel.class).jobId()).isEqualTo(job);
        assertThat(page.locator(".toast")).containsText("Cancel requested.");
        web.agent()
                .say(reports.finished(
                        900, job, Optional.of(web.schedule()), Optional.of(server.now), JobStatus.CANCELLED, ""));
        assertThat(page.locator("#job .state")).hasText("cancelled");
        assertThat(button(page, "Cancel")).hasCount(0);
    }

    @Test
    void what_cannot_be_cancelled_says_why() throws Exception {
        chromium.expect("409");
        var job = web.begins();
        web.agent().vanish();
        Eventually.eventually(() -> {
            assertThat(server.get("/api" + web.path()).at("/status")).isEqualTo("offline");
            return true;
        });
        var page = anna.open("/jobs/" + job);

        button(page, "Cancel").click();

        assertThat(page.locator(".toast.bad")).containsText("not connected");
        assertThat(button(page, "Cancel")).isVisible();
    }

    @Test
    void a_job_that_waits_says_for_what() throws Exception {
        var nas = Member.joins(server, "nas");
        server.post("/api" + nas.path() + "/jobs", Map.of("kind", "prune"));
        var prune = nas.agent().hears(ToAgent.CommandRun.class).jobId();
        var page = anna.open("/");

        button(page, "Run the backup of web now").click();
        link(page, "Show job").click();

        assertThat(page.locator("#job .banner"))
                .hasText("This job waits for the prune of host nas at the same repository.");
        assertThat(page.locator("#job .state")).hasText("waiting");
        assertThat(page.locator(".facts")).containsText("requested by anna");
        nas.agent().say(reports.ended(901, prune, JobKind.PRUNE));
        assertThat(page.locator("#job .banner")).hasCount(0);
    }

    @Test
    void the_command_is_shown_as_one_would_type_it_with_secrets_left_out() throws Exception {
        var job = web.begins();
        var page = anna.open("/jobs/" + job);
        assertThat(page.locator("#command")).isHidden();

        web.agent()
                .say(
                        new ToServer.LogStream(
                                job,
                                2,
                                List.of(
                                        new LogLine(1, server.now, "agent", "the repository is free"),
                                        new LogLine(
                                                2,
                                                server.now,
                                                "agent",
                                                "running: restic --json backup --host=web --tag=nightly -- /etc '/home/a b'"))));

        assertThat(page.locator("#command-line"))
                .hasText("export RESTIC_REPOSITORY=" + TestServer.URL + " RESTIC_PASSWORD='…'\n"
                        + "restic backup --host=web --tag=nightly -- /etc '/home/a b'");
        assertThat(page.content()).doesNotContain(TestServer.REPO_PASSWORD).doesNotContain(TestServer.REST_PASSWORD);
    }

    @Test
    void a_snapshot_that_restic_named_by_eight_digits_only_is_shown_by_them() throws Exception {
        var job = web.begins();
        var page = anna.open("/jobs/" + job);

        web.agent()
                .say(reports.finished(
                        902, job, Optional.of(web.schedule()), Optional.empty(), JobStatus.SUCCEEDED, "40dc1520"));

        assertThat(page.locator(".facts code")).hasText("40dc1520");
    }

    @Test
    void each_way_to_fail_comes_with_what_to_do() throws Exception {
        var schedule = web.path() + "/schedules/" + web.schedule();
        var said = Map.ofEntries(
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
                Map.entry("damaged", "Check repository"),
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
        var page = anna.open("/");
        int number = 500;
        for (var code : said.entrySet()) {
            page.navigate(server.url() + "/jobs/" + failed(++number, code.getKey()));
            var banner = page.locator("#job .banner");
            assertThat(banner).containsText("what restic said of it");
            var mends = banner.locator("a, button").count() == 0
                    ? banner.locator(".advice").textContent()
                    : banner.locator("a, button").first().evaluate("e => e.getAttribute('href') ?? e.textContent");
            assertThat((String) mends).as(code.getKey()).contains(code.getValue());
        }
        page.navigate(server.url() + "/jobs/" + failed(++number, "a_code_of_years_to_come"));
        assertThat(page.locator("#job .banner")).hasText("what restic said of it");
    }

    @Test
    void a_stale_lock_is_removed_from_the_page_that_tells_of_it() throws Exception {
        var page = anna.open("/jobs/" + failed(500, "locked"));

        button(page, "Remove stale locks").click();

        assertThat(web.agent().hears(ToAgent.CommandRun.class).order().kind()).isEqualTo(JobKind.UNLOCK);
        assertThat(page.locator(".toast")).containsText("Started");
    }

    @Test
    void what_the_agent_has_to_do_cannot_be_asked_while_it_is_away() throws Exception {
        var page = anna.open("/jobs/" + failed(500, "locked"));
        assertThat(button(page, "Remove stale locks")).isEnabled();

        web.agent().vanish();

        assertThat(button(page, "Remove stale locks")).isDisabled();
        assertThat(button(page, "Remove stale locks")).hasAttribute("title", "The machine is not connected");
    }

    /** A backup that failed; its id. */
    private String failed(int number, String code) throws Exception {
        var job = Reports.id(number);
        web.agent()
                .sayAndHear(new ToServer.JobFinished(
                        number,
                        job,
                        JobKind.BACKUP,
                        JobTrigger.CRON,
                        Optional.of(web.schedule()),
                        Optional.of(server.now.plusSeconds(number)),
                        Optional.of(server.now),
                        server.now.plusSeconds(60),
                        JobStatus.FAILED,
                        Optional.of(1),
                        Optional.of("what restic said of it"),
                        Optional.of(new ErrorCode.Reported(code)),
                        Optional.empty(),
                        new NoResult()));
        return job;
    }

    private void log(String job, int from, int to) throws InterruptedException {
        for (int line = from; line <= to; line += 200) {
            web.agent().say(reports.log(job, line, Math.min(line + 199, to)));
        }
        web.agent().hearsUntilNow();
    }

    private static void assertLines(Page page, int count) {
        assertThat(page.locator("#log p"))
                .hasText(IntStream.rangeClosed(1, count)
                        .mapToObj(line -> Pattern.compile("line " + line + "$"))
                        .toArray(Pattern[]::new));
    }

    private static void assertAtEnd(Page page) {
        assertThat(page.locator("#log").evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight < 2"))
                .isEqualTo(true);
    }
}
