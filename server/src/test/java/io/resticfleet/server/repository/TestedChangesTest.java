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
    void credentials_that_are_being_tried_change_no_order_and_bring_back_no_repository_that_was_taken_away()
            throws Exception {
        var agent = db.connectInSync();
        var second = add();
        server.api().put(use(db, second), Map.of());
        server.api().put(use(db, first), OWN);
        var probe = agent.receive(ToAgent.CommandRun.class);
        pages.open("/hosts/" + db.hostId() + "/repository")
                .press("Make " + OTHER.replaceAll("/$", "") + " the default");
        agent.sendAndDrain(reports.ended(1, probe.jobId().value(), JobKind.PROBE));
        assertThat(uses()).containsExactly(OTHER, Samples.URL);

        server.api().put(use(db, first), Map.of("credentials", Map.of("username", "db", "password", "another")));
        server.api().delete(use(db, first));
        agent.sendAndDrain(
                reports.ended(2, agent.receive(ToAgent.CommandRun.class).jobId().value(), JobKind.PROBE));

        assertThat(uses()).containsExactly(OTHER);
    }

    @Test
    void credentials_that_are_being_tried_are_discarded_when_the_repository_moves() throws Exception {
        server.api().put(use(db, first), OWN);
        server.api().patch("/api/repositories/" + first + "?force=true", Map.of("url", OTHER));

        var sent = db.connect().receive(ToAgent.ConfigUpdate.class).repository();

        assertThat(sent.url().value()).isEqualTo(OTHER);
        assertThat(server.sql("SELECT count(*) FROM repository_changes")).containsExactly("0");
        assertThat(server.sql("SELECT owner FROM secrets WHERE owner LIKE 'repository_changes/%'"))
                .isEmpty();
    }

    @Test
    void a_change_for_all_hosts_is_not_discarded_by_one_for_the_host_that_tries_it() throws Exception {
        web.connectInSync();
        var pending = server.api().patch("/api/repositories/" + first, Map.of("url", OTHER));

        var own = server.api().put(use(web, first), OWN);
        var other = server.api()
                .patch(
                        "/api/hosts/" + web.hostId(),
                        Map.of("repository", Samples.repository("rest:http://third:8000/")));

        assertThat(own.outcome()).isEqualTo("409 change_pending");
        assertThat(other.outcome()).isEqualTo("409 change_pending");
        assertThat(server.api().get("/api/repositories/" + first).at("/pending_job_id"))
                .isEqualTo(pending.at("/pending_job_id"));
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

    /** URLs of the repositories of db, in their order. */
    private List<String> uses() throws Exception {
        return server.sql("SELECT url FROM host_repositories WHERE host_id = '" + db.hostId() + "' ORDER BY position");
    }

    private String add() throws Exception {
        return server.api()
                .post("/api/repositories", Map.of("url", OTHER, "repo_password", Samples.REPO_PASSWORD))
                .at("/id");
    }
}
