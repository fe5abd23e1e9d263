package io.resticfleet.server.page.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.DataPart;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.LocksReport;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.RepositoryLock;
import io.resticfleet.protocol.SshAccess;
import io.resticfleet.protocol.SshHostKey;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.SampleHellos;
import io.resticfleet.server.Samples;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.SampleReports;
import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.PageClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The pages of repositories. */
class RepositoryPagesTest {

    private static final String OFF_SITE = "rest:https://offsite.example.org:8000/fleet/";

    @RegisterExtension
    final TestServer server = new TestServer();

    private final SampleReports reports = new SampleReports(server);
    private PageClient anna;
    private EnrolledAgent web;
    private String id;

    @BeforeEach
    void enrol() throws Exception {
        anna = PageClient.signedIn(server);
        web = server.enrol("web");
        id = server.api().get("/api/repositories").at("/items/0/id");
    }

    @Test
    void the_list_shows_each_repository_with_its_state_in_words_and_what_to_do() throws Exception {
        server.enrol("db");
        server.api()
                .patch(
                        "/api/repositories/" + id,
                        Map.of("name", "cellar", "maintainer", Map.of("host_id", web.hostId())));
        server.sql("UPDATE repositories SET status = 'unreachable', checked_at = 0, size_bytes = 1073741824,"
                + " last_check_at = 0, last_check_ok = 1, last_check_share = 0.1");

        var page = anna.open("/").follow("Repositories");

        assertThat(page.text("nav [aria-current]")).isEqualTo("Repositories");
        assertThat(page.text("tbody tr"))
                .contains(
                        "cellar REST server " + Samples.URL,
                        "cannot be reached",
                        "Check that its server runs",
                        "web and db",
                        "maintained by web",
                        "1.0 GiB",
                        "passed");
        assertThat(page.follow("cellar").text("h1")).isEqualTo("cellar");
    }

    @Test
    void a_repository_is_added_by_a_form_of_its_kind_and_its_generated_password_shown_once() throws Exception {
        var form = anna.open("/repositories").follow("Add a repository").follow("Azure");
        var refused = form.form("Add repository")
                .fill("Container and path", "backups")
                .fill("Account key", "secret-0815")
                .submit();
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text("#username-wrong")).contains("a password needs a username");
        assertThat(refused.value("Container and path")).isEqualTo("backups");
        assertThat(refused.source()).doesNotContain("secret-0815");

        var added = refused.form("Add repository")
                .fill("Container and path", "backups:/web")
                .fill("Account name", "fleet")
                .fill("Account key", "secret-0815")
                .fill("Name", "cloud")
                .submit();

        assertThat(added.text("h1")).isEqualTo("cloud is added");
        var password = added.text("#repo-password");
        var shown = added.follow("Show the repository");
        assertThat(shown.source()).doesNotContain(password, "secret-0815");
        assertThat(shown.text("#state")).contains("not used", "Have a machine use it");
        assertThat(shown.button("Test").hasAttr("disabled")).isTrue();

        anna.open(shown.only(".tabs a[href$=settings]").attr("href"))
                .form("Have it use this repository")
                .submit();
        assertThat(web.connect()
                        .receive(ToAgent.ConfigUpdate.class)
                        .repositories()
                        .orElseThrow())
                .hasSize(2)
                .last()
                .satisfies(
                        second -> assertThat(second.repository().url().value()).isEqualTo("azure:backups:/web"));
        assertThat(anna.open(shown.path()).text("#machines")).contains("web", "looks after it");
    }

    @Test
    void changed_credentials_apply_once_a_machine_has_opened_the_repository() throws Exception {
        var agent = web.connectInSync();
        var form = open("/settings").form("Test and save");

        var page = form.fill("Password", "new-rest-password").submit();

        assertThat(page.text("#pending")).contains("applies once web has opened it");
        var probe = probe(agent.drain());
        assertThat(((JobSpec.Probe) probe.order()).candidate().password()).contains("new-rest-password");
        assertThat(((JobSpec.Probe) probe.order()).candidate().repoPassword()).isEqualTo(Samples.REPO_PASSWORD);
        agent.sendAndDrain(reports.failed(1, probe.jobId().value(), JobKind.PROBE, "auth"));
        page = open("");
        assertThat(page.text("#pending")).contains("Not saved: web has not opened", SampleReports.ERROR);
        assertThat(page.source()).doesNotContain("new-rest-password");
        assertThat(page.press("Save without a test").text(".toast")).contains("Saved.");
        assertThat(web.connect()
                        .receive(ToAgent.ConfigUpdate.class)
                        .repository()
                        .password())
                .contains("new-rest-password");
        assertThat(open("").only("#pending").hasAttr("hidden")).isTrue();
    }

    @Test
    void a_password_is_not_kept_for_another_place() throws Exception {
        var agent = web.connectInSync();

        open("/settings").form("Test and save").fill("Repository", OFF_SITE).submit();

        var candidate = ((JobSpec.Probe) probe(agent.drain()).order()).candidate();
        assertThat(candidate.url().value()).isEqualTo(OFF_SITE);
        assertThat(candidate.password()).isEmpty();
    }

    @Test
    void a_test_is_reported_in_words_and_changes_nothing() throws Exception {
        var agent = web.connectInSync();

        assertThat(open("").press("Test").text(".toast")).contains("The test has started.");

        assertThat(open("").text("#pending")).contains("web is opening the repository.");
        var probe = probe(agent.drain());
        agent.sendAndDrain(reports.failed(1, probe.jobId().value(), JobKind.PROBE, "network"));
        assertThat(open("").text("#pending")).contains("The test failed: web has not opened", SampleReports.ERROR);
        open("").press("Test");
        probe = probe(agent.drain());
        agent.sendAndDrain(reports.ended(2, probe.jobId().value(), JobKind.PROBE));
        assertThat(open("").only("#pending").hasAttr("hidden")).isTrue();
        assertThat(server.sql("SELECT 1 FROM audit_log WHERE action = 'repository.access'"))
                .isEmpty();
    }

    @Test
    void jobs_that_wait_are_shown_with_whom_they_wait_for_and_since_when() throws Exception {
        var db = server.enrol("db");
        var agent = web.connectInSync();
        var other = db.connectInSync();
        server.api().post("/api/hosts/" + web.hostId() + "/jobs", Map.of("kind", "prune"));
        agent.receive(ToAgent.CommandRun.class);
        server.api().post("/api/hosts/" + db.hostId() + "/jobs", Map.of("kind", "check"));

        assertThat(open("").texts("#queue .jobs li"))
                .hasSize(2)
                .last()
                .asString()
                .contains("waiting", "Check on db", "waits for the prune of host web", "since Sun 1 Mar, ", "just now");
        other.abort();
    }

    @Test
    void maintenance_is_one_click_and_its_findings_are_shown() throws Exception {
        var agent = web.connectInSync();

        assertThat(open("").form("Check now")
                        .select("How much of the data a check reads", "10")
                        .submit()
                        .text(".toast"))
                .contains("Started: Check.");
        assertThat(agent.receive(ToAgent.CommandRun.class).order())
                .isEqualTo(new JobSpec.Check(Optional.empty(), Optional.of(new DataPart(1, 10))));
        assertThat(open("").press("Try a prune").text(".toast")).contains("Started: Prune.");
        assertThat(agent.receive(ToAgent.CommandRun.class).order())
                .isEqualTo(new JobSpec.Prune(Optional.empty(), Optional.empty(), true));
        server.sql("INSERT INTO repository_keys VALUES ('" + id + "', 'c0ffee11', 'root', 'web', '2026-03-01', 1, 0)");
        var page = open("");
        assertThat(page.text("#findings")).contains("Somebody has added a key", "c0ffee11 not expected", "root on web");
        assertThat(page.text("#state")).contains("a key that nobody expects", "Look at its keys");
        assertThat(anna.open("/repositories").text("tbody tr")).contains("a key that nobody expects");
        assertThat(anna.open("/").text("#verdict")).contains("1 other problem");
        assertThat(anna.open("/").text("#problems")).contains("a key that nobody expects");
        assertThat(page.press("Expect this key").status()).isEqualTo(400);
        var expected = page.form("Expect this key").check("I know who added it").submit();
        assertThat(expected.text("#findings")).doesNotContain("Somebody has added a key");
        assertThat(expected.text("#state")).doesNotContain("nobody expects");
        assertThat(anna.open("/").only("#problems").hasAttr("hidden")).isTrue();
    }

    @Test
    void locks_are_looked_up_on_request_and_all_are_removed_only_after_a_confirmation() throws Exception {
        assertThat(open("").press("Show locks").text("#locks"))
                .contains("The locks are not known: no host that uses repository");
        var agent = connectWithQuestions(web);

        var asked = CompletableFuture.supplyAsync(() -> press(anna, "/repositories/" + id, "Show locks"));
        var question = agent.receive(ToAgent.Question.class);
        agent.send(new ToServer.Answer(
                question.id(),
                new LocksReport(
                        List.of(
                                new RepositoryLock("c0ffee", true, "web", "root", 4711, "2026-03-01T11:00:00Z"),
                                new RepositoryLock("decade", false, "nowhere", "ben", 12, "2026-03-01T13:00:00Z")),
                        2)));
        var page = asked.get(30, TimeUnit.SECONDS);

        assertThat(page.texts("#locks tbody tr"))
                .satisfiesExactly(
                        lock -> assertThat(lock).contains("web root, process 4711", "itself alone", "left over"),
                        lock -> assertThat(lock)
                                .contains("nowhere ben", "sharing", "a clock is wrong", "remove all locks"));
        assertThat(page.press("Remove all 2 locks").status()).isEqualTo(400);
        page.form("Remove all 2 locks")
                .check("Nothing uses this repository now")
                .submit();
        assertThat(agent.receive(ToAgent.CommandRun.class).order()).isEqualTo(new JobSpec.Unlock(true));
    }

    @Test
    void ssh_is_set_up_by_the_key_of_a_machine_and_the_confirmed_keys_of_the_server() throws Exception {
        var nas = server.enrol(
                "nas", Map.of("repository", Map.of("url", "sftp:backup@vault:/srv", "repo_password", "x-4711")));
        var sftp = "/repositories/" + server.api().get("/api/repositories").at("/items/1/id");
        var agent = connectWithQuestions(nas);
        assertThat(open("").links("SSH")).isEmpty();

        var hostKey = "vault ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==";
        var asked = CompletableFuture.supplyAsync(() -> press(anna, sftp + "/ssh", "Ask this machine for its keys"));
        var question = agent.receive(ToAgent.Question.class);
        agent.send(new ToServer.Answer(
                question.id(), new SshAccess("ssh-ed25519 AAAAC3Nz nas", List.of(new SshHostKey(hostKey)))));
        var page = asked.get(30, TimeUnit.SECONDS);

        assertThat(page.text("#public-key")).isEqualTo("ssh-ed25519 AAAAC3Nz nas");
        assertThat(page.text("main")).contains(new SshHostKey(hostKey).fingerprint());
        page.press("They are the server’s: test and save");
        var candidate = ((JobSpec.Probe) probe(agent.drain()).order()).candidate();
        assertThat(candidate.sshHostKeys()).containsExactly(new SshHostKey(hostKey));
        assertThat(candidate.repoPassword()).isEqualTo("x-4711");
    }

    /** An agent that answers questions. */
    private AgentClient connectWithQuestions(EnrolledAgent host) throws Exception {
        var agent = server.dial();
        var hello = SampleHellos.withFeatures(
                host.hello(0, server.now()),
                Stream.concat(Ask.features().stream(), Protocol.features().stream())
                        .toList());
        agent.send(host.sign(hello, agent.receive(ToAgent.Challenge.class).nonce()));
        agent.receive(ToAgent.Welcome.class);
        agent.drain();
        return agent;
    }

    private static HtmlPage press(PageClient client, String path, String button) {
        try {
            return client.open(path).press(button);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void snapshots_of_all_machines_are_listed_and_those_of_strangers_marked() throws Exception {
        var agent = web.connectInSync();
        agent.sendAndDrain(reports.snapshots(1, server.now(), SampleReports.SNAPSHOT));
        server.sql("UPDATE snapshots SET snapshot_json = json_set(snapshot_json, '$.hostname', 'old-laptop')");

        assertThat(open("").text("#contents")).contains("1 snapshot", "old-laptop made elsewhere");
        server.sql("UPDATE snapshots SET snapshot_json = json_set(snapshot_json, '$.hostname', 'web')");
        assertThat(open("").text("#contents")).doesNotContain("made elsewhere");
    }

    @Test
    void the_maintainer_has_access_of_its_own_that_no_page_shows() throws Exception {
        var form = open("/maintainer").form("Save");
        form.select("Machine", web.hostId())
                .fill("Repository", "http://nas:8001/fleet/")
                .fill("User name", "admin")
                .fill("Password", "maintainer-4711")
                .submit();

        assertThat(open("").text("#state")).contains("web, at rest:http://nas:8001/fleet/");
        var again = open("/maintainer");
        assertThat(again.source()).doesNotContain("maintainer-4711");
        assertThat(again.value("User name")).isEqualTo("admin");
        again.press("Save");
        assertThat(open("/maintainer").value("User name")).isEqualTo("admin");
        open("/maintainer").form("Save").select("Machine", "").submit();
        assertThat(open("").text("#state")).contains("Maintainer none");
    }

    @Test
    void a_maintainer_that_is_away_for_a_week_is_shown_as_nothing_is_removed() throws Exception {
        web.connect().abort();
        server.api().patch("/api/repositories/" + id, Map.of("maintainer", Map.of("host_id", web.hostId())));
        server.sql("UPDATE repositories SET status = 'ok', checked_at = 0");
        assertThat(open("").text("#state")).contains("good");

        server.sql("UPDATE hosts SET last_seen_at = last_seen_at - "
                + Duration.ofDays(8).toMillis());

        assertThat(server.api().get("/api/repositories/" + id).at("/maintainer_away_since"))
                .startsWith("20");
        assertThat(open("").text("#state")).contains("its maintainer is offline", "nothing is removed, pruned or lost");
        assertThat(anna.open("/").text("main")).contains("its maintainer is offline");
        web.connectInSync();
        assertThat(open("").text("#state")).contains("good");
    }

    @Test
    void a_repository_is_renamed_and_removed_once_no_machine_uses_it() throws Exception {
        assertThat(open("/settings")
                        .form("Rename")
                        .fill("Shown as", "")
                        .submit()
                        .text("#name-wrong"))
                .contains("1 to 100 characters");
        assertThat(open("/settings")
                        .form("Rename")
                        .fill("Shown as", "cellar")
                        .submit()
                        .text("h1"))
                .isEqualTo("cellar");
        assertThat(open("/settings").buttons("Remove this repository")).isEmpty();

        server.api().delete("/api/hosts/" + web.hostId());
        var refused = open("/settings").press("Remove this repository");
        assertThat(refused.text("#confirm-wrong")).contains("type the repository's name");
        var list = refused.form("Remove this repository")
                .fill("Type cellar to confirm", "cellar")
                .submit();
        assertThat(list.path()).isEqualTo("/repositories");
        assertThat(list.text("main")).contains("No repositories");
        assertThat(open("").status()).isEqualTo(404);
    }

    private static ToAgent.CommandRun probe(List<ToAgent> received) {
        return received.stream()
                .filter(ToAgent.CommandRun.class::isInstance)
                .map(ToAgent.CommandRun.class::cast)
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    private HtmlPage open(String tab) throws Exception {
        return anna.open("/repositories/" + id + tab);
    }
}
