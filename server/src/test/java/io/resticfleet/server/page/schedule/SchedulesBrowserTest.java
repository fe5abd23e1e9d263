package io.resticfleet.server.page.schedule;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.resticfleet.server.page.BrowserSession.button;
import static io.resticfleet.server.page.BrowserSession.link;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.Chromium;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.BrowserSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The list of a host's schedules in the browser: live, by keyboard, and in the browser's time zone. */
class SchedulesBrowserTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @RegisterExtension
    final Chromium chromium = new Chromium();

    private EnrolledAgent web;

    @BeforeEach
    void enrol() throws Exception {
        web = server.enrol("web");
    }

    @Test
    void times_are_shown_in_the_time_zone_of_the_browser() throws Exception {
        web.addSchedule(Samples.NIGHTLY);
        var tokyo = chromium.context(Chromium.options().setTimezoneId("Asia/Tokyo"));
        var page = BrowserSession.signedIn(server, tokyo).open(path());

        assertThat(page.locator(".due li").first()).containsText("Mon 2 Mar, 02:30 (Mon 2 Mar, 11:30 your time)");
    }

    @Test
    void a_schedule_is_disabled_and_enabled_in_place() throws Exception {
        web.addSchedule(Samples.NIGHTLY);
        var agent = web.connectInSync();
        var page = open();

        button(page, "Disable nightly").click();
        assertThat(page.locator(".toast")).containsText("Schedule nightly is disabled");
        assertThat(row(page, "nightly").locator(".state")).hasText("disabled");
        assertThat(agent.receive(ToAgent.ScheduleSet.class).schedules())
                .extracting("enabled")
                .containsExactly(false);

        assertThat(button(page, "Enable nightly")).isFocused();
        page.keyboard().press("Enter");
        assertThat(row(page, "nightly").locator(".due li")).hasCount(3);
        assertThat(agent.receive(ToAgent.ScheduleSet.class).schedules())
                .extracting("enabled")
                .containsExactly(true);
    }

    @Test
    void run_now_becomes_possible_when_the_agent_connects() throws Exception {
        web.addSchedule(Samples.NIGHTLY);
        var page = open();
        assertThat(button(page, "Run nightly now")).isDisabled();

        var agent = web.connectInSync();
        button(page, "Run nightly now").click();

        agent.receive(ToAgent.CommandRun.class);
        assertThat(page.locator(".toast")).containsText("Started: ");
        assertThat(row(page, "nightly").locator(".state")).hasText("waiting");
    }

    @Test
    void schedules_that_others_add_and_delete_appear_and_disappear() throws Exception {
        var page = open();
        assertThat(page.locator(".empty")).isVisible();

        var id = web.addSchedule(Samples.NIGHTLY);
        assertThat(row(page, "nightly")).isVisible();

        server.api().delete("/api/hosts/" + web.hostId() + "/schedules/" + id);
        assertThat(page.locator(".empty")).isVisible();
    }

    private Page open() {
        return BrowserSession.signedIn(server, chromium.context()).open(path());
    }

    private String path() {
        return "/hosts/" + web.hostId() + "/schedules";
    }

    private static Locator row(Page page, String name) {
        return page.locator(".schedule").filter(new Locator.FilterOptions().setHas(link(page, name)));
    }
}
