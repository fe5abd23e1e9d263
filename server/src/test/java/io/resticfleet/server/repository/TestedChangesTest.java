package io.resticfleet.server.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.PageClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Changes that apply once a host has opened the repository. */
class TestedChangesTest {

    private static final String OTHER = "rest:http://offsite:8000/fleet/";
    private static final Map<String, ?> OWN = Map.of("credentials", Map.of("username", "db", "password", "own"));

    @RegisterExtension
    final TestServer server = new TestServer();

    private PageClient pages;
    private SampleReports reports;
    private EnrolledAgent web;
    private EnrolledAgent db;
    private String first;

    @BeforeEach
    void enrol() throws Exception {
        web = server.enrol("web");
        db = server.enrol("db");
        pages = PageClient.signedIn(server);
        reports = new SampleReports(server);
        first = server.api().get("/api/repositories").at("/items/0/id");
    }

    @Test
    void credentials_of_one_host_apply_once_it_has_opened_the_repository_with_them() throws Exception {
        var agent = db.connectInSync();
        var others = web.connectInSync();

        var answer = server.api().put(use(db, first), OWN);
        var probe = agent.receive(ToAgent.CommandRun.class);
        agent.send(reports.failed(1, probe.jobId().value(), JobKind.PROBE, ErrorCode.WRONG_PASSWORD.word()));
        var untried = usernames(agent);
        server.api().put(use(db, first), OWN);
        var again = agent.receive(ToAgent.CommandRun.class);
        agent.send(reports.ended(2, again.jobId().value(), JobKind.PROBE));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.at("/pending_job_id")).isEqualTo(probe.jobId().value());
        assertThat(((JobSpec.Probe) probe.order()).candidate().username()).contains("db");
        assertThat(untried).doesNotContain("db");
        assertThat(usernames(agent)).endsWith("db");
        assertThat(usernames(others)).doesNotContain("db");
    }

    @Test
    void a_repository_is_put_before_the_default_with_credentials_of_the_host_only_once_it_was_opened()
            throws Exception {
        var agent = db.connectInSync();
        var second = add();

        server.api().put(use(db, second), Map.of("position", 1, "credentials", OWN.get("credentials")));
        var probe = agent.receive(ToAgent.CommandRun.class);
        var before = server.api().get("/api/repositories/" + second);
        agent.send(reports.ended(1, probe.jobId().value(), JobKind.PROBE));

        var sent = agent.receive(ToAgent.ConfigUpdate.class).repository();
        assertThat(before.text()).contains("\"hosts\":[]");
        assertThat(sent.url().value()).isEqualTo(OTHER);
        assertThat(sent.username()).contains("db");
    }

    @Test
    void credentials_for_a_repository_that_nothing_uses_yet_apply_at_once() throws Exception {
        var answer = server.api().put(use(db, add()), OWN);

        assertThat(answer.at("/hosts/0/name")).isEqualTo("db");
        assertThat(answer.at("/pending_job_id")).isEqualTo("null");
    }

    @Test
    void the_page_of_a_host_shows_that_its_credentials_are_being_tried() throws Exception {
        server.api().put(use(db, first), OWN);
        var page = "/hosts/" + db.hostId() + "/repository";

        assertThat(pages.open(page).text("#change")).contains("applies once the machine has opened it");
        pages.open(page).press("Save without a test");

        assertThat(pages.open(page).text("#change")).isEmpty();
        assertThat(db.connect().receive(ToAgent.ConfigUpdate.class).repository().username())
                .contains("db");
    }

    @Test
    void the_end_of_a_test_is_stored_although_its_change_cannot_be_applied_any_more() throws Exception {
        var agent = web.connectInSync();
        server.api().patch("/api/repositories/" + first, Map.of("url", OTHER));
        var probe = agent.receive(ToAgent.CommandRun.class).jobId();
        add();

        agent.sendAndDrain(reports.ended(1, probe.value(), JobKind.PROBE));

        assertThat(server.api().get("/api/jobs/" + probe).at("/status")).isEqualTo("succeeded");
        assertThat(server.api().get("/api/repositories/" + first).at("/url")).isEqualTo(Samples.URL);
        assertThat(pages.open("/repositories/" + first).text("#pending"))
                .contains("has opened", "but something else has changed meanwhile");
    }

    private static String use(EnrolledAgent host, String repository) {
        return "/api/hosts/" + host.hostId() + "/repositories/" + repository;
    }

    /** User names for the first repository that an agent was sent until now. */
    private static List<String> usernames(AgentClient agent) throws Exception {
        return agent.drain().stream()
                .filter(ToAgent.ConfigUpdate.class::isInstance)
                .map(message ->
                        ((ToAgent.ConfigUpdate) message).repository().username().orElse(""))
                .toList();
    }

    private String add() throws Exception {
        return server.api()
                .post("/api/repositories", Map.of("url", OTHER, "repo_password", Samples.REPO_PASSWORD))
                .at("/id");
    }
}
