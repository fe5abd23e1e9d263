package io.resticfleet.server.rotation;

import static io.resticfleet.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobResult;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.RepositoryKey;
import io.resticfleet.protocol.RotateKey;
import io.resticfleet.protocol.RotateKey.Step;
import io.resticfleet.protocol.RotateKeyResult;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.PageClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A repository's password is changed through the API, in an order that locks no host out. */
class PasswordRotationsTest {

    private static final String OLD = "aa".repeat(32);
    private static final String NEW = "bb".repeat(32);
    private static final String PASSWORD = "quite-another-password";

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent web;
    private EnrolledAgent db;
    private AgentClient agent;
    private String repository;
    private long sequence;

    @BeforeEach
    void enrol() throws Exception {
        web = server.enrol("web");
        db = server.enrol("db");
        agent = web.connectInSync();
        repository =
                "/api/repositories/" + server.api().get("/api/repositories").at("/items/0/id");
    }

    @Test
    void the_old_key_is_removed_only_after_the_last_host_has_confirmed_the_new_password() throws Exception {
        var begun = rotate();
        assertThat(begun.outcome()).isEqualTo("202");
        assertThat(begun.at("/repo_password")).isEqualTo("null");
        add(agent);
        prove(agent);
        confirm(agent);

        awaitPhase("proving");
        eventually(() -> assertThat(states()).containsExactlyInAnyOrder("web confirmed", "db waiting_offline"));
        server.clock().advance(Duration.ofDays(40));
        server.maintenance().checkRotations();
        assertThat(agent.drain()).noneMatch(ToAgent.CommandRun.class::isInstance);
        assertThat(server.api()
                        .patch(repository, Map.of("repo_password", "typed"))
                        .outcome())
                .isEqualTo("409 rotation_pending");
        assertThat(server.api()
                        .patch("/api/hosts/" + web.hostId(), Map.of("repository", Samples.repository(Samples.URL)))
                        .outcome())
                .isEqualTo("409 rotation_pending");
        assertThat(rotate().outcome()).isEqualTo("409 rotation_pending");

        var other = db.connect();
        assertThat(other.receive(ToAgent.ConfigUpdate.class).repository().repoPassword())
                .isEqualTo(Samples.REPO_PASSWORD);
        prove(other);
        assertThat(agent.drain()).noneMatch(ToAgent.CommandRun.class::isInstance);
        confirm(other);
        remove(agent, Optional.empty());

        awaitPhase("done");
        eventually(() -> assertThat(states()).containsExactlyInAnyOrder("web confirmed", "db confirmed"));
        assertThat(server.sql("SELECT owner FROM secrets")).containsExactly(repository.substring("/api/".length()));
        assertThat(web.connect()
                        .receive(ToAgent.ConfigUpdate.class)
                        .repository()
                        .repoPassword())
                .isEqualTo(PASSWORD);
        var keys = server.api().get(repository + "/keys");
        assertThat(keys.json().path("items")).hasSize(1);
        assertThat(keys.at("/items/0/expected")).isEqualTo("true");
        assertThat(server.api().get("/api/audit?limit=50").text())
                .contains("repository.rotate", "repository.rotated", "repository.key_removed")
                .doesNotContain("repository.key_found", PASSWORD);
    }

    @Test
    void a_change_goes_on_after_a_restart_of_the_server_and_without_a_host_that_was_taken_away() throws Exception {
        rotate();
        add(agent);
        prove(agent);
        var confirming = command(agent, Step.CONFIRM);

        server.stop();
        server.start();
        agent = web.connect(0, confirming.jobId().value());
        assertThat(agent.receive(ToAgent.ConfigUpdate.class).repository().repoPassword())
                .isEqualTo(PASSWORD);
        end(agent, confirming, Optional.empty(), opened(NEW));
        eventually(() -> assertThat(states()).containsExactlyInAnyOrder("web confirmed", "db waiting_offline"));
        server.api().delete("/api/hosts/" + db.hostId());
        server.maintenance().checkRotations();
        server.clock().advance(Duration.ofMinutes(1));
        server.maintenance().checkRotations();

        remove(agent, Optional.empty());
        awaitPhase("done");
    }

    @Test
    void a_removal_that_the_storage_refuses_is_explained_and_can_be_tried_again() throws Exception {
        server.api().delete("/api/hosts/" + db.hostId());
        rotate();
        add(agent);
        prove(agent);
        confirm(agent);
        remove(agent, Optional.of(ErrorCode.FORBIDDEN));

        awaitPhase("removing");
        assertThat(shown().at("/detail")).contains("still there", "maintainer");
        server.clock().advance(Duration.ofMinutes(30));
        server.maintenance().checkRotations();
        assertThat(agent.drain()).noneMatch(ToAgent.CommandRun.class::isInstance);

        server.api()
                .patch(
                        repository,
                        Map.of(
                                "maintainer",
                                Map.of(
                                        "host_id",
                                        web.hostId(),
                                        "credentials",
                                        Map.of("username", "admin", "password", "secret"))));
        assertThat(server.api().post(repository + "/rotate-password/retry", "").status())
                .isEqualTo(202);
        var removing = command(agent, Step.REMOVE);
        var granted = ask(agent, removing).repository().orElseThrow();
        assertThat(granted.username()).contains("admin");
        assertThat(granted.repoPassword()).isEqualTo(PASSWORD);
        end(agent, removing, Optional.empty(), opened(NEW));
        awaitPhase("done");
        assertThat(server.api().post(repository + "/rotate-password/retry", "").outcome())
                .isEqualTo("409 no_rotation");
    }

    @Test
    void a_host_that_opens_another_key_with_the_new_password_keeps_the_old_one_and_is_tried_again() throws Exception {
        var other = db.connectInSync();
        rotate();
        add(agent);
        var proving = command(other, Step.PROVE);
        end(other, proving, Optional.empty(), opened("cc".repeat(32)));
        prove(agent);
        confirm(agent);

        eventually(() -> assertThat(states()).containsExactlyInAnyOrder("web confirmed", "db failed"));
        awaitPhase("proving");
        assertThat(other.drain()).noneMatch(ToAgent.ConfigUpdate.class::isInstance);
        server.clock().advance(Duration.ofMinutes(61));
        server.maintenance().checkRotations();
        var again = command(other, Step.PROVE);
        end(other, again, Optional.of(ErrorCode.WRONG_PASSWORD), new NoResult());
        assertThat(shown().text()).contains("another repository with the same password");
        other = db.connect();
        prove(other);
        confirm(other);
        remove(agent, Optional.empty());
        awaitPhase("done");
    }

    @Test
    void the_new_password_is_given_to_the_step_that_needs_it_only_and_a_failed_begin_changes_nothing()
            throws Exception {
        var generated = server.api().post(repository + "/rotate-password", "");
        assertThat(generated.at("/repo_password")).hasSizeGreaterThan(20);
        var adding = command(agent, Step.ADD);
        assertThat(ask(agent, adding).repository().orElseThrow().repoPassword())
                .isEqualTo(generated.at("/repo_password"));
        var stranger = db.connectInSync();
        assertThat(ask(stranger, adding).refused()).isPresent();
        end(agent, adding, Optional.of(ErrorCode.POLICY_PRUNE), new NoResult());

        awaitPhase("failed");
        assertThat(shown().at("/detail")).contains(SampleReports.ERROR);
        assertThat(ask(agent, adding).refused()).isPresent();
        assertThat(web.connect()
                        .receive(ToAgent.ConfigUpdate.class)
                        .repository()
                        .repoPassword())
                .isEqualTo(Samples.REPO_PASSWORD);
    }

    @Test
    void what_cannot_begin_is_refused_with_the_reason() throws Exception {
        assertThat(server.api().get(repository + "/rotate-password").outcome()).isEqualTo("404 not_found");
        assertThat(rotate(Samples.REPO_PASSWORD).outcome()).isEqualTo("400 same_password");
        assertThat(rotate(" x").outcome()).isEqualTo("400 invalid_credentials");
        var pending = server.api().patch(repository, Map.of("credentials", Map.of("username", "u", "password", "p")));
        assertThat(pending.status()).isEqualTo(200);
        assertThat(rotate().outcome()).isEqualTo("409 change_pending");
        agent.abort();
        web.awaitStatus("offline");
        server.api().patch(repository + "?force=true", Map.of("credentials", Map.of("username", "u", "password", "p")));
        assertThat(rotate().outcome()).isEqualTo("409 host_offline");
    }

    @Test
    void the_old_key_stays_while_something_else_has_its_password() throws Exception {
        server.api().delete("/api/hosts/" + db.hostId());
        server.api()
                .post(
                        "/api/repositories",
                        Map.of(
                                "name", "by another name",
                                "url", "rest:http://nas.example:8000/fleet/",
                                "repo_password", Samples.REPO_PASSWORD));
        rotate();
        add(agent);
        prove(agent);
        confirm(agent);

        assertThat(agent.drain()).noneMatch(ToAgent.CommandRun.class::isInstance);
        awaitPhase("removing");
        assertThat(shown().at("/detail")).contains("repository by another name");
        server.api().post(repository + "/rotate-password/retry", "");
        remove(agent, Optional.empty());
        awaitPhase("done");
    }

    @Test
    void the_page_asks_for_a_confirmation_shows_a_generated_password_once_and_then_each_machine() throws Exception {
        var anna = PageClient.signedIn(server);
        var path = repository.substring("/api".length()) + "/password";
        var name = server.api().get(repository).at("/name");

        var asked = anna.open(path).press("Change the password");
        assertThat(asked.text("#confirm-wrong")).contains("type the repository's name");
        var begun = asked.form("Change the password")
                .fill("Type " + name + " to confirm", name)
                .submit();
        var password = begun.text("#repo-password");
        assertThat(ask(agent, command(agent, Step.ADD))
                        .repository()
                        .orElseThrow()
                        .repoPassword())
                .isEqualTo(password);
        assertThat(anna.open(path).source())
                .doesNotContain(password)
                .contains("A key for the new password is being added");

        server.sql("UPDATE repository_rotations SET phase = 'proving', key_id = '" + NEW + "', job_id = NULL");
        server.maintenance().checkRotations();
        assertThat(anna.open(path).text("#rotation"))
                .contains("0 of 2 machines have the new password", "web", "offline: waits until it connects");
        assertThat(anna.open(path.replace("/password", "")).text("#rotation")).contains("0 of 2 machines");
    }

    private void add(AgentClient client) throws Exception {
        var adding = command(client, Step.ADD);
        assertThat(ask(client, adding).repository().orElseThrow().repoPassword())
                .isEqualTo(PASSWORD);
        end(
                client,
                adding,
                Optional.empty(),
                new RotateKeyResult(Optional.of(NEW), Optional.of(OLD), Optional.of(List.of(key(OLD), key(NEW)))));
    }

    private void prove(AgentClient client) throws Exception {
        var proving = command(client, Step.PROVE);
        assertThat(((RotateKey) proving.order()).keyId()).contains(NEW);
        assertThat(ask(client, proving).repository().orElseThrow().repoPassword())
                .isEqualTo(PASSWORD);
        end(client, proving, Optional.empty(), opened(NEW));
    }

    private void confirm(AgentClient client) throws Exception {
        assertThat(client.receive(ToAgent.ConfigUpdate.class).repository().repoPassword())
                .isEqualTo(PASSWORD);
        end(client, command(client, Step.CONFIRM), Optional.empty(), opened(NEW));
    }

    private void remove(AgentClient client, Optional<ErrorCode> code) throws Exception {
        var removing = command(client, Step.REMOVE);
        assertThat(((RotateKey) removing.order()).keyId()).contains(OLD);
        var answer = ask(client, removing);
        assertThat(answer.repository()).isEmpty();
        assertThat(answer.refused()).isEmpty();
        end(client, removing, code, code.isEmpty() ? opened(NEW) : new NoResult());
    }

    private static JobResult opened(String keyId) {
        return new RotateKeyResult(Optional.of(keyId), Optional.empty(), Optional.of(List.of(key(keyId))));
    }

    private static RepositoryKey key(String id) {
        return new RepositoryKey(id, false, "root", "web", "2026-03-01 12:00:00");
    }

    private ApiResponse rotate() throws Exception {
        return rotate(PASSWORD);
    }

    private ApiResponse rotate(String password) throws Exception {
        return server.api().post(repository + "/rotate-password", Map.of("repo_password", password));
    }

    private ApiResponse shown() throws Exception {
        return server.api().get(repository + "/rotate-password");
    }

    private void awaitPhase(String phase) throws Exception {
        eventually(() -> assertThat(shown().at("/phase")).isEqualTo(phase));
    }

    private List<String> states() throws Exception {
        var states = new ArrayList<String>();
        shown().json()
                .path("hosts")
                .forEach(host -> states.add(
                        host.path("name").asText() + " " + host.path("state").asText()));
        return states;
    }

    private static ToAgent.CommandRun command(AgentClient client, Step step) throws Exception {
        var command = client.receive(ToAgent.CommandRun.class);
        assertThat(((RotateKey) command.order()).step()).isEqualTo(step);
        return command;
    }

    private static ToAgent.CredentialsGrant ask(AgentClient client, ToAgent.CommandRun command) throws Exception {
        client.send(new ToServer.CredentialsAsk(command.jobId()));
        return client.receive(ToAgent.CredentialsGrant.class);
    }

    private void end(AgentClient client, ToAgent.CommandRun command, Optional<ErrorCode> code, JobResult result)
            throws Exception {
        server.clock().advance(Duration.ofSeconds(1));
        client.send(reports.ended(++sequence, command, code, result));
        awaitStored(command);
    }

    private void awaitStored(ToAgent.CommandRun command) throws Exception {
        eventually(() -> assertThat(
                        server.api().get("/api/jobs/" + command.jobId()).at("/status"))
                .isIn("succeeded", "failed"));
    }
}
