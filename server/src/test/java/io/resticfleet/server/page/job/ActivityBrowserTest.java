package io.resticfleet.server.page.job;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.BrowserSession;
import io.resticfleet.server.page.HeldRequests;
import io.resticfleet.server.page.NightlyHost;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The list of all jobs in the browser: live updates and filters, and what happens when both meet. */
class ActivityBrowserTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private NightlyHost web;
    private Page page;

    @BeforeEach
    void open() throws Exception {
        web = NightlyHost.connect(server, "web");
        web.runBackup(JobStatus.SUCCEEDED);
        page = BrowserSession.signedIn(server, chromium.context()).open("/jobs");
        assertThat(lines()).hasCount(1);
    }

    @Test
    void a_job_that_starts_appears_on_top() throws Exception {
        var job = web.startBackup();

        assertThat(lines()).hasCount(2);
        assertThat(lines().first()).containsText("running");
        web.finishBackup(job);
        assertThat(lines().first()).containsText("succeeded");
    }

    @Test
    void kind_and_status_filter_the_list_and_stay_in_the_address() throws Exception {
        web.runBackup(JobStatus.FAILED);
        server.api().post("/api" + web.path() + "/jobs", Map.of("kind", "check"));
        assertThat(lines()).hasCount(3);

        page.getByLabel("Status").selectOption("failed");
        assertThat(lines()).hasCount(1);
        assertThat(lines()).containsText("Backup nightly");
        assertThat(page).hasURL(server.url() + "/jobs?kind=&status=failed");

        web.runBackup(JobStatus.FAILED); // live updates are filtered too
        assertThat(lines()).hasCount(2);
        web.runBackup(JobStatus.SUCCEEDED);
        page.getByLabel("Status").selectOption("");
        page.getByLabel("Kind").selectOption("check");
        assertThat(lines()).hasCount(1);
        assertThat(lines()).containsText("Check on web");

        page.getByLabel("Status").selectOption("missed");
        assertThat(page.locator(".empty")).isVisible();
        page.reload();
        assertThat(page.getByLabel("Kind")).hasValue("check");
        assertThat(page.getByLabel("Status")).hasValue("missed");
        assertThat(page.locator(".empty")).isVisible();
        page.goBack();
        assertThat(page.getByLabel("Status")).hasValue("");
        assertThat(lines()).hasCount(1);
    }

    @Test
    void a_live_response_from_before_the_choice_does_not_undo_it() throws Exception {
        var live = HeldRequests.requests(page, url -> url.contains("_fragments="));

        web.startBackup();
        live.await();
        page.getByLabel("Status").selectOption("failed");
        assertThat(page.locator(".empty")).isVisible();
        page.waitForRequestFinished(
                new Page.WaitForRequestFinishedOptions()
                        .setPredicate(request -> request.url().contains("_fragments=")),
                live::release);
        page.evaluate("() => new Promise(done => setTimeout(done))"); // the response has been processed

        assertThat(page.locator(".empty")).isVisible();
    }

    @Test
    void a_choice_holds_if_the_list_was_updated_before_its_response() throws Exception {
        var choice = HeldRequests.requests(page, url -> url.contains("status=failed") && !url.contains("_"));

        page.getByLabel("Status").selectOption("failed");
        choice.await();
        web.startBackup();
        assertThat(lines()).hasCount(2);
        choice.release();

        assertThat(page.locator(".empty")).isVisible();
    }

    private Locator lines() {
        return page.locator(".jobs > li");
    }
}
