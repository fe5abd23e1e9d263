package io.resticfleet.server.page.hostrepository;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.HtmlForm;
import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.PageClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The page of a host's repository. */
class HostRepositoryTest {

    /** What the field of a REST server shows. */
    private static final String PLACE = Samples.URL.substring("rest:".length());

    private static final String ELSEWHERE = "rest:https://other:8000/x/";

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private PageClient anna;
    private EnrolledAgent web;
    private long sequence;

    @BeforeEach
    void signIn() throws Exception {
        anna = PageClient.signedIn(server);
        web = server.enrol("web");
    }

    @Test
    void another_repository_applies_once_the_agent_has_opened_it() throws Exception {
        var agent = web.connectInSync();
        var page = open();
        assertThat(page.value("Repository")).isEqualTo(PLACE);
        assertThat(page.value("User name")).isEqualTo("fleet");

        var saved = page.form("Save")
                .fill("Repository", ELSEWHERE)
                .fill("User name", "web")
                .fill("Password", "new-rest-password")
                .fill("Repository password", "new-repo-password")
                .submit();

        assertThat(saved.text("#change")).contains(ELSEWHERE + " applies once the machine has opened it");
        assertThat(saved.value("Repository")).isEqualTo(PLACE);
        agent.receive(ToAgent.ConfigUpdate.class); // the present one again
        var probe = agent.receive(ToAgent.CommandRun.class);
        assertThat(((JobSpec.Probe) probe.order()).candidate().repoPassword()).isEqualTo("new-repo-password");
        assertThat(sealed()).doesNotContain("new-repo-password");
        agent.sendAndDrain(reports.ended(1, probe.jobId().value(), JobKind.PROBE));
        agent.sendAndDrain(
                reports.ended(1, probe.jobId().value(), JobKind.PROBE)); // again, as without an acknowledgement

        server.clock().advance(Duration.ofHours(23));
        saved = open();
        assertThat(saved.text("#change"))
                .isEqualTo("Changed by anna 23 h ago: this machine’s repository is now " + ELSEWHERE + ".");
        server.clock().advance(Duration.ofHours(2));
        saved = open();
        assertThat(saved.only("#change").hasAttr("hidden")).isTrue();
        var sent = web.connect().receive(ToAgent.ConfigUpdate.class).repository();
        assertThat(sent.url().value()).isEqualTo(ELSEWHERE);
        assertThat(sent.username()).contains("web");
        assertThat(sent.password()).contains("new-rest-password");
        assertThat(sent.repoPassword()).isEqualTo("new-repo-password");
        assertThat(saved.value("Repository")).isEqualTo(ELSEWHERE.substring("rest:".length()));
        assertThat(saved.value("Password")).isEmpty();
    }

    @Test
    void a_repository_that_cannot_be_opened_is_not_used_unless_it_is_saved_without_a_test() throws Exception {
        var agent = web.connectInSync();
        var first = propose("first-wrong-one");
        assertThat(first.text("#change")).contains("stay in use");
        propose("wrong-one");
        var probes = agent.drain().stream()
                .filter(ToAgent.CommandRun.class::isInstance)
                .map(ToAgent.CommandRun.class::cast)
                .toList();
        assertThat(probes).hasSize(2);

        var received = new ArrayList<ToAgent>();
        received.addAll(
                agent.sendAndDrain(reports.ended(1, probes.get(0).jobId().value(), JobKind.PROBE)));
        received.addAll(
                agent.sendAndDrain(reports.failed(2, probes.get(1).jobId().value(), JobKind.PROBE, "wrong_password")));

        assertThat(received)
                .filteredOn(ToAgent.ConfigUpdate.class::isInstance)
                .allMatch(sent -> ((ToAgent.ConfigUpdate) sent)
                        .repository()
                        .repoPassword()
                        .equals(Samples.REPO_PASSWORD));
        var refused = open();
        assertThat(refused.text("#change")).contains("Not saved", SampleReports.ERROR, "save again", "stay in use");
        assertThat(refused.press("Save without a test").text(".toast")).contains("Saved.");
        assertThat(password()).isEqualTo("wrong-one");
        assertThat(server.sql("SELECT 1 FROM repository_changes")).isEmpty();
    }

    @Test
    void a_change_waits_for_a_machine_that_is_offline_and_can_be_discarded() throws Exception {
        assertThat(propose("another").text("#change")).contains("it will be tried when it connects");

        var agent = web.connect();
        assertThat(agent.receive(ToAgent.ConfigUpdate.class).repository().repoPassword())
                .isEqualTo(Samples.REPO_PASSWORD);
        var probe = agent.receive(ToAgent.CommandRun.class);
        open().press("Discard the change");
        agent.sendAndDrain(reports.ended(1, probe.jobId().value(), JobKind.PROBE));

        assertThat(password()).isEqualTo(Samples.REPO_PASSWORD);
        assertThat(open().only("#change").hasAttr("hidden")).isTrue();
        assertThat(server.sql("SELECT count(*) FROM audit_log WHERE action = 'host.repository_discard'"))
                .containsExactly("1");
        assertThat(server.sql("SELECT owner FROM secrets WHERE owner LIKE 'repository_changes/%'"))
                .isEmpty();
    }

    @Test
    void the_api_names_the_job_that_tries_the_change_and_can_do_without() throws Exception {
        web.connectInSync();
        var path = "/api/hosts/" + web.hostId();

        var pending = server.api().patch(path, Map.of("repository", Samples.repository(ELSEWHERE)));

        assertThat(pending.status()).isEqualTo(200);
        assertThat(pending.at("/repository_url")).isEqualTo(Samples.URL);
        assertThat(server.api()
                        .get("/api/jobs/" + pending.at("/pending_job_id"))
                        .at("/kind"))
                .isEqualTo("probe");
        var forced = server.api().patch(path + "?force=true", Map.of("repository", Samples.repository(ELSEWHERE)));
        assertThat(forced.at("/repository_url")).isEqualTo(ELSEWHERE);
        assertThat(forced.json().path("pending_job_id").isNull()).isTrue();
    }

    @Test
    void an_empty_password_keeps_the_old_one_only_for_the_same_repository_and_user_name() throws Exception {
        var agent = web.connectInSync();

        var same = save(open().form("Save").fill("Repository password", "another"), agent);
        assertThat(same.password()).contains(Samples.REST_PASSWORD);
        assertThat(same.repoPassword()).isEqualTo("another");

        var otherName = save(open().form("Save").fill("User name", "somebody"), agent);
        assertThat(otherName.password()).isEmpty();
        assertThat(otherName.repoPassword()).isEqualTo("another");

        var given = save(open().form("Save").fill("Password", Samples.REST_PASSWORD), agent);
        assertThat(given.password()).contains(Samples.REST_PASSWORD);
        var otherPlace = save(open().form("Save").fill("Repository", ELSEWHERE), agent);
        assertThat(otherPlace.url().value()).isEqualTo(ELSEWHERE);
        assertThat(otherPlace.password()).isEmpty();
    }

    @Test
    void errors_are_shown_beside_their_fields_and_the_old_repository_stays() throws Exception {
        var agent = web.connectInSync();
        for (var wrong : List.of(
                List.of("", "fleet", "url", "a repository URL is 1 to 2048 characters"),
                List.of("nowhere", "fleet", "url", "rest: must be followed by"),
                List.of("sftp:a:b@c:/d", "", "url", "the URL must not contain a password"),
                List.of("/mnt/backup", "fleet", "username", "a local repository takes no username and password"),
                List.of(Samples.URL, "", "username", "a password needs a username"))) {
            var refused = open().form("Save")
                    .fill("Repository", wrong.get(0))
                    .fill("User name", wrong.get(1))
                    .fill("Password", wrong.get(2).equals("username") ? "secret-4711" : "")
                    .submit();

            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.text("#" + wrong.get(2) + "-wrong")).contains(wrong.get(3));
            assertThat(refused.only("[aria-invalid]").id()).isEqualTo(wrong.get(2));
            assertThat(refused.value("Repository")).isEqualTo(wrong.get(0));
            assertThat(refused.source()).doesNotContain("secret-4711");
        }
        assertThat(agent.drain()).isEmpty();
    }

    @Test
    void secrets_are_in_no_page_and_not_in_the_audit_log() throws Exception {
        var refused = open().form("Save")
                .fill("Repository", "wrong")
                .fill("Repository password", "new-repo-password")
                .submit();
        assertThat(refused.select("#url-wrong")).hasSize(1);
        assertThat(refused.source()).doesNotContain("new-repo-password");
        var saved = refused.form("Save")
                .fill("Repository", Samples.URL)
                .fill("Repository password", "new-repo-password")
                .submit();
        assertThat(saved.select("#url-wrong")).isEmpty();
        saved.press("Save without a test");

        for (var path : List.of("", "/schedules", "/repository", "/jobs", "/settings")) {
            assertThat(anna.open("/hosts/" + web.hostId() + path).source())
                    .doesNotContain("-password-4711", "-password-0815", "new-repo-password");
        }
        assertThat(anna.open("/audit").source())
                .contains("changed a repository", "created an enrolment token")
                .doesNotContain(Samples.REPO_PASSWORD, Samples.REST_PASSWORD, "new-repo-password");
        assertThat(server.api().get("/api/audit").text())
                .doesNotContain(Samples.REPO_PASSWORD, Samples.REST_PASSWORD, "new-repo-password");
    }

    @Test
    void machines_that_share_the_repository_are_named() throws Exception {
        var nas = server.enrol("nas");
        server.enrol("elsewhere", Map.of("repository", Samples.repository(ELSEWHERE)));
        var page = open();

        assertThat(page.text("main")).contains("Shared with nas");
        assertThat(page.links("elsewhere")).isEmpty();

        var other = page.follow("nas");
        assertThat(other.path()).isEqualTo("/hosts/" + nas.hostId() + "/repository");
        assertThat(other.text("main")).contains("Shared with web");
    }

    @Test
    void check_prune_and_unlock_are_one_click_while_the_machine_is_connected() throws Exception {
        assertThat(open().button("Check now").hasAttr("disabled")).isTrue();
        var agent = web.connectInSync();
        int sequence = 0;
        for (var once : Map.of(
                        "Check now", JobKind.CHECK, "Prune now", JobKind.PRUNE, "Remove stale locks", JobKind.UNLOCK)
                .entrySet()) {
            open().press(once.getKey());
            var run = agent.receive(ToAgent.CommandRun.class);
            assertThat(run.order().kind()).isEqualTo(once.getValue());
            agent.sendAndDrain(reports.ended(++sequence, run.jobId().value(), once.getValue()));
        }

        var page = open();
        assertThat(page.texts(".jobs .what")).containsExactly("Check", "Prune", "Unlock");
        assertThat(page.texts(".jobs .state")).containsExactly("succeeded", "succeeded", "succeeded");
        agent.abort();
        web.awaitStatus("offline");
        assertThat(open().button("Prune now").hasAttr("disabled")).isTrue();
    }

    @Test
    void the_size_of_backups_is_shown_in_a_table_after_the_second() throws Exception {
        var schedule = web.addSchedule(Samples.NIGHTLY);
        var agent = web.connectInSync();
        assertThat(open().text("main")).contains("The chart appears after the second backup.");
        for (int run = 1; run <= 2; run++) {
            agent.sendAndDrain(reports.finished(run, SampleReports.id(run), schedule));
        }

        var rows = open().texts("details tbody tr");

        assertThat(rows).hasSize(2);
        assertThat(rows.get(0)).contains("Sun 1 Mar, 13:01");
    }

    @Test
    void the_chart_has_a_line_for_each_schedule() throws Exception {
        var nightly = web.addSchedule(Samples.NIGHTLY);
        var hourly = web.addSchedule(
                Map.of("kind", "backup", "name", "hourly \"db\"", "cron", "0 * * * *", "paths", List.of("/srv")));
        var agent = web.connectInSync();
        agent.sendAndDrain(reports.finished(1, SampleReports.id(1), nightly));
        agent.sendAndDrain(reports.finished(2, SampleReports.id(2), hourly));

        var page = open();

        var chart = Json.LENIENT.readTree(page.only("[data-chart]").attr("data-chart"));
        assertThat(chart.path("lines").findValuesAsText("schedule")).containsExactly("nightly", "hourly \"db\"");
        assertThat(chart.at("/lines/0/sizes/1").isNull()).isTrue();
        assertThat(chart.at("/lines/1/sizes/1").isNumber()).isTrue();
        assertThat(page.texts("details tbody tr").get(0)).contains("hourly \"db\"");
    }

    /** Submits, has the agent open the repository, and returns what it is then sent. */
    private Repository save(HtmlForm form, AgentClient agent) throws Exception {
        assertThat(form.submit().status()).isEqualTo(200);
        var probe = agent.receive(ToAgent.CommandRun.class);
        return agent.sendAndDrain(reports.ended(++sequence, probe.jobId().value(), JobKind.PROBE)).stream()
                .filter(ToAgent.ConfigUpdate.class::isInstance)
                .map(message -> ((ToAgent.ConfigUpdate) message).repository())
                .findFirst()
                .orElseThrow();
    }

    private HtmlPage propose(String repoPassword) throws Exception {
        return open().form("Save").fill("Repository password", repoPassword).submit();
    }

    /** The repository password that an agent would get now. */
    private String password() throws Exception {
        return web.connect().receive(ToAgent.ConfigUpdate.class).repository().repoPassword();
    }

    /** All that is stored of changes. */
    private String sealed() throws Exception {
        return server.sql("SELECT sealed FROM secrets") + " " + server.sql("SELECT url FROM repository_changes");
    }

    private HtmlPage open() throws Exception {
        return anna.open("/hosts/" + web.hostId() + "/repository");
    }
}
