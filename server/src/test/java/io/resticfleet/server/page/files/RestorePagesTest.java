package io.resticfleet.server.page.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Ask;
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
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.HtmlForm;
import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.PageClient;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The form that restores what was chosen of a snapshot. */
class RestorePagesTest {

    private static final String SNAPSHOT = SampleReports.SNAPSHOT;
    private static final String CODE = "ABCD-EFGH";
    private static final SnapshotPath LATIN_1 = new SnapshotPath("", Optional.of("L2NhZuk="));

    @RegisterExtension
    final TestServer server = new TestServer();

    private PageClient anna;
    private EnrolledAgent web;
    private AgentClient agent;

    @BeforeEach
    void connect() throws Exception {
        anna = PageClient.signedIn(server);
        web = server.enrol("web");
        agent = web.connectInSync();
        agent.sendAndDrain(new SampleReports(server).snapshots(1, server.now(), SNAPSHOT));
    }

    private HtmlPage form(String query) throws Exception {
        return anna.open("/snapshots/" + SNAPSHOT + "/restore?" + query);
    }

    /** The page that follows a form about which the agent is asked. */
    private HtmlPage answered(Callable<HtmlPage> page, Reply reply) throws Exception {
        var shown = CompletableFuture.supplyAsync(() -> {
            try {
                return page.call();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        var question = agent.receive(ToAgent.Question.class);
        assertThat(question.what()).isInstanceOf(Ask.RestorePermission.class);
        agent.send(new ToServer.Answer(question.id(), reply));
        return shown.join();
    }

    @Test
    void a_file_is_restored_to_a_new_directory_unless_something_else_is_chosen() throws Exception {
        var page = form("path=/etc/hosts&path_base64=L2NhZuk=");
        assertThat(page.texts(".chosen .mono")).containsExactly("/etc/hosts", "/caf\ufffd");

        var job = page.press("Restore");

        var command = agent.receive(ToAgent.CommandRun.class);
        assertThat(job.path()).isEqualTo("/jobs/" + command.jobId());
        assertThat(command.order())
                .isEqualTo(new Restore(
                        SNAPSHOT,
                        List.of(SnapshotPath.of("/etc/hosts"), LATIN_1),
                        RestoreTarget.NEW_FOLDER,
                        Overwrite.NEVER,
                        false,
                        false,
                        false));
        assertThat(job.text("#job .facts")).contains("Paths /etc/hosts /caf\ufffd", "restores/" + command.jobId());
        finish(command, new RestoreResult(2, 120, 1, 0, 0, 0, Optional.of("/var/lib/agent/restores/it")));
        var done = anna.open(job.path());
        assertThat(done.text("#job .facts")).contains("To /var/lib/agent/restores/it");
        assertThat(done.follow("Restore again").texts(".chosen .mono")).containsExactly("/etc/hosts", "/caf\ufffd");
    }

    private void finish(ToAgent.CommandRun command, RestoreResult result) throws Exception {
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
                result));
    }

    @Test
    void what_would_change_is_shown_first_and_the_same_then_done() throws Exception {
        var wanted = inPlace("path=/etc").select("If a file exists", "always").check("Delete what is there now");

        var dry = answered(() -> wanted.submit(), PermissionReport.allowed(List.of()));

        var command = agent.receive(ToAgent.CommandRun.class);
        assertThat(((Restore) command.order()).dryRun()).isTrue();
        finish(command, new RestoreResult(7, 120, 1, 0, 0, 3, Optional.of("/")));
        var shown = anna.open(dry.path());
        assertThat(shown.text("#job")).contains("nothing was written", "remove 3 entries", "To where they were");
        var again = shown.follow("Restore for real").form("Restore");
        answered(() -> again.submit(), PermissionReport.allowed(List.of()));
        assertThat(agent.receive(ToAgent.CommandRun.class).order())
                .isEqualTo(new Restore(
                        SNAPSHOT,
                        List.of(SnapshotPath.of("/etc")),
                        RestoreTarget.IN_PLACE,
                        Overwrite.ALWAYS,
                        true,
                        false,
                        false));
    }

    /** The form with another place, whose button shows what would change. */
    private HtmlForm inPlace(String query) throws Exception {
        return form(query)
                .form("Show what would change")
                .uncheck("A new directory")
                .check("Where they were");
    }

    @Test
    void the_line_that_the_owner_types_is_shown_and_waited_for() throws Exception {
        var wanted = inPlace("path=/etc&path_base64=L2NhZuk=");
        var needed = PermissionReport.needsApproval(CODE, "this machine's owner has not allowed it", List.of());

        var asked = answered(() -> wanted.submit(), needed);

        assertThat(asked.status()).isEqualTo(409);
        assertThat(asked.text("#approve-line"))
                .isEqualTo("sudo java -jar /usr/lib/restic-fleet/restic-fleet-agent.jar approve " + CODE);
        assertThat(asked.text("#approval")).contains("The owner of web has to allow this.");
        assertThat(asked.isChecked("Where they were")).isTrue();
        var waiting = asked.only("#approval form");
        assertThat(waiting.attr("hx-trigger")).isEqualTo("every 5s");
        var audited = server.sql("SELECT count(*) FROM audit_log").get(0);
        var form = asked.formOf("#approval form");
        assertThat(answered(() -> form.submit(), needed).status()).isEqualTo(204);
        assertThat(server.sql("SELECT count(*) FROM audit_log").get(0)).isEqualTo(audited);

        var started = CompletableFuture.supplyAsync(() -> submitted(form));
        for (int asks = 0; asks < 2; asks++) { // whether it is allowed by now, and then for the job
            var question = agent.receive(ToAgent.Question.class);
            agent.send(new ToServer.Answer(question.id(), PermissionReport.allowed(List.of())));
        }

        assertThat(started.join().path()).startsWith("/jobs/");
        var order = (Restore) agent.receive(ToAgent.CommandRun.class).order();
        assertThat(order.target()).isEqualTo(RestoreTarget.IN_PLACE);
        assertThat(order.dryRun()).isTrue();
        assertThat(order.paths()).containsExactly(SnapshotPath.of("/etc"), LATIN_1);
    }

    private static HtmlPage submitted(HtmlForm form) {
        try {
            return form.submit();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void what_is_wrong_or_impossible_is_said_beside_what_was_typed() throws Exception {
        var relative = form("path=/etc")
                .form("Restore")
                .uncheck("A new directory")
                .check("A directory of yours")
                .fill("Path of this directory", "srv/../etc")
                .submit();
        assertThat(relative.status()).isEqualTo(400);
        assertThat(relative.text("#folder-wrong")).contains("must be absolute");
        assertThat(relative.value("Path of this directory")).isEqualTo("srv/../etc");

        var byName = form("path=/etc").form("Restore").check("Owners by name").submit();
        assertThat(byName.status()).isEqualTo(409);
        assertThat(byName.text("#where .banner")).contains("needs restic 0.19.0", "has restic 0.18.0");
        assertThat(byName.text("#host")).isEqualTo("web, which made it, has restic 0.18.0: owners by number only");

        agent.abort();
        web.awaitStatus("offline");
        var offline = form("path=/etc").press("Restore");
        assertThat(offline.status()).isEqualTo(409);
        assertThat(offline.text("#where .banner")).contains("web is not connected");
        assertThat(offline.text("#host")).contains("not connected");
        assertThat(form("").text("#restore-title")).isEqualTo("Nothing chosen yet");
        assertThat(form("").follow("Restore the whole snapshot").texts(".chosen .mono"))
                .containsExactly("/");
    }

    @Test
    void another_machine_with_the_repository_restores_also_when_the_first_is_gone() throws Exception {
        var db = server.enrol("db");
        var other = db.connectInSync();
        assertThat(form("path=/etc").texts("#host option"))
                .containsExactly(
                        "web, which made it, has restic 0.18.0: owners by number only",
                        "db, has restic 0.18.0: owners by number only");
        agent.abort();
        web.awaitStatus("offline");

        form("path=/etc").form("Restore").select("Machine", db.hostId()).submit();

        assertThat(other.receive(ToAgent.CommandRun.class).order()).isInstanceOf(Restore.class);
    }

    @Test
    void what_was_chosen_is_forgotten_when_its_restore_has_started() throws Exception {
        var choose = form("path=/etc&path=/home/anna").press("Choose more");
        assertThat(choose.text(".tabs")).contains("Restore (2)");

        choose.press("Restore");

        assertThat(form("").text("#restore-title")).isEqualTo("Nothing chosen yet");
    }
}
