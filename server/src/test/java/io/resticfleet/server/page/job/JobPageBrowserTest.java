package io.resticfleet.server.page.job;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.BrowserSession.button;
import static io.resticfleet.server.page.BrowserSession.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.BrowserSession;
import io.resticfleet.server.page.NightlyHost;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The page of a job in the browser: what changes while it is open, and how the log is followed. */
class JobPageBrowserTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private final SampleReports reports = new SampleReports(server);
    private BrowserSession anna;
    private NightlyHost web;

    @BeforeEach
    void signIn() throws Exception {
        anna = BrowserSession.signedIn(server, chromium.context());
        web = NightlyHost.connect(server, "web");
    }

    @Test
    void a_running_job_shows_its_progress_and_its_command_until_it_ends() throws Exception {
        var job = web.startBackup();
        server.clock().advance(Duration.ofSeconds(10));
        var page = anna.open("/jobs/" + job);
        assertThat(page.locator(".bar")).containsText("No progress reported yet.");
        assertThat(page.locator("#command")).isHidden();

        web.agent()
                .send(new ToServer.LogStream(
                        new JobId(job),
                        1,
                        List.of(new LogLine(1, server.now(), "agent", "running: restic --json backup -- /etc"))));
        assertThat(page.locator("#command-line")).containsText("restic backup -- /etc");

        web.agent()
                .send(new ToServer.JobProgress(
                        new JobId(job),
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

        web.finishBackup(job);
        assertThat(page.locator("#job .state")).hasText("succeeded");
        assertThat(page.locator(".bar")).hasCount(0);
        assertThat(page.locator(".facts")).containsText("3 kept, 1 removed");
        assertThat(button(page, "Cancel")).hasCount(0);
    }

    @Test
    void the_log_grows_in_order_without_duplicates_across_reconnects() throws Exception {
        var job = web.startBackup();
        web.agent().sendAndDrain(reports.log(job, 1, 3));
        var page = anna.open("/jobs/" + job);
        assertLines(page, 3);

        web.agent().sendAndDrain(reports.log(job, 4, 5));
        assertLines(page, 5);
        server.clock().skip(Duration.ofMinutes(1)); // the stream ends at the next event, and the browser opens another
        web.agent().sendAndDrain(reports.log(job, 6, 7));
        assertLines(page, 7);
        web.agent().sendAndDrain(reports.log(job, 5, 9)); // an agent repeats what was not acknowledged
        assertLines(page, 9);
        page.reload();
        web.agent().sendAndDrain(reports.log(job, 10, 12));
        assertLines(page, 12);
    }

    @Test
    void the_log_is_followed_until_the_user_scrolls_up_and_again_on_request() throws Exception {
        var job = web.startBackup();
        web.agent().sendAndDrain(reports.log(job, 1, 100));
        var page = anna.open("/jobs/" + job);
        assertThat(page.locator("#log p")).hasCount(100);
        assertAtEnd(page);

        web.agent().sendAndDrain(reports.log(job, 101, 120));
        assertThat(page.locator("#log p")).hasCount(120);
        assertAtEnd(page);

        page.locator("#log").evaluate("log => log.scrollTop = 200");
        assertThat(page.getByLabel("Follow")).not().isChecked();
        web.agent().sendAndDrain(reports.log(job, 121, 140));
        assertThat(page.locator("#log p")).hasCount(140);
        assertThat(page.locator("#log").evaluate("log => log.scrollTop")).isEqualTo(200);

        page.getByLabel("Follow").check();
        assertAtEnd(page);
        web.agent().sendAndDrain(reports.log(job, 141, 160));
        assertThat(page.locator("#log p")).hasCount(160);
        assertAtEnd(page);
    }

    @Test
    void a_long_log_stays_light_and_counts_the_lines_left_out() throws Exception {
        var job = web.startBackup();
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
    void lines_missed_while_the_tab_was_hidden_are_counted() throws Exception {
        var job = web.startBackup();
        web.agent().sendAndDrain(reports.log(job, 1, 3));
        var page = anna.open("/jobs/" + job);
        assertLines(page, 3);

        BrowserSession.hide(page, true);
        log(job, 4, 703);
        BrowserSession.hide(page, false);

        assertThat(page.locator("#log p").last()).containsText("line 703");
        assertThat(page.locator("#log p").nth(3)).hasText("200 lines left out");
        assertThat(page.locator("#log p").nth(4)).containsText("line 204");
        assertThat(page.locator("#log p")).hasCount(3 + 1 + 500);
    }

    @Test
    void a_waiting_job_shows_what_it_waits_for_until_it_is_its_turn() throws Exception {
        var nas = NightlyHost.connect(server, "nas");
        server.api().post("/api" + nas.path() + "/jobs", Map.of("kind", "prune"));
        var prune = nas.agent().receive(ToAgent.CommandRun.class).jobId();
        var page = anna.open("/");

        button(page, "Run the backup of web now").click();
        link(page, "Show job").click();

        assertThat(page.locator("#job .banner"))
                .containsText("This job waits for the prune of host nas at the same repository, since Sun 1 Mar, ");
        link(page, "Show that job").click();
        assertThat(page.locator("h1")).hasText("Prune");
        page.goBack();
        assertThat(page.locator("#job .state")).hasText("waiting");
        assertThat(page.locator(".facts")).containsText("requested by anna");
        nas.agent().send(reports.ended(901, prune.value(), JobKind.PRUNE));
        assertThat(page.locator("#job .banner")).hasCount(0);
    }

    @Test
    void a_button_for_the_agent_is_disabled_when_the_machine_goes_offline() throws Exception {
        var job = SampleReports.id(500);
        web.agent().sendAndDrain(reports.failed(500, job, web.schedule(), "locked"));
        var page = anna.open("/jobs/" + job);
        assertThat(button(page, "Remove stale locks")).isEnabled();

        web.agent().abort();

        assertThat(button(page, "Remove stale locks")).isDisabled();
        assertThat(button(page, "Remove stale locks")).hasAttribute("title", "The machine is not connected");
    }

    private void log(String job, int from, int to) throws InterruptedException {
        for (int line = from; line <= to; line += 200) {
            web.agent().send(reports.log(job, line, Math.min(line + 199, to)));
        }
        web.agent().drain();
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
