package io.resticfleet.server.page.schedule;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.Visitor.button;
import static io.resticfleet.server.page.Visitor.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.FakeMachine;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.Reports;
import io.resticfleet.server.page.Visitor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A host's schedules in a list. The visitor sits in Berlin, the machine in UTC; it is noon there on 1 March 2026. */
class SchedulesPageTest {

    private static final Map<String, Object> BY_HAND = Map.of(
            "kind", "backup", "name", "by hand", "manual", true, "paths", List.of("/srv"), "tags", List.of("front"));

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private final Reports reports = new Reports(server);
    private Visitor anna;
    private FakeMachine web;

    @BeforeEach
    void signIn() throws Exception {
        anna = Visitor.signedIn(server, chromium.person());
        web = server.enrol("web");
    }

    @Test
    void without_any_schedule_it_says_that_nothing_is_backed_up_and_offers_each_kind() {
        var page = open();

        assertThat(page.locator(".tabs a"))
                .hasText(new String[] {"Snapshots", "Schedules", "Repository", "Jobs", "Settings"});
        assertThat(link(page, "Schedules")).hasAttribute("aria-current", "page");
        assertThat(page.locator(".empty"))
                .containsText("This machine is not backed up until it has a backup schedule.");
        for (var kind : List.of("backup", "forget", "prune", "check")) {
            link(page, kind.equals("backup") ? "Add a backup schedule" : "Add " + kind)
                    .click();
            assertThat(page.getByText("New " + kind + " schedule")).isVisible();
            page.goBack();
        }
    }

    @Test
    void a_manual_schedule_has_its_tag_under_the_state_and_no_times() throws Exception {
        server.schedule(web, BY_HAND);

        var row = row(open(), "by hand");

        assertThat(row.locator(".who-what p").first()).hasText("not run yet");
        assertThat(row.locator(".who-what p").nth(1).locator(".tag")).hasText(new String[] {"manual", "front"});
        assertThat(row.locator(".when")).hasText("— run-now only —");
        assertThat(row).containsText("/srv");
    }

    @Test
    void a_timed_schedule_says_when_in_words_and_its_next_three_runs_here_and_there() throws Exception {
        server.schedule(
                web,
                Map.of(
                        "kind",
                        "backup",
                        "name",
                        "nightly",
                        "cron",
                        "0 3 * * 1-5",
                        "time_zone",
                        "America/New_York",
                        "paths",
                        List.of("/etc", "/home"),
                        "retention",
                        Map.of("keep_daily", 14)));
        server.schedule(
                web, Map.of("kind", "check", "name", "check", "cron", "0 7 1 * *", "time_zone", "Europe/Paris"));
        var page = open();

        var nightly = row(page, "nightly");
        assertThat(nightly.locator(".when strong")).hasText("Monday to Friday at 03:00");
        assertThat(nightly.locator(".when")).containsText("0 3 * * 1-5 America/New_York");
        assertThat(nightly.locator(".due li")).hasText(new String[] {
            "in 20 h: Mon 2 Mar, 03:00 (Mon 2 Mar, 09:00 your time)",
            "in 44 h: Tue 3 Mar, 03:00 (Tue 3 Mar, 09:00 your time)",
            "in 3 days: Wed 4 Mar, 03:00 (Wed 4 Mar, 09:00 your time)"
        });
        assertThat(nightly).containsText("keeps 14 daily");
        assertThat(row(page, "check").locator(".due li")).hasText(new String[] {
            "in 31 days: Wed 1 Apr, 07:00", "in 61 days: Fri 1 May, 07:00", "in 92 days: Mon 1 Jun, 07:00"
        });
    }

    @Test
    void who_comes_from_another_zone_is_told_the_times_there() throws Exception {
        server.schedule(web, TestServer.NIGHTLY);
        var page = Visitor.signedIn(server, chromium.person(Chromium.options().setTimezoneId("Asia/Tokyo")))
                .open("/hosts/" + web.hostId() + "/schedules");

        assertThat(page.locator(".due li").first()).containsText("Mon 2 Mar, 02:30 (Mon 2 Mar, 11:30 your time)");
    }

    @Test
    void run_now_works_where_the_schedule_is_enabled_and_the_machine_is_connected() throws Exception {
        var byHand = server.schedule(web, BY_HAND);
        server.schedule(web, Map.of("kind", "prune", "name", "prune", "cron", "0 6 * * 0", "enabled", false));
        var page = open();
        assertThat(button(page, "Run by hand now")).isDisabled();
        assertThat(button(page, "Run by hand now")).hasAttribute("title", "The machine is not connected");

        var agent = server.connectQuietly(web);
        assertThat(button(page, "Run by hand now")).isEnabled();
        assertThat(button(page, "Run prune now")).isDisabled();
        assertThat(row(page, "prune").locator(".state")).hasText("disabled");
        assertThat(row(page, "prune").locator(".due")).hasCount(0);

        button(page, "Run by hand now").click();
        var run = agent.hears(ToAgent.CommandRun.class);
        assertThat(run.order().scheduled().orElseThrow().id()).isEqualTo(byHand);
        assertThat(page.locator(".toast")).containsText("Started.");
        assertThat(row(page, "by hand").locator(".state")).hasText("running");

        agent.say(reports.finished(1, run.jobId(), byHand));
        assertThat(row(page, "by hand").locator(".state")).hasText("last run succeeded");
    }

    @Test
    void how_it_last_ended_leads_to_that_job() throws Exception {
        var schedule = server.schedule(web, TestServer.NIGHTLY);
        server.connectQuietly(web)
                .sayAndHear(reports.finished(
                        1, Reports.id(1), Optional.of(schedule), Optional.of(server.now), JobStatus.FAILED, ""));
        var page = open();

        var end = row(page, "nightly")
                .locator(".who-what p")
                .first()
                .getByRole(com.microsoft.playwright.options.AriaRole.LINK);
        assertThat(end).hasText("last run failed");
        assertThat(end).hasAttribute("title", "it did not work");
        end.click();

        assertThat(page).hasURL(server.url() + "/jobs/" + Reports.id(1));
    }

    @Test
    void a_schedule_is_disabled_and_enabled_in_place() throws Exception {
        server.schedule(web, TestServer.NIGHTLY);
        var agent = server.connectQuietly(web);
        var page = open();

        button(page, "Disable nightly").click();
        assertThat(page.locator(".toast")).containsText("Schedule nightly is disabled");
        assertThat(row(page, "nightly").locator(".state")).hasText("disabled");
        assertThat(agent.hears(ToAgent.ScheduleSet.class).schedules())
                .extracting("enabled")
                .containsExactly(false);

        assertThat(button(page, "Enable nightly")).isFocused();
        page.keyboard().press("Enter");
        assertThat(row(page, "nightly").locator(".due li")).hasCount(3);
        assertThat(agent.hears(ToAgent.ScheduleSet.class).schedules())
                .extracting("enabled")
                .containsExactly(true);
    }

    @Test
    void schedules_made_and_deleted_by_others_come_and_go() throws Exception {
        var page = open();
        assertThat(page.locator(".empty")).isVisible();

        var id = server.schedule(web, TestServer.NIGHTLY);
        assertThat(row(page, "nightly")).isVisible();

        server.delete("/api/hosts/" + web.hostId() + "/schedules/" + id);
        assertThat(page.locator(".empty")).isVisible();
    }

    private Page open() {
        return anna.open("/hosts/" + web.hostId() + "/schedules");
    }

    private static Locator row(Page page, String name) {
        return page.locator(".schedule").filter(new Locator.FilterOptions().setHas(link(page, name)));
    }
}
