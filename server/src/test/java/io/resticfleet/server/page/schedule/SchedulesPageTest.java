package io.resticfleet.server.page.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.SampleHellos;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.PageClient;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The list of a host's schedules. The user is in Berlin, the host in UTC, where it is noon on 1 March 2026. */
class SchedulesPageTest {

    private static final Map<String, Object> BY_HAND = Map.of(
            "kind", "backup", "name", "by hand", "manual", true, "paths", List.of("/srv"), "tags", List.of("front"));

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private PageClient anna;
    private EnrolledAgent web;

    @BeforeEach
    void signIn() throws Exception {
        anna = PageClient.signedIn(server);
        web = server.enrol("web");
    }

    @Test
    void without_schedules_the_page_warns_that_nothing_is_backed_up_and_offers_each_kind() throws Exception {
        var page = open();

        assertThat(page.texts(".tabs a"))
                .containsExactly("Snapshots", "Files", "Schedules", "Repository", "Jobs", "Settings");
        assertThat(page.link("Schedules").attr("aria-current")).isEqualTo("page");
        assertThat(page.text(".empty")).contains("This machine is not backed up until it has a backup schedule.");
        for (var kind : List.of("backup", "forget", "prune", "check")) {
            var form = page.follow(kind.equals("backup") ? "Add a backup schedule" : "Add " + kind);
            assertThat(form.text("#form-title")).isEqualTo("New " + kind + " schedule");
        }
    }

    @Test
    void a_schedule_names_its_repository_if_the_machine_has_several_and_an_old_agent_is_not_sent_it() throws Exception {
        assertThat(anna.open("/hosts/" + web.hostId() + "/schedules/new").select("#repository_id"))
                .isEmpty();
        var added = server.api()
                .post("/api/repositories", Map.of("name", "off site", "url", "rest:http://offsite:8000/fleet/"));
        server.api().put("/api/hosts/" + web.hostId() + "/repositories/" + added.at("/id"), Map.of());
        var agent = server.dial();
        var hello = SampleHellos.withFeatures(web.hello(0, server.now()), List.of());
        agent.send(web.sign(hello, agent.receive(ToAgent.Challenge.class).nonce()));
        agent.receive(ToAgent.Welcome.class);

        var form = anna.open("/hosts/" + web.hostId() + "/schedules/new");
        assertThat(form.texts("#repository_id option"))
                .containsExactly(
                        "The default of this machine, now rest:http://nas:8000/fleet",
                        "rest:http://nas:8000/fleet",
                        "off site");
        form.form("Save")
                .fill("Paths", "/srv")
                .select("Repository", added.at("/id"))
                .submit();

        assertThat(row(open(), "nightly").text()).contains("to off site", "Not sent: the machine’s agent is too old");
        var again = open().follow("Edit nightly");
        assertThat(again.valueOf("#repository_id")).isEqualTo(added.at("/id"));
        again.form("Save").select("Repository", "").submit();
        assertThat(row(open(), "nightly").text())
                .contains("to rest:http://nas:8000/fleet")
                .doesNotContain("Not sent");
    }

    @Test
    void a_manual_schedule_shows_its_tags_below_the_state_and_no_times() throws Exception {
        web.addSchedule(BY_HAND);

        var row = row(open(), "by hand");

        assertThat(row.select(".who-what p").get(0).text()).isEqualTo("not run yet");
        assertThat(row.select(".who-what p").get(1).select(".tag").eachText()).containsExactly("manual", "front");
        assertThat(row.select(".when").text()).isEqualTo("— run-now only —");
        assertThat(row.text()).contains("/srv");
    }

    @Test
    void a_timed_schedule_shows_its_times_in_words_and_its_next_three_runs_on_both_clocks() throws Exception {
        web.addSchedule(Map.of(
                "kind", "backup",
                "name", "nightly",
                "cron", "0 3 * * 1-5",
                "time_zone", "America/New_York",
                "paths", List.of("/etc", "/home"),
                "retention", Map.of("keep_daily", 14)));
        web.addSchedule(Map.of("kind", "check", "name", "check", "cron", "0 7 1 * *", "time_zone", "Europe/Paris"));
        var page = open();

        var nightly = row(page, "nightly");
        assertThat(nightly.select(".when strong").text()).isEqualTo("Monday to Friday at 03:00");
        assertThat(nightly.select(".when").text()).contains("0 3 * * 1-5 America/New_York");
        assertThat(nightly.select(".due li").eachText())
                .containsExactly(
                        "in 20 h: Mon 2 Mar, 03:00 (Mon 2 Mar, 09:00 your time)",
                        "in 44 h: Tue 3 Mar, 03:00 (Tue 3 Mar, 09:00 your time)",
                        "in 3 days: Wed 4 Mar, 03:00 (Wed 4 Mar, 09:00 your time)");
        assertThat(nightly.text()).contains("keeps 14 daily");
        assertThat(row(page, "check").select(".due li").eachText())
                .containsExactly(
                        "in 31 days: Wed 1 Apr, 07:00", "in 61 days: Fri 1 May, 07:00", "in 92 days: Mon 1 Jun, 07:00");
    }

    @Test
    void run_now_works_where_the_schedule_is_enabled_and_the_machine_is_connected() throws Exception {
        var byHand = web.addSchedule(BY_HAND);
        web.addSchedule(Map.of("kind", "prune", "name", "prune", "cron", "0 6 * * 0", "enabled", false));
        var offline = open().button("Run by hand now");
        assertThat(offline.hasAttr("disabled")).isTrue();
        assertThat(offline.attr("title")).isEqualTo("The machine is not connected");

        var agent = web.connectInSync();
        var page = open();
        assertThat(page.button("Run prune now").hasAttr("disabled")).isTrue();
        assertThat(row(page, "prune").select(".state").text()).isEqualTo("disabled");
        assertThat(row(page, "prune").select(".due")).isEmpty();

        var toast = page.press("Run by hand now");
        assertThat(toast.text(".toast")).contains("Started: Backup by hand.");
        var run = agent.receive(ToAgent.CommandRun.class);
        assertThat(run.order().scheduled().orElseThrow().id().value()).isEqualTo(byHand);
        assertThat(row(open(), "by hand").select(".state").text()).isEqualTo("waiting");

        agent.sendAndDrain(reports.finished(1, run.jobId().value(), byHand));
        assertThat(row(open(), "by hand").select(".state").text()).isEqualTo("last run succeeded");
    }

    @Test
    void the_last_result_links_to_its_job() throws Exception {
        var schedule = web.addSchedule(Samples.NIGHTLY);
        web.connectInSync()
                .sendAndDrain(reports.finished(
                        1,
                        SampleReports.id(1),
                        Optional.of(schedule),
                        Optional.of(server.now()),
                        JobStatus.FAILED,
                        ""));

        var last = row(open(), "nightly").select(".who-what p").get(0).expectFirst("a");

        assertThat(last.text()).isEqualTo("last run failed");
        assertThat(last.attr("title")).isEqualTo("it did not work");
        assertThat(last.attr("href")).isEqualTo("/jobs/" + SampleReports.id(1));
    }

    private HtmlPage open() throws Exception {
        return anna.open("/hosts/" + web.hostId() + "/schedules");
    }

    private static Element row(HtmlPage page, String name) {
        return page.link(name).closest(".schedule");
    }
}
