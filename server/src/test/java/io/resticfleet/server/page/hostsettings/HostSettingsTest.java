package io.resticfleet.server.page.hostsettings;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.PolicyDuration;
import io.resticfleet.protocol.ReadingRules;
import io.resticfleet.protocol.RepositoryRules;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.HtmlPage;
import io.resticfleet.server.page.PageClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A host's settings: its name, the facts its agent reports, its policy, and its deletion. */
class HostSettingsTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private static final String HOOKED = """
            {"kind":"backup","name":"nightly","manual":true,"paths":["/etc"],"hooks":{"post":"pg_dump all"}}""";

    private PageClient anna;
    private EnrolledAgent web;

    @BeforeEach
    void signIn() throws Exception {
        anna = PageClient.signedIn(server);
        web = server.enrol("web");
    }

    @Test
    void a_machine_is_renamed_on_pages_while_its_snapshots_keep_their_host_name() throws Exception {
        var refused = open().form("Save").fill("Shown as", "  ").submit();
        assertThat(refused.text("#name-wrong")).isEqualTo("a name is 1 to 100 characters on one line");
        assertThat(refused.only("[aria-invalid]").id()).isEqualTo("name");

        var saved = refused.form("Save").fill("Shown as", "Web server, cellar").submit();

        assertThat(saved.text("h1")).isEqualTo("Web server, cellar");
        assertThat(saved.text(".toast")).contains("Saved.");
        assertThat(saved.path()).isEqualTo("/hosts/" + web.hostId() + "/settings?saved");
        assertThat(saved.title()).isEqualTo("Web server, cellar · Settings · restic-fleet");
        assertThat(saved.text("#name-hint")).contains("In snapshots, the machine is always called web.");
        var host = server.api().get("/api/hosts/" + web.hostId());
        assertThat(host.at("/name")).isEqualTo("Web server, cellar");
        assertThat(host.at("/hostname")).isEqualTo("web");
    }

    @Test
    void the_facts_that_the_agent_reports_are_shown() throws Exception {
        web.connectInSync();
        var page = open();

        assertThat(page.texts(".facts dd"))
                .containsSubsequence(
                        "web",
                        "linux amd64",
                        "0.1.0",
                        "0.18.0",
                        "UTC",
                        "same as the server's",
                        "Sun 1 Mar, 13:00",
                        "Sun 1 Mar, 13:00",
                        web.hostId());
        assertThat(page.follow("Changes").text("h1")).startsWith("Audit log of web");
    }

    @Test
    void the_policy_of_the_machine_is_shown_here_and_beside_hooks() throws Exception {
        var agent = web.connectInSync();
        assertThat(open().text("main")).contains("Not reported yet");

        agent.sendAndDrain(new ToServer.PolicyReport(policy(HookRule.LOCAL_ONLY, Optional.empty())));

        assertThat(open().text("main"))
                .contains(
                        "What this machine allows",
                        "Removal of snapshots by the schedules' retention",
                        "the newest 3 snapshots of each schedule, and those of the last 7d",
                        "only scripts in /etc/restic-fleet/hooks on the machine, by name",
                        "only rest, sftp",
                        "12h; a longer run is stopped",
                        "into /srv/restore",
                        "in /etc/restic-fleet/policy.json on the machine");
        assertThat(newSchedule()).contains("enter the name of a script, without path or arguments");
    }

    @Test
    void hooks_that_the_machine_does_not_allow_are_saved_with_a_warning_also_while_it_is_offline() throws Exception {
        var agent = web.connectInSync();
        agent.sendAndDrain(new ToServer.PolicyReport(policy(HookRule.LOCAL_ONLY, Optional.empty())));
        agent.abort();
        web.awaitStatus("offline");

        var saved = anna.open("/hosts/" + web.hostId() + "/schedules/new")
                .form("Save")
                .fill("Name", "nightly")
                .fill("Cron expression", "30 2 * * *")
                .fill("Paths", "/etc")
                .fill("Before", "systemctl stop app")
                .submit();

        assertThat(saved.text(".panel > .banner.warn"))
                .isEqualTo(
                        "The hooks will not run, and each backup will end as partial: a hook may only be the name of a"
                                + " script in /etc/restic-fleet/hooks on the machine, without a path or arguments, but is"
                                + " 'systemctl stop app'.");
        var answer = server.api().put("/api" + saved.path().replaceFirst("\\?.*", ""), HOOKED);
        assertThat(answer.at("/warnings/0")).contains("'pg_dump all'");
        assertThat(server.api()
                        .put("/api" + saved.path().replaceFirst("\\?.*", ""), HOOKED.replace("pg_dump all", "pg_dump"))
                        .json()
                        .has("warnings"))
                .isFalse();
    }

    @Test
    void the_form_of_a_schedule_shows_the_warnings_of_the_api() throws Exception {
        var agent = web.connectInSync();
        agent.sendAndDrain(new ToServer.PolicyReport(policy(HookRule.OFF, Optional.empty())));
        agent.abort();
        web.awaitStatus("offline");

        var saved = anna.open("/hosts/" + web.hostId() + "/schedules/new?kind=check")
                .form("Save")
                .fill("Before", "mount-disk")
                .submit();

        var path = saved.path().replaceFirst("\\?.*", "");
        var answer =
                server.api().put("/api" + path, server.api().get("/api" + path).text());
        assertThat(answer.json().path("warnings")).hasSize(2);
        assertThat(answer.at("/warnings/0")).contains("each check will end as partial");
        assertThat(answer.at("/warnings/1")).contains("is not connected");
        assertThat(saved.texts(".panel > .banner.warn"))
                .containsExactly(answer.at("/warnings/0"), answer.at("/warnings/1"));
    }

    @Test
    void an_invalid_policy_is_shown_with_the_reason() throws Exception {
        var agent = web.connectInSync();
        agent.sendAndDrain(new ToServer.PolicyReport(policy(HookRule.OFF, Optional.of("'hook' is not a field"))));

        assertThat(open().text(".banner.bad"))
                .isEqualTo("The machine's policy file is invalid, so no hooks run and no snapshots are removed;"
                        + " backups continue."
                        + " /etc/restic-fleet/policy.json: 'hook' is not a field");
        assertThat(newSchedule()).contains("This machine does not allow hooks");
    }

    @Test
    void a_machine_is_replaced_after_the_password_was_given_again_and_all_its_pages_tell_it() throws Exception {
        web.connectInSync();
        var form = open().follow("Replace this machine");
        assertThat(form.text("main"))
                .contains("The name in snapshots, web", "the former machine is refused", "the strictest policy");

        var wrong = form.form("Make the command").fill("Your password", "wrong").submit();
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.text("#password-wrong")).isEqualTo("the password is wrong");
        assertThat(wrong.texts("#install-line")).isEmpty();

        var made = wrong.form("Make the command")
                .fill("Your password", "correct horse")
                .submit();
        assertThat(made.text("#install-line"))
                .contains("RESTIC_FLEET_TOKEN=rfe_")
                .endsWith(" --replace");
        assertThat(made.text("#replaced")).contains("A command by anna lets a new machine take the place of this one");
        var fresh = server.enrolWith(made.text("#install-line").replaceAll(".*TOKEN=([^;]+);.*", "$1"), "new");
        assertThat(fresh.hostId()).isEqualTo(web.hostId());

        assertThat(anna.open("/hosts/" + web.hostId()).text("#replaced"))
                .contains("A new machine took the place", "with a command by anna", "Waiting for its agent")
                .doesNotContain("lets a new machine");
        fresh.connectInSync();
        assertThat(open().text("#replaced"))
                .contains("Its agent has connected since.")
                .doesNotContain("still runs");
        var former = server.dial();
        former.send(web.sign(
                web.hello(1, server.now()),
                former.receive(ToAgent.Challenge.class).nonce()));
        former.receive(ToAgent.Reject.class);
        assertThat(open().text("#replaced")).contains("The former machine still runs.");
        server.clock().advance(Duration.ofDays(4));
        assertThat(open().text("#replaced")).isNotEmpty();
        server.clock().advance(Duration.ofDays(4));
        assertThat(open().text("#replaced")).isEmpty();
        assertThat(anna.open("/audit").text("main")).contains("replaced a machine");
    }

    @Test
    void a_machine_is_deleted_only_if_its_name_is_typed() throws Exception {
        var agent = web.connectInSync();
        server.enrol("nas");
        var untyped = open().press("Delete this machine");
        assertThat(untyped.text("#confirm-wrong")).isEqualTo("type the machine's name to confirm the deletion");
        var wrong = untyped.form("Delete this machine")
                .fill("Type web to confirm", "nas")
                .submit();
        assertThat(wrong.value("Type web to confirm")).isEmpty();
        assertThat(wrong.select("#confirm-wrong")).hasSize(1);
        assertThat(agent.isClosed()).isFalse();

        var deleted = wrong.form("Delete this machine")
                .fill("Type web to confirm", "web")
                .submit();

        assertThat(deleted.path()).isEqualTo("/");
        assertThat(deleted.texts(".card h2")).containsExactly("nas");
        agent.closeCode();
        assertThat(server.api().get("/api/hosts/" + web.hostId()).outcome()).isEqualTo("404 not_found");
    }

    private static HostPolicy policy(HookRule hooks, Optional<String> problem) {
        return new HostPolicy(
                "/etc/restic-fleet/policy.json",
                hooks,
                "/etc/restic-fleet/hooks",
                List.of("/srv/restore"),
                false,
                List.of("rest", "sftp"),
                Optional.of(new PolicyDuration("12h")),
                Optional.empty(),
                RepositoryRules.DEFAULT,
                ReadingRules.DEFAULT,
                problem);
    }

    private HtmlPage open() throws Exception {
        return anna.open("/hosts/" + web.hostId() + "/settings");
    }

    private String newSchedule() throws Exception {
        return anna.open("/hosts/" + web.hostId() + "/schedules/new").text("#schedule");
    }
}
