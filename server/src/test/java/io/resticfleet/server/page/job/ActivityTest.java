package io.resticfleet.server.page.job;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.Visitor.link;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.Held;
import io.resticfleet.server.page.History;
import io.resticfleet.server.page.Member;
import io.resticfleet.server.page.Visitor;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** All jobs, newest first, and which of them one wants to see. */
class ActivityTest {

    private static final Instant LONG_AGO = TestServer.START.minus(Duration.ofDays(90));

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private Visitor anna;

    @BeforeEach
    void signIn() {
        anna = Visitor.signedIn(server, chromium.person());
    }

    @Test
    void before_anything_has_run_it_says_so() {
        var page = anna.open("/jobs");

        assertThat(page.locator(".empty")).containsText("No job matches the filter, or none has run yet.");
    }

    @Test
    void jobs_are_listed_newest_first_with_how_they_ended_and_what_was_wrong() throws Exception {
        try (var history = History.in(server.directory())) {
            var web = history.host("web", LONG_AGO, LONG_AGO);
            var nightly = history.schedule(web, "nightly", "30 2 * * *", "server", LONG_AGO);
            history.backup(web, nightly, server.now.minus(Duration.ofDays(1)), JobStatus.SUCCEEDED);
            history.backup(
                    web, nightly, server.now.minus(Duration.ofHours(2)), JobStatus.FAILED, "no space", "no_space");
        }

        var page = anna.open("/jobs");

        assertThat(lines(page)).hasCount(2);
        assertThat(lines(page).first()).containsText("failed");
        assertThat(lines(page).first()).containsText("Backup nightly on web");
        assertThat(lines(page).first()).containsText("no space");
        assertThat(lines(page).first()).containsText("2 h ago");
        assertThat(lines(page).last()).containsText("succeeded");
        link(page, "web").first().click();
        assertThat(page.locator("h1")).hasText("web");
    }

    @Test
    void what_begins_is_on_top_by_itself() throws Exception {
        var web = Member.joins(server, "web");
        web.ends(JobStatus.SUCCEEDED);
        var page = anna.open("/jobs");
        assertThat(lines(page)).hasCount(1);

        var job = web.begins();

        assertThat(lines(page)).hasCount(2);
        assertThat(lines(page).first()).containsText("running");
        web.ends(job);
        assertThat(lines(page).first()).containsText("succeeded");
    }

    @Test
    void kind_and_status_narrow_it_and_stay_in_the_address() throws Exception {
        var web = Member.joins(server, "web");
        web.ends(JobStatus.SUCCEEDED);
        web.ends(JobStatus.FAILED);
        server.post("/api" + web.path() + "/jobs", Map.of("kind", "check"));
        var page = anna.open("/jobs");
        assertThat(lines(page)).hasCount(3);

        page.getByLabel("Status").selectOption("failed");
        assertThat(lines(page)).hasCount(1);
        assertThat(lines(page)).containsText("Backup nightly");
        assertThat(page).hasURL(server.url() + "/jobs?kind=&status=failed");

        web.ends(JobStatus.FAILED); // what comes later is narrowed too
        assertThat(lines(page)).hasCount(2);
        web.ends(JobStatus.SUCCEEDED);
        page.getByLabel("Status").selectOption("");
        page.getByLabel("Kind").selectOption("check");
        assertThat(lines(page)).hasCount(1);
        assertThat(lines(page)).containsText("Check on web");

        page.getByLabel("Status").selectOption("missed");
        assertThat(page.locator(".empty")).isVisible();
        page.reload();
        assertThat(page.getByLabel("Kind")).hasValue("check");
        assertThat(page.getByLabel("Status")).hasValue("missed");
        assertThat(page.locator(".empty")).isVisible();
    }

    @Test
    void a_live_answer_from_before_the_choice_does_not_undo_it() throws Exception {
        var web = Member.joins(server, "web");
        web.ends(JobStatus.SUCCEEDED);
        var page = anna.open("/jobs");
        assertThat(lines(page)).hasCount(1);
        var live = Held.requests(page, url -> url.contains("_pieces="));

        web.begins();
        live.await();
        page.getByLabel("Status").selectOption("failed");
        assertThat(page.locator(".empty")).isVisible();
        page.waitForRequestFinished(
                new Page.WaitForRequestFinishedOptions()
                        .setPredicate(request -> request.url().contains("_pieces=")),
                live::release);
        page.evaluate("() => new Promise(done => setTimeout(done))"); // what the answer did is done

        assertThat(page.locator(".empty")).isVisible();
    }

    @Test
    void a_choice_holds_if_the_list_was_renewed_before_its_answer() throws Exception {
        var web = Member.joins(server, "web");
        web.ends(JobStatus.SUCCEEDED);
        var page = anna.open("/jobs");
        assertThat(lines(page)).hasCount(1);
        var choice = Held.requests(page, url -> url.contains("status=failed") && !url.contains("_"));

        page.getByLabel("Status").selectOption("failed");
        choice.await();
        web.begins();
        assertThat(lines(page)).hasCount(2);
        choice.release();

        assertThat(page.locator(".empty")).isVisible();
    }

    @Test
    void older_jobs_are_pages_away_each_once_and_narrowed_alike() throws Exception {
        try (var history = History.in(server.directory())) {
            var web = history.host("web", LONG_AGO, LONG_AGO);
            var nightly = history.schedule(web, "nightly", "30 2 * * *", "server", LONG_AGO);
            for (int day = 0; day < 70; day++) {
                var due = LONG_AGO.plus(Duration.ofDays(day));
                history.backup(web, nightly, due, JobStatus.FAILED, "day " + day, "unknown");
                history.backup(web, nightly, due, JobStatus.SUCCEEDED);
            }
        }
        var page = anna.open("/jobs?status=failed");
        assertThat(lines(page)).hasCount(50);
        assertThat(lines(page).first()).containsText("day 69");

        link(page, "Older").click();

        assertThat(lines(page)).hasCount(20);
        assertThat(lines(page).first()).containsText("day 19");
        assertThat(lines(page).last()).containsText("day 0");
        assertThat(link(page, "Older")).hasCount(0);
        assertThat(page.getByLabel("Status")).hasValue("failed");
        page.goBack();
        assertThat(lines(page).first()).containsText("day 69");
    }

    @Test
    void a_machine_has_a_list_of_its_own() throws Exception {
        var web = Member.joins(server, "web");
        var nas = Member.joins(server, "nas");
        web.ends(JobStatus.FAILED);
        nas.ends(JobStatus.SUCCEEDED);
        var page = anna.open(web.path());

        link(page, "Jobs").click();

        assertThat(lines(page)).hasCount(1);
        assertThat(lines(page)).containsText("failed");
        assertThat(lines(page)).not().containsText("on web");
        page.getByLabel("Status").selectOption("succeeded");
        assertThat(page.locator(".empty")).isVisible();
        assertThat(page.locator("h1")).hasText("web");
        assertThat(page).hasURL(server.url() + web.path() + "/jobs?kind=&status=succeeded");
    }

    private static Locator lines(Page page) {
        return page.locator(".jobs > li");
    }
}
