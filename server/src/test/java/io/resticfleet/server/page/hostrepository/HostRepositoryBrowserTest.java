package io.resticfleet.server.page.hostrepository;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.BrowserSession.button;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.BrowserSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The page of a host's repository in the browser: the chart, and passwords that stay typed. */
class HostRepositoryBrowserTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    @Test
    void the_size_of_backups_is_drawn_and_jobs_appear_live() throws Exception {
        var web = server.enrol("web");
        var schedule = web.addSchedule(Samples.NIGHTLY);
        var agent = web.connectInSync();
        for (int run = 1; run <= 2; run++) {
            agent.sendAndDrain(new SampleReports(server).finished(run, SampleReports.id(run), schedule));
        }
        var page = open("/hosts/" + web.hostId() + "/repository");

        assertThat(page.locator(".chart canvas")).isVisible();
        page.getByText("Show as a table").click();
        assertThat(page.locator("details tbody tr").first()).isVisible();

        button(page, "Check now").click();
        agent.receive(ToAgent.CommandRun.class);
        assertThat(page.locator(".jobs .what")).hasText("Check");
        agent.abort();
        assertThat(button(page, "Prune now")).isDisabled();
    }

    @Test
    void a_password_stays_typed_while_another_field_is_wrong() throws Exception {
        chromium.expectError("status of 400");
        var web = server.enrol("web");
        var page = open("/hosts/" + web.hostId() + "/repository");
        page.getByLabel("Repository", new Page.GetByLabelOptions().setExact(true))
                .fill("wrong");
        page.getByLabel("Repository password").fill("new-repo-password");
        button(page, "Save").click();
        assertThat(page.locator("#url-wrong")).isVisible();
        assertThat(page.locator("#url")).isFocused();
        assertThat(page.getByLabel("Repository password")).hasValue("new-repo-password");
        assertThat(page.content()).doesNotContain("new-repo-password");

        page.getByLabel("Repository", new Page.GetByLabelOptions().setExact(true))
                .fill(Samples.URL);
        button(page, "Save").click();
        assertThat(page.locator("#url-wrong")).hasCount(0);

        assertThat(page.locator("#change")).containsText("applies once the machine has opened it");
        var agent = web.connect();
        agent.receive(ToAgent.ConfigUpdate.class);
        agent.receive(ToAgent.ScheduleSet.class);
        var probe = agent.receive(ToAgent.CommandRun.class);
        assertThat(((JobSpec.Probe) probe.order()).candidate().repoPassword()).isEqualTo("new-repo-password");
        agent.send(new SampleReports(server).ended(1, probe.jobId().value(), JobKind.PROBE));
        assertThat(page.locator("#change")).containsText("Changed by anna just now");
    }

    private Page open(String path) {
        return BrowserSession.signedIn(server, chromium.context()).open(path);
    }
}
