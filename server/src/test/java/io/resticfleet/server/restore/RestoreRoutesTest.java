package io.resticfleet.server.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.Overwrite;
import io.resticfleet.protocol.PermissionReport;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.RestoreResult;
import io.resticfleet.protocol.RestoreTarget;
import io.resticfleet.protocol.SnapshotPath;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Restores through the API: what is sent to which agent, and what is refused. */
class RestoreRoutesTest {

    private static final Map<String, ?> NEW_FOLDER = Map.of("kind", "new_folder");
    private static final Map<String, ?> IN_PLACE = Map.of("kind", "in_place");

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private EnrolledAgent web;
    private AgentClient agent;

    @BeforeEach
    void connect() throws Exception {
        web = server.enrol("web");
        agent = web.connectInSync();
        agent.sendAndDrain(reports.snapshots(1, server.now(), SampleReports.SNAPSHOT));
    }

    private Map<String, Object> body(Map<String, ?> target, Object... more) {
        var body = new HashMap<String, Object>(Map.of(
                "snapshot_id",
                SampleReports.SNAPSHOT,
                "host_id",
                web.hostId(),
                "paths",
                List.of("/etc/passwd"),
                "target",
                target));
        for (int i = 0; i < more.length; i += 2) {
            body.put((String) more[i], more[i + 1]);
        }
        return body;
    }

    private ApiResponse post(Map<String, ?> body) throws Exception {
        return server.api().post("/api/restores", body);
    }

    /** The response to a restore that the agent is asked about first. */
    private ApiResponse post(Map<String, ?> body, Reply reply) throws Exception {
        var response = CompletableFuture.supplyAsync(() -> {
            try {
                return post(body);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        var question = agent.receive(ToAgent.Question.class);
        assertThat(question.what())
                .isInstanceOfSatisfying(
                        Ask.RestorePermission.class,
                        asked -> assertThat(asked.origin()).isNotEmpty());
        agent.send(new ToServer.Answer(question.id(), reply));
        return response.join();
    }

    @Test
    void a_restore_to_a_new_folder_is_sent_as_it_was_asked_for_and_shown_with_its_figures() throws Exception {
        var started = post(body(
                NEW_FOLDER,
                "snapshot_id",
                SampleReports.SNAPSHOT.substring(0, 8),
                "paths",
                List.of("/etc/passwd", "/srv/ü *", "/etc/passwd"),
                "paths_base64",
                List.of("L3Ny/w==")));

        assertThat(started.outcome()).as(started.text()).isEqualTo("202");
        var command = agent.receive(ToAgent.CommandRun.class);
        assertThat(command.jobId().value()).isEqualTo(started.at("/job_id"));
        assertThat(command.repositoryId()).isPresent();
        assertThat(command.order())
                .isEqualTo(new Restore(
                        SampleReports.SNAPSHOT,
                        List.of(
                                SnapshotPath.of("/etc/passwd"),
                                SnapshotPath.of("/srv/ü *"),
                                new SnapshotPath("", Optional.of("L3Ny/w=="))),
                        RestoreTarget.NEW_FOLDER,
                        Overwrite.NEVER,
                        false,
                        false,
                        false));
        var audited = server.api().get("/api/audit").json().at("/items/0");
        assertThat(audited.at("/action").asText()).isEqualTo("job.run");
        assertThat(audited.at("/detail/paths/0").asText()).isEqualTo("/etc/passwd");
        assertThat(audited.at("/detail/path_count").asInt()).isEqualTo(3);

        agent.sendAndDrain(new ToServer.JobFinished(
                2,
                command.jobId(),
                JobKind.RESTORE,
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.empty(),
                Optional.of(server.now()),
                server.now(),
                JobStatus.SUCCEEDED,
                Optional.of(0),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new RestoreResult(3, 2048, 1.5, 0, 0, 0, Optional.of("/var/lib/x"))));
        var job = server.api().get("/api/jobs/" + command.jobId());
        assertThat(job.at("/kind")).isEqualTo("restore");
        assertThat(job.at("/stats/target")).isEqualTo("/var/lib/x");
    }

    @Test
    void everything_that_is_wrong_is_named_at_once() throws Exception {
        var wrong = post(body(
                Map.of("kind", "folder"),
                "paths",
                List.of("/ok", "etc", "/a/../b"),
                "paths_base64",
                List.of("?"),
                "overwrite",
                "sometimes"));

        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.json().at("/errors").findValuesAsText("field"))
                .containsExactly("paths[1]", "paths[2]", "paths_base64[0]", "target", "overwrite");
        assertThat(post(body(NEW_FOLDER, "paths", List.of())).outcome()).isEqualTo("400 paths_required");
        assertThat(post(body(
                                NEW_FOLDER,
                                "paths",
                                IntStream.range(0, 1_001).mapToObj(i -> "/" + i).toList()))
                        .outcome())
                .isEqualTo("400 too_many_paths");
        assertThat(post(body(NEW_FOLDER, "delete", true, "overwrite", "always"))
                        .json()
                        .at("/errors")
                        .findValuesAsText("field"))
                .containsExactly("overwrite", "delete");
        assertThat(post(body(Map.of("kind", "folder", "path", "/srv/../etc"))).outcome())
                .isEqualTo("400 invalid_target");
        assertThat(post(body(Map.of("kind", "in_place", "path", "/srv"))).outcome())
                .isEqualTo("400 invalid_target");
        assertThat(post(body(NEW_FOLDER, "snapshot_id", "xyz")).outcome()).isEqualTo("400 invalid_id");
        assertThat(post(body(NEW_FOLDER, "snapshot_id", "f".repeat(64))).outcome())
                .isEqualTo("404 not_found");
        assertThat(post(body(NEW_FOLDER, "host_id", "01H0000000000000000000000Z"))
                        .outcome())
                .isEqualTo("404 not_found");
        assertThat(post(body(NEW_FOLDER, "host_id", "x")).status()).isEqualTo(400);
        assertThat(post(body(NEW_FOLDER, "more", 1)).outcome()).isEqualTo("400 unknown_field");
    }

    @Test
    void the_agent_decides_what_else_than_a_new_folder_is_allowed() throws Exception {
        var needed = post(
                body(IN_PLACE),
                PermissionReport.needsApproval("ABCD-EFGH", "this machine's owner has not allowed it", List.of()));
        var forged = post(body(IN_PLACE), PermissionReport.needsApproval("<script>", "not allowed", List.of()));
        var unsafe = post(
                body(Map.of("kind", "folder", "path", "/proc")),
                PermissionReport.refused(ErrorCode.UNSAFE_TARGET, "nothing is restored: it is a link"));
        var off = post(body(IN_PLACE), new Reply.Failure("questions_off", "no questions are answered"));
        var allowed = post(
                body(IN_PLACE, "overwrite", "if_newer", "delete", true, "dry_run", true),
                PermissionReport.allowed(List.of("the agent may not change the owner of files")));

        assertThat(needed.outcome()).isEqualTo("409 restore_not_allowed");
        assertThat(needed.at("/approve_code")).isEqualTo("ABCD-EFGH");
        assertThat(needed.at("/detail")).contains("approve ABCD-EFGH");
        assertThat(forged.outcome()).isEqualTo("409 restore_not_allowed");
        assertThat(forged.json().has("approve_code")).isFalse();
        assertThat(unsafe.outcome()).isEqualTo("409 unsafe_target");
        assertThat(off.outcome()).isEqualTo("409 questions_off");
        assertThat(off.at("/detail")).contains("restore to a new folder");
        assertThat(allowed.outcome()).as(allowed.text()).isEqualTo("202");
        assertThat(allowed.at("/remarks/0")).contains("may not change the owner");
        var order = (Restore) agent.receive(ToAgent.CommandRun.class).order();
        assertThat(order.target()).isEqualTo(RestoreTarget.IN_PLACE);
        assertThat(order.overwrite()).isEqualTo(Overwrite.IF_NEWER);
        assertThat(order.delete()).isTrue();
        assertThat(order.dryRun()).isTrue();
        assertThat(server.api().get("/api/audit").json().findValuesAsText("action"))
                .contains("restore.ask");
    }

    @Test
    void any_connected_host_that_uses_the_repository_can_be_the_target() throws Exception {
        var other = server.enrol("db", Map.of("repository", Samples.repository("rest:http://nas:8000/other/")));
        var offline = post(body(NEW_FOLDER, "host_id", other.hostId()));
        var db = other.connectInSync();
        var unused = post(body(NEW_FOLDER, "host_id", other.hostId()));
        var repository =
                server.sql("SELECT repository_id FROM snapshots LIMIT 1").get(0);
        server.api().put("/api/hosts/" + other.hostId() + "/repositories/" + repository, "{}");
        db.drain();
        agent.abort();

        var started = post(body(NEW_FOLDER, "host_id", other.hostId()));

        assertThat(offline.outcome()).isIn("409 host_offline", "409 unknown_repository");
        assertThat(unused.outcome()).isEqualTo("409 unknown_repository");
        assertThat(unused.at("/detail")).contains("PUT /api/hosts/" + other.hostId() + "/repositories/");
        assertThat(started.outcome()).as(started.text()).isEqualTo("202");
        assertThat(db.receive(ToAgent.CommandRun.class).order()).isInstanceOf(Restore.class);
        web.awaitStatus("offline");
        assertThat(post(body(NEW_FOLDER)).outcome()).isEqualTo("409 host_offline");
    }

    @Test
    void what_an_old_restic_or_agent_cannot_do_is_said_with_what_can() throws Exception {
        agent.abort();
        agent = connect(Map.of("restic_version", "0.14.0"));
        var oldRestic = post(body(IN_PLACE));
        var byName = post(body(NEW_FOLDER, "ownership_by_name", true));
        agent.abort();
        agent = connect(Map.of("restic_version", Optional.empty()));
        var noRestic = post(body(NEW_FOLDER));
        agent.abort();
        agent = connect(Map.of("features", List.of()));

        assertThat(oldRestic.outcome()).isEqualTo("409 restic_too_old");
        assertThat(oldRestic.at("/detail")).contains("needs restic 0.17.0, and host web has restic 0.14.0");
        assertThat(byName.at("/detail")).contains("needs restic 0.19.0");
        assertThat(noRestic.outcome()).isEqualTo("409 restic_missing");
        assertThat(post(body(NEW_FOLDER)).outcome()).isEqualTo("409 agent_too_old");
    }

    private AgentClient connect(Map<String, ?> difference) throws Exception {
        var client = server.dial();
        var nonce = client.receive(ToAgent.Challenge.class).nonce();
        client.send(web.sign(Samples.changed(web.hello(1, server.now()), difference), nonce));
        client.receive(ToAgent.Welcome.class);
        client.drain();
        return client;
    }
}
