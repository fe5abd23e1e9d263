package io.resticfleet.server.page.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.Visitor.button;
import static io.resticfleet.server.page.Visitor.card;
import static io.resticfleet.server.page.Visitor.link;

import com.microsoft.playwright.Page;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.FakeAgent;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.Reports;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.page.Visitor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The first page: is everything backed up? */
class DashboardTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private final Reports reports = new Reports(server);
    private Visitor anna;
    private int jobs;
    private int sequence;

    @BeforeEach
    void signIn() {
        anna = Visitor.signedIn(server, chromium.person());
    }

    @Test
    void a_new_server_says_how_to_add_the_first_machine() {
        var page = anna.open("/");

        assertThat(page.locator("h1")).hasText("No machines yet");
        link(page.locator(".cards").page(), "Add a machine").first().click();
        assertThat(page).hasURL(server.url() + "/hosts/new");
    }

    @Test
    void when_all_is_well_one_sentence_says_so_and_when_the_next_backup_is_due() throws Exception {
        for (var name : List.of("web", "nas")) {
            var machine = server.enrol(name);
            var schedule = server.schedule(machine, TestServer.NIGHTLY);
            ran(server.connectQuietly(machine), schedule, JobStatus.SUCCEEDED, server.now);
        }

        var page = anna.open("/");

        assertThat(page.locator("h1")).hasText(Pattern.compile("All 2 machines backed up · next in 1[45] h"));
        assertThat(card(page, "web").locator("header")).containsText("Backed up");
        assertThat(card(page, "web").locator(".strip i.ok")).hasCount(1);
        assertThat(card(page, "web").locator(".strip i.ok")).hasAttribute("title", "Sun 1 Mar: backed up");
        assertThat(card(page, "web").locator(".strip i")).hasCount(30);
        assertThat(card(page, "web")).containsText("Last backupjust now");
        assertThat(card(page, "web")).containsText(Pattern.compile("Next backup\\s*in 1[45] h"));
        assertThat(page).hasTitle("Machines · restic-fleet");
    }

    @Test
    void the_worst_state_wins_and_names_the_machines() throws Exception {
        var good = server.enrol("good");
        ran(server.connectQuietly(good), server.schedule(good, TestServer.NIGHTLY), JobStatus.SUCCEEDED, server.now);
        var bad = server.enrol("bad");
        ran(server.connectQuietly(bad), server.schedule(bad, TestServer.NIGHTLY), JobStatus.FAILED, server.now);
        var half = server.enrol("half");
        ran(server.connectQuietly(half), server.schedule(half, TestServer.NIGHTLY), JobStatus.PARTIAL, server.now);
        server.enrol("stranger");

        var page = anna.open("/");

        assertThat(page.locator("h1")).containsText("3 machines need attention");
        assertThat(page.locator(".why")).hasText("1 failed · 1 never connected · 1 backed up in part");
        assertThat(page.locator(".worst li").first()).hasText("bad backup failed");
        assertThat(page.locator(".card h2")).hasText(new String[] {"bad", "stranger", "half", "good"});
        assertThat(card(page, "bad").locator(".note")).hasText("it did not work");
        assertThat(card(page, "stranger")).containsText("never connected");
        assertThat(page).hasTitle("(3) Machines · restic-fleet");
    }

    @Test
    void a_machine_that_is_away_is_told_from_one_that_never_came() throws Exception {
        var away = server.enrol("away");
        var agent = server.connectQuietly(away);
        ran(agent, server.schedule(away, TestServer.NIGHTLY), JobStatus.SUCCEEDED, server.now);
        agent.vanish();

        var page = anna.open("/");

        assertThat(page.locator("h1")).containsText("1 machine backed up, 1 offline");
        assertThat(card(page, "away").locator("header")).containsText("Backed up, now offline");
        assertThat(card(page, "away")).containsText("offline, last seen just now");
    }

    @Test
    void a_missed_backup_needs_somebody_until_a_later_one_succeeds() throws Exception {
        var web = server.enrol("web");
        var schedule = server.schedule(web, TestServer.NIGHTLY);
        var due = Instant.parse("2026-03-02T02:30:00Z");
        server.skipped = Agents.START_GRACE;
        server.checkMissedRunsAt(due.plus(Duration.ofMinutes(145)));
        var page = anna.open("/");
        assertThat(page.locator("h1")).containsText("1 machine needs attention");
        assertThat(card(page, "web").locator("header")).containsText("Backup missed");
        assertThat(card(page, "web").locator(".strip i.miss")).hasCount(1);

        ran(server.connectQuietly(web), schedule, JobStatus.SUCCEEDED, server.now);

        assertThat(page.locator("h1")).containsText("1 machine backed up");
        assertThat(card(page, "web").locator("header")).containsText("Backed up");
    }

    @Test
    void what_fails_beside_backups_is_told_too() throws Exception {
        var web = server.enrol("web");
        ran(server.connectQuietly(web), server.schedule(web, TestServer.NIGHTLY), JobStatus.SUCCEEDED, server.now);
        var check = server.schedule(web, Map.of("kind", "check", "cron", "0 7 1 * *"));
        server.sql(
                "INSERT INTO jobs (id, host_id, schedule_id, kind, status, trigger_word, created_at, error) VALUES ('"
                        + Reports.id(900) + "', '" + web.hostId() + "', '" + check + "', 'check', 'failed', 'cron', "
                        + server.now.toEpochMilli() + ", 'the repository is damaged')");

        var page = anna.open("/");

        assertThat(card(page, "web").locator("header")).containsText("Check failed");
        assertThat(card(page, "web").locator(".strip i.bad")).hasCount(0);
    }

    @Test
    void running_shows_how_far_it_is_and_moves_nothing_else() throws Exception {
        var web = server.enrol("web");
        var schedule = server.schedule(web, TestServer.NIGHTLY);
        server.enrol("other");
        var agent = server.connectQuietly(web);
        var page = anna.open("/");
        var before = boxes(page);

        button(page, "Run the backup of web now").click();
        var job = agent.hears(ToAgent.CommandRun.class).jobId();
        assertThat(page.locator(".toast")).containsText("Started");
        agent.say(reports.started(job, schedule));
        agent.say(new ToServer.JobProgress(
                job, 0.42, 42, 100, 4200, 10_000, 0, Optional.of(60L), Optional.of("/etc/passwd")));

        assertThat(card(page, "web").locator(".running")).containsText("Backup running 42 %");
        assertThat(button(page, "Run the backup of web now")).isDisabled();
        org.assertj.core.api.Assertions.assertThat(boxes(page)).isEqualTo(before);
        link(page, "Show job").click();
        assertThat(page).hasURL(server.url() + "/jobs/" + job);
    }

    @Test
    void run_now_takes_the_only_manual_schedule_else_the_only_one_else_asks_to_pick() throws Exception {
        var web = server.enrol("web");
        var nightly = server.schedule(web, TestServer.NIGHTLY);
        var agent = server.connectQuietly(web);
        var page = anna.open("/");
        button(page, "Run the backup of web now").click();
        org.assertj.core.api.Assertions.assertThat(runOf(agent)).isEqualTo(nightly);
        ran(agent, nightly, JobStatus.SUCCEEDED, server.now);

        var weekly = server.schedule(
                web, Map.of("kind", "backup", "name", "weekly", "cron", "0 4 * * 0", "paths", List.of("/")));
        link(page, "Choose a schedule").click();
        assertThat(page).hasURL(server.url() + "/hosts/" + web.hostId() + "/schedules");

        var byHand = server.schedule(
                web, Map.of("kind", "backup", "name", "by hand", "manual", true, "paths", List.of("/srv")));
        page.navigate(server.url());
        button(page, "Run the backup of web now").click();
        org.assertj.core.api.Assertions.assertThat(runOf(agent))
                .isEqualTo(byHand)
                .isNotEqualTo(weekly);
    }

    @Test
    void search_tag_and_state_narrow_what_is_shown_and_the_verdict_stays_for_all() throws Exception {
        for (var name : List.of("web-one", "web-two", "nas")) {
            var machine = server.enrol(name);
            server.schedule(
                    machine,
                    Map.of(
                            "kind",
                            "backup",
                            "cron",
                            "30 2 * * *",
                            "paths",
                            List.of("/etc"),
                            "tags",
                            List.of(name.equals("nas") ? "storage" : "front")));
        }
        var page = anna.open("/");

        page.getByLabel("Search machines by name").pressSequentially("WEB");
        assertThat(page.locator(".card h2")).hasText(new String[] {"web-one", "web-two"});
        assertThat(page).hasURL(server.url() + "/?q=WEB&tag=&state=");
        page.getByLabel("Search machines by name").fill("");
        page.getByLabel("Tag").selectOption("storage");
        assertThat(page.locator(".card h2")).hasText(new String[] {"nas"});
        page.getByText("Backed up", new Page.GetByTextOptions().setExact(true)).click();
        assertThat(page.locator(".empty h2")).hasText("No machine matches");
        assertThat(page.locator("h1")).containsText("3 machines need attention");
        page.reload();
        assertThat(page.getByLabel("Tag")).hasValue("storage");
    }

    @Test
    void drift_is_told_until_the_agent_has_taken_over() throws Exception {
        var web = server.enrol("web");
        var agent = server.connectQuietly(web);
        server.schedule(web, TestServer.NIGHTLY);
        var page = anna.open("/");
        assertThat(card(page, "web")).containsText("has not applied the latest schedules yet");

        agent.say(new ToServer.ScheduleAck(1, Optional.empty()));

        assertThat(card(page, "web")).not().containsText("newest schedules");
    }

    private String runOf(FakeAgent agent) throws InterruptedException {
        var run = agent.hears(ToAgent.CommandRun.class);
        agent.say(reports.finished(
                ++sequence, run.jobId(), run.order().scheduled().orElseThrow().id()));
        return run.order().scheduled().orElseThrow().id();
    }

    /** A backup that ended. */
    private void ran(FakeAgent agent, String schedule, JobStatus status, Instant due) throws InterruptedException {
        agent.sayAndHear(reports.finished(
                ++sequence,
                Reports.id(++jobs),
                Optional.of(schedule),
                Optional.of(due),
                status,
                status == JobStatus.FAILED ? "" : Reports.SNAPSHOT));
    }

    /** Where everything is. */
    private static Object boxes(Page page) {
        return page.evaluate(
                "() => [...document.querySelectorAll('.verdict, .filter, .card, .card > *')]"
                        + ".map(e => e.getBoundingClientRect()).map(b => [b.x, b.y, b.width, b.height].map(Math.round).join())");
    }
}
