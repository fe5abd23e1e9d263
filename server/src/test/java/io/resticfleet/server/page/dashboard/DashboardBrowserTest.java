package io.resticfleet.server.page.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.BrowserSession.button;
import static io.resticfleet.server.page.BrowserSession.card;
import static io.resticfleet.server.page.BrowserSession.link;

import com.microsoft.playwright.Page;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.BrowserSession;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The dashboard in the browser: live updates without movement, and filters as one types. */
class DashboardBrowserTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private final SampleReports reports = new SampleReports(server);
    private BrowserSession anna;

    @BeforeEach
    void signIn() {
        anna = BrowserSession.signedIn(server, chromium.context());
    }

    @Test
    void a_running_backup_shows_its_progress_and_moves_nothing_else() throws Exception {
        var web = server.enrol("web");
        var schedule = web.addSchedule(Samples.NIGHTLY);
        server.enrol("other");
        var agent = web.connectInSync();
        var page = anna.open("/");
        var before = boxes(page);

        button(page, "Run the backup of web now").click();
        var job = agent.receive(ToAgent.CommandRun.class).jobId();
        assertThat(page.locator(".toast")).containsText("Started");
        agent.send(reports.started(job.value(), schedule));
        agent.send(new ToServer.JobProgress(
                job, 0.42, 42, 100, 4200, 10_000, 0, Optional.of(60L), Optional.of("/etc/passwd")));

        assertThat(card(page, "web").locator(".running")).containsText("Backup running 42 %");
        assertThat(button(page, "Run the backup of web now")).isDisabled();
        Assertions.assertThat(boxes(page)).isEqualTo(before);
        link(page, "Show job").click();
        assertThat(page).hasURL(server.url() + "/jobs/" + job);
    }

    @Test
    void search_tag_and_state_narrow_the_cards_and_the_summary_stays_for_all() throws Exception {
        for (var name : List.of("web-one", "web-two", "nas")) {
            server.enrol(name)
                    .addSchedule(Map.of(
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
        assertThat(page).hasTitle("(3) Machines · restic-fleet");
        page.reload();
        assertThat(page.getByLabel("Tag")).hasValue("storage");
    }

    @Test
    void a_card_follows_the_acknowledgement_of_schedules_and_the_loss_of_the_connection() throws Exception {
        var web = server.enrol("web");
        var agent = web.connectInSync();
        web.addSchedule(Samples.NIGHTLY);
        var page = anna.open("/");
        assertThat(card(page, "web")).containsText("has not applied the latest schedules yet");

        agent.send(new ToServer.ScheduleAck(1, Optional.empty()));
        assertThat(card(page, "web")).not().containsText("latest schedules");

        agent.abort();
        assertThat(card(page, "web")).containsText("offline, last seen just now");
    }

    /** Positions and sizes of the elements. */
    private static Object boxes(Page page) {
        return page.evaluate(
                "() => [...document.querySelectorAll('.verdict, .filter, .card, .card > *')]"
                        + ".map(e => e.getBoundingClientRect()).map(b => [b.x, b.y, b.width, b.height].map(Math.round).join())");
    }
}
