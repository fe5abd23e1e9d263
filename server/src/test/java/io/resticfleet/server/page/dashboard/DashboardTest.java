package io.resticfleet.server.page.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.SampleHellos;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.PageClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The dashboard: is everything backed up? */
class DashboardTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private PageClient anna;
    private int jobs;
    private int sequence;

    @BeforeEach
    void signIn() {
        anna = PageClient.signedIn(server);
    }

    @Test
    void a_new_server_offers_to_add_the_first_machine() throws Exception {
        var page = anna.open("/");

        assertThat(page.text("h1")).isEqualTo("No machines yet");
        assertThat(page.follow("Add a machine").path()).isEqualTo("/hosts/new");
    }

    @Test
    void when_every_machine_is_backed_up_one_sentence_states_it_and_when_the_next_backup_is_due() throws Exception {
        for (var name : List.of("web", "nas")) {
            var host = server.enrol(name);
            var schedule = host.addSchedule(Samples.NIGHTLY);
            ran(host.connectInSync(), schedule, JobStatus.SUCCEEDED, server.now());
        }

        var page = anna.open("/");

        assertThat(page.text("h1")).matches("All 2 machines backed up · next in 1[45] h");
        var web = card(page, "web");
        assertThat(web.select("header").text()).contains("Backed up");
        assertThat(web.select(".strip i.ok")).hasSize(1);
        assertThat(web.select(".strip i.ok").attr("title")).isEqualTo("Sun 1 Mar: backed up");
        assertThat(web.select(".strip i")).hasSize(30);
        assertThat(web.text()).contains("Last backup just now").containsPattern("Next backup in 1[45] h");
        assertThat(page.title()).isEqualTo("Machines · restic-fleet");
    }

    @Test
    void the_worst_state_comes_first_and_the_machines_in_it_are_named() throws Exception {
        var good = server.enrol("good");
        ran(good.connectInSync(), good.addSchedule(Samples.NIGHTLY), JobStatus.SUCCEEDED, server.now());
        var bad = server.enrol("bad");
        ran(bad.connectInSync(), bad.addSchedule(Samples.NIGHTLY), JobStatus.FAILED, server.now());
        var half = server.enrol("half");
        ran(half.connectInSync(), half.addSchedule(Samples.NIGHTLY), JobStatus.PARTIAL, server.now());
        server.enrol("stranger");

        var page = anna.open("/");

        assertThat(page.text("h1")).contains("3 machines need attention");
        assertThat(page.text(".why")).isEqualTo("1 failed · 1 never connected · 1 backed up in part");
        assertThat(page.texts(".worst li")).first().isEqualTo("bad backup failed");
        assertThat(page.texts(".card h2")).containsExactly("bad", "stranger", "half", "good");
        assertThat(card(page, "bad").select(".note").text()).isEqualTo("it did not work");
        assertThat(card(page, "stranger").text()).contains("never connected");
        assertThat(page.only(".verdict").attr("data-badge")).isEqualTo("3");
    }

    @Test
    void an_offline_host_differs_from_one_that_never_connected() throws Exception {
        var away = server.enrol("away");
        var agent = away.connectInSync();
        ran(agent, away.addSchedule(Samples.NIGHTLY), JobStatus.SUCCEEDED, server.now());
        agent.abort();
        away.awaitStatus("offline");

        var page = anna.open("/");

        assertThat(page.text("h1")).contains("1 machine backed up, 1 offline");
        assertThat(card(page, "away").select("header").text()).contains("Backed up, now offline");
        assertThat(card(page, "away").text()).contains("offline, last seen just now");
    }

    @Test
    void a_missed_backup_needs_attention_until_a_later_one_succeeds() throws Exception {
        var web = server.enrol("web");
        var schedule = web.addSchedule(Samples.NIGHTLY);
        var due = Instant.parse("2026-03-02T02:30:00Z");
        server.clock().skip(Agents.START_GRACE);
        server.maintenance().checkMissedRunsAt(due.plus(Duration.ofMinutes(145)));
        var missed = anna.open("/");
        assertThat(missed.text("h1")).contains("1 machine needs attention");
        assertThat(card(missed, "web").select("header").text()).contains("Backup missed");
        assertThat(card(missed, "web").select(".strip i.miss")).hasSize(1);

        ran(web.connectInSync(), schedule, JobStatus.SUCCEEDED, server.now());

        var backedUp = anna.open("/");
        assertThat(backedUp.text("h1")).contains("1 machine backed up");
        assertThat(card(backedUp, "web").select("header").text()).contains("Backed up");
    }

    @Test
    void a_failed_job_that_is_no_backup_is_shown_too() throws Exception {
        var web = server.enrol("web");
        ran(web.connectInSync(), web.addSchedule(Samples.NIGHTLY), JobStatus.SUCCEEDED, server.now());
        var check = web.addSchedule(Map.of("kind", "check", "cron", "0 7 1 * *"));
        server.sql(
                "INSERT INTO jobs (id, host_id, schedule_id, kind, status, trigger_word, created_at, error) VALUES ('"
                        + SampleReports.id(900) + "', '" + web.hostId() + "', '" + check
                        + "', 'check', 'failed', 'cron', " + server.now().toEpochMilli()
                        + ", 'the repository is damaged')");

        var page = anna.open("/");

        assertThat(card(page, "web").select("header").text()).contains("Check failed");
        assertThat(card(page, "web").select(".strip i.bad")).isEmpty();
    }

    @Test
    void run_now_takes_the_only_manual_schedule_else_the_only_schedule_else_offers_a_choice() throws Exception {
        var web = server.enrol("web");
        var nightly = web.addSchedule(Samples.NIGHTLY);
        var agent = web.connectInSync();
        anna.open("/").press("Run the backup of web now");
        assertThat(runOf(agent)).isEqualTo(nightly);
        ran(agent, nightly, JobStatus.SUCCEEDED, server.now());

        var weekly =
                web.addSchedule(Map.of("kind", "backup", "name", "weekly", "cron", "0 4 * * 0", "paths", List.of("/")));
        var choice = anna.open("/").follow("Choose a schedule");
        assertThat(choice.path()).isEqualTo("/hosts/" + web.hostId() + "/schedules");

        var byHand =
                web.addSchedule(Map.of("kind", "backup", "name", "by hand", "manual", true, "paths", List.of("/srv")));
        assertThat(anna.open("/").text(".card footer")).contains("Run by hand now");
        var started = anna.open("/").press("Run by hand now on web");
        assertThat(started.text(".toast")).contains("Started: Backup by hand.");
        assertThat(runOf(agent)).isEqualTo(byHand).isNotEqualTo(weekly);
    }

    @Test
    void a_machine_without_restic_needs_attention_until_it_has_one() throws Exception {
        var web = server.enrol("web");
        web.addSchedule(Samples.NIGHTLY);
        var agent = server.dial();
        var nonce = agent.receive(ToAgent.Challenge.class).nonce();
        agent.send(web.sign(SampleHellos.withoutRestic(web.hello(1, server.now())), nonce));
        agent.receive(ToAgent.Welcome.class);
        agent.drain();

        var page = anna.open("/");
        assertThat(page.text("h1")).contains("1 machine needs attention");
        assertThat(card(page, "web").text()).contains("restic is missing", "apt install restic");
        assertThat(anna.open("/hosts/" + web.hostId()).text(".host-head")).contains("apt install restic");

        web.connectInSync();
        assertThat(card(anna.open("/"), "web").text()).doesNotContain("restic is missing");
    }

    @Test
    void drift_is_shown_until_the_agent_has_acknowledged_the_schedules() throws Exception {
        var web = server.enrol("web");
        var agent = web.connectInSync();
        web.addSchedule(Samples.NIGHTLY);
        assertThat(card(anna.open("/"), "web").text()).contains("has not applied the latest schedules yet");

        agent.sendAndDrain(new ToServer.ScheduleAck(1, Optional.empty()));

        assertThat(card(anna.open("/"), "web").text()).doesNotContain("latest schedules");
    }

    private static Element card(HtmlPage page, String name) {
        return page.only(".card:has(h2 a[title=" + name + "])");
    }

    private String runOf(AgentClient agent) throws InterruptedException {
        var run = agent.receive(ToAgent.CommandRun.class);
        agent.sendAndDrain(reports.finished(
                ++sequence,
                run.jobId().value(),
                run.order().scheduled().orElseThrow().id().value()));
        return run.order().scheduled().orElseThrow().id().value();
    }

    /** SampleReports a backup that ended. */
    private void ran(AgentClient agent, String schedule, JobStatus status, Instant due) throws InterruptedException {
        agent.sendAndDrain(reports.finished(
                ++sequence,
                SampleReports.id(++jobs),
                Optional.of(schedule),
                Optional.of(due),
                status,
                status == JobStatus.FAILED ? "" : SampleReports.SNAPSHOT));
    }
}
