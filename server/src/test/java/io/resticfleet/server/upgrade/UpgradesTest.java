package io.resticfleet.server.upgrade;

import static io.resticfleet.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.ApiResponse;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.SampleHellos;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.PageClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Upgrades of agents to the version that the server carries. */
class UpgradesTest {

    private static final String HASH = "cd".repeat(32);
    private static final ToServer READY = new ToServer.UpgradeReport("ready", Optional.empty(), Optional.empty());

    @RegisterExtension
    final TestServer server = new TestServer();

    private EnrolledAgent web;

    @BeforeEach
    void offerNewerVersion() throws Exception {
        server.stop();
        server.bundle(Optional.of(new BundledAgent("0.2.0", HASH, 4_711)));
        server.start();
        web = server.enrol("web");
    }

    @Test
    void an_agent_with_an_order_upgrades_to_the_newer_version() throws Exception {
        var agent = ready(web);

        assertThat(order(web).outcome()).isEqualTo("202");

        assertThat(agent.receive(ToAgent.AgentUpgrade.class)).isEqualTo(new ToAgent.AgentUpgrade("0.2.0", HASH, 4_711));
        assertThat(state(web)).isEqualTo("ordered");
        assertThat(order(web).outcome()).isEqualTo("409 upgrade_running");
        agent.sendAndDrain(report("working", "waiting for a run"));
        assertThat(state(web)).isEqualTo("working");
        assertThat(server.api().get("/api/agents/upgrade").at("/items/0/detail"))
                .isEqualTo("waiting for a run");
        agent.abort();

        comesBackAs(web, "0.2.0");

        eventually(() -> assertThat(state(web)).isEqualTo("succeeded"));
        assertThat(order(web).outcome()).isEqualTo("409 up_to_date");
        assertThat(actions()).containsSubsequence("agent.upgraded", "agent.upgrade");
    }

    @Test
    void a_failure_is_shown_with_its_reason_and_can_be_retried() throws Exception {
        var agent = ready(web);
        order(web);

        agent.sendAndDrain(report("failed", "the server did not accept it within 90 s"));

        assertThat(state(web)).isEqualTo("failed");
        assertThat(server.api().get("/api/agents/upgrade").at("/items/0/detail"))
                .contains("within 90 s");
        assertThat(actions()).contains("agent.upgrade_failed");
        long entries = actions().stream().filter("agent.upgrade_failed"::equals).count();
        agent.sendAndDrain(report("failed", "the server did not accept it within 90 s"));
        assertThat(actions().stream().filter("agent.upgrade_failed"::equals).count())
                .isEqualTo(entries);
        assertThat(order(web).outcome()).isEqualTo("202");
    }

    @Test
    void a_lost_order_is_sent_again() throws Exception {
        var agent = ready(web);
        order(web);
        agent.abort();

        var again = web.connect();
        again.send(READY);

        assertThat(again.receive(ToAgent.AgentUpgrade.class).version()).isEqualTo("0.2.0");
    }

    @Test
    void an_impossible_upgrade_is_refused_with_the_reason() throws Exception {
        assertThat(server.api().post("/api/hosts/nobody/upgrade", Map.of()).outcome())
                .isEqualTo("404 not_found");
        var agent = web.connect();
        var silent = order(web);
        assertThat(silent.outcome()).isEqualTo("409 upgrade_refused");
        assertThat(silent.text()).contains("run the install command");
        agent.sendAndDrain(
                new ToServer.UpgradeReport("off", Optional.empty(), Optional.of("the owner does not allow it")));
        assertThat(order(web).outcome()).isEqualTo("409 upgrade_refused");
        assertThat(order(web).text()).contains("the owner does not allow it");
        assertThat(server.api().post("/api/agents/upgrade", Map.of()).outcome()).isEqualTo("409 up_to_date");
        agent.sendAndDrain(READY);
        agent.abort();
        eventually(() -> assertThat(order(web).outcome()).isEqualTo("409 host_offline"));

        server.stop();
        server.bundle(Optional.empty());
        server.start();
        assertThat(order(web).outcome()).isEqualTo("409 no_agent_jar");
        assertThat(server.api()
                        .get("/api/agents/upgrade")
                        .json()
                        .path("offered")
                        .isNull())
                .isTrue();
    }

    @Test
    void all_agents_are_upgraded_one_at_a_time_and_offline_ones_are_skipped() throws Exception {
        var db = server.enrol("db");
        var mail = server.enrol("mail");
        var first = ready(web);
        ready(db).abort();
        var third = ready(mail);
        eventually(
                () -> assertThat(server.api().get("/api/hosts/" + db.hostId()).at("/status"))
                        .isEqualTo("offline"));

        assertThat(server.api().post("/api/agents/upgrade", Map.of()).outcome()).isEqualTo("202");

        first.receive(ToAgent.AgentUpgrade.class);
        assertThat(upgrades(third)).isEmpty();
        assertThat(rollout()).isEqualTo("running");
        assertThat(server.api().post("/api/agents/upgrade", Map.of()).outcome()).isEqualTo("409 upgrade_running");
        first.abort();
        comesBackAs(web, "0.2.0");
        third.receive(ToAgent.AgentUpgrade.class);
        assertThat(server.api().get("/api/agents/upgrade").at("/rollout/current"))
                .isEqualTo(mail.hostId());
        third.abort();
        comesBackAs(mail, "0.2.0");
        eventually(() -> assertThat(rollout()).isEqualTo("finished"));
        assertThat(state(db)).isEmpty();
    }

    @Test
    void the_first_failure_halts_the_rollout() throws Exception {
        var db = server.enrol("db");
        var first = ready(web);
        var second = ready(db);
        server.api().post("/api/agents/upgrade", Map.of());

        first.sendAndDrain(report("failed", "wrong hash"));

        var all = server.api().get("/api/agents/upgrade");
        assertThat(all.at("/rollout/state")).isEqualTo("halted");
        assertThat(all.at("/rollout/detail")).contains("web", "wrong hash");
        assertThat(all.at("/rollout/waiting/0")).isEqualTo(db.hostId());
        assertThat(upgrades(second)).isEmpty();
        assertThat(state(db)).isEmpty();
    }

    @Test
    void a_rollout_whose_machines_were_deleted_is_finished_after_a_restart() throws Exception {
        ready(web).drain();
        server.api().post("/api/agents/upgrade", Map.of());
        server.stop();
        server.sql("DELETE FROM agent_rollout_hosts"); // as with the hosts

        server.start();
        server.signIn();

        assertThat(rollout()).isEqualTo("finished");
    }

    @Test
    void a_rollout_waits_for_a_click_after_a_restart_of_the_server() throws Exception {
        var db = server.enrol("db");
        ready(web).drain();
        ready(db);
        server.api().post("/api/agents/upgrade", Map.of());

        server.stop();
        server.start();
        comesBackAs(web, "0.2.0");
        var second = ready(db);
        server.maintenance().checkUpgrades();

        assertThat(rollout()).isEqualTo("paused");
        assertThat(state(web)).isEqualTo("succeeded");
        assertThat(upgrades(second)).isEmpty();
        var settings = PageClient.signedIn(server).open("/settings");
        assertThat(settings.text("#agents")).contains("interrupted by a restart of the server");
        assertThat(settings.press("Continue the upgrade").status()).isEqualTo(200);
        second.receive(ToAgent.AgentUpgrade.class);
        assertThat(rollout()).isEqualTo("running");
        comesBackAs(db, "0.2.0");
        eventually(() -> assertThat(rollout()).isEqualTo("finished"));
    }

    @Test
    void a_paused_rollout_leaves_out_hosts_that_were_deleted() throws Exception {
        var db = server.enrol("db");
        var mail = server.enrol("mail");
        for (var host : List.of(web, db, mail)) {
            ready(host).drain();
        }
        server.api().post("/api/agents/upgrade", Map.of());
        server.stop();
        server.start();

        server.api().delete("/api/hosts/" + web.hostId());
        server.api().delete("/api/hosts/" + db.hostId());

        var rollout = server.api().get("/api/agents/upgrade").json().path("rollout");
        assertThat(rollout.path("state").asText()).isEqualTo("paused");
        assertThat(rollout.path("waiting")).extracting(JsonNode::asText).containsExactly(mail.hostId());
        var settings = PageClient.signedIn(server).open("/settings");
        assertThat(settings.text("#agents .banner")).contains("1 agent waits");
        server.api().delete("/api/hosts/" + mail.hostId());
        assertThat(rollout()).isEqualTo("finished");
        assertThat(settings.client().open("/settings").buttons("Continue the upgrade"))
                .isEmpty();
    }

    @Test
    void a_rollout_goes_on_after_its_current_host_was_deleted() throws Exception {
        var db = server.enrol("db");
        ready(web).drain();
        var second = ready(db);
        server.api().post("/api/agents/upgrade", Map.of());

        server.api().delete("/api/hosts/" + web.hostId());
        server.maintenance().checkUpgrades();

        second.receive(ToAgent.AgentUpgrade.class);
        comesBackAs(db, "0.2.0");
        eventually(() -> assertThat(rollout()).isEqualTo("finished"));
    }

    @Test
    void a_rollout_that_is_continued_waits_for_the_upgrade_that_was_running() throws Exception {
        var db = server.enrol("db");
        ready(web).drain();
        ready(db);
        server.api().post("/api/agents/upgrade", Map.of());
        server.stop();
        server.start();
        var first = web.connect();
        first.send(READY);
        first.receive(ToAgent.AgentUpgrade.class);
        var second = ready(db);

        assertThat(server.api().post("/api/agents/upgrade", Map.of()).outcome()).isEqualTo("202");

        assertThat(upgrades(second)).isEmpty();
        assertThat(server.api().get("/api/agents/upgrade").at("/rollout/current"))
                .isEqualTo(web.hostId());
        first.sendAndDrain(report("failed", "wrong hash"));
        assertThat(rollout()).isEqualTo("halted");
        server.stop();
        server.start();
        assertThat(rollout()).isEqualTo("halted");
    }

    @Test
    void an_agent_that_does_not_reconnect_halts_the_rollout() throws Exception {
        var first = ready(web);
        server.api().post("/api/agents/upgrade", Map.of());
        first.sendAndDrain(report("working", "restarting"));
        first.abort();
        eventually(
                () -> assertThat(server.api().get("/api/hosts/" + web.hostId()).at("/status"))
                        .isEqualTo("offline"));

        server.maintenance().checkUpgrades();
        assertThat(rollout()).isEqualTo("running");
        server.clock().skip(Upgrades.MAX_AWAY.plus(Duration.ofSeconds(1)));
        server.maintenance().checkUpgrades();

        assertThat(rollout()).isEqualTo("halted");
        assertThat(state(web)).isEqualTo("failed");
        assertThat(server.api().get("/api/agents/upgrade").at("/rollout/detail"))
                .contains("has not reconnected for 10 minutes");
    }

    @Test
    void a_rollout_and_a_single_upgrade_exclude_each_other() throws Exception {
        var db = server.enrol("db");
        ready(web);
        var second = ready(db);
        order(db);
        assertThat(server.api().post("/api/agents/upgrade", Map.of()).outcome()).isEqualTo("409 upgrade_running");
        second.sendAndDrain(report("failed", "wrong hash"));

        server.api().post("/api/agents/upgrade", Map.of());

        assertThat(order(db).outcome()).isEqualTo("409 upgrade_running");
    }

    @Test
    void a_single_upgrade_fails_if_the_agent_does_not_reconnect() throws Exception {
        ready(web);
        order(web);
        web.connect().abort();
        eventually(
                () -> assertThat(server.api().get("/api/hosts/" + web.hostId()).at("/status"))
                        .isEqualTo("offline"));

        server.maintenance().checkUpgrades();
        server.clock().skip(Upgrades.MAX_AWAY.plus(Duration.ofSeconds(1)));
        server.maintenance().checkUpgrades();

        assertThat(state(web)).isEqualTo("failed");
    }

    @Test
    void an_order_ends_when_the_server_no_longer_carries_its_version() throws Exception {
        ready(web);
        order(web);
        server.stop();
        server.bundle(Optional.of(new BundledAgent("0.3.0", HASH, 4_711)));
        server.start();

        ready(web);

        assertThat(state(web)).isEqualTo("failed");
        assertThat(order(web).outcome()).isEqualTo("202");
    }

    @Test
    void an_agent_upgraded_by_hand_to_a_newer_version_has_succeeded() throws Exception {
        ready(web);
        order(web);

        comesBackAs(web, "0.2.1");

        eventually(() -> assertThat(state(web)).isEqualTo("succeeded"));
    }

    @Test
    void pages_offer_the_upgrade_if_possible_and_otherwise_the_command_to_run() throws Exception {
        var anna = PageClient.signedIn(server);
        var host = "/hosts/" + web.hostId() + "/settings";
        var agent = web.connect();
        agent.sendAndDrain(new ToServer.UpgradeReport("off", Optional.empty(), Optional.of("<b>not</b> allowed")));
        var refused = anna.open(host);
        assertThat(refused.text("#upgrade")).contains("Older than this server", "<b>not</b> allowed");
        assertThat(refused.text("#upgrade-line")).contains("/agent/install.sh | sudo bash");
        assertThat(refused.buttons("Upgrade this agent")).isEmpty();
        var settings = anna.open("/settings");
        assertThat(settings.text("#agents")).contains("1 agent is older");
        assertThat(settings.buttons("Upgrade all agents")).isEmpty();

        agent.sendAndDrain(READY);

        var possible = anna.open(host);
        assertThat(possible.buttons("Upgrade this agent")).hasSize(1);
        assertThat(possible.source()).doesNotContain("install.sh");
        assertThat(anna.open("/settings").press("Upgrade all agents").status()).isEqualTo(200);
        agent.receive(ToAgent.AgentUpgrade.class);
        assertThat(anna.open("/settings").text("#agents")).contains("Upgrade to 0.2.0 requested");
        agent.sendAndDrain(report("failed", "wrong hash"));
        var failed = anna.open(host);
        assertThat(failed.text("#upgrade .banner")).contains("The upgrade to 0.2.0 failed: wrong hash");
        assertThat(failed.press("Upgrade this agent").status()).isEqualTo(200);
        agent.receive(ToAgent.AgentUpgrade.class);
    }

    private AgentClient ready(EnrolledAgent machine) throws Exception {
        var agent = machine.connect();
        agent.sendAndDrain(READY);
        return agent;
    }

    private void comesBackAs(EnrolledAgent machine, String version) throws Exception {
        var agent = server.dial();
        var nonce = agent.receive(ToAgent.Challenge.class).nonce();
        agent.send(machine.sign(SampleHellos.ofVersion(machine.hello(1, server.now()), version), nonce));
        agent.receive(ToAgent.Welcome.class);
        agent.drain();
    }

    private static List<ToAgent> upgrades(AgentClient agent) throws Exception {
        return agent.drain().stream()
                .filter(ToAgent.AgentUpgrade.class::isInstance)
                .toList();
    }

    private static ToServer report(String state, String detail) {
        return new ToServer.UpgradeReport(state, Optional.of("0.2.0"), Optional.of(detail));
    }

    private ApiResponse order(EnrolledAgent machine) throws Exception {
        return server.api().post("/api/hosts/" + machine.hostId() + "/upgrade", Map.of());
    }

    private String state(EnrolledAgent machine) throws Exception {
        for (var item : server.api().get("/api/agents/upgrade").json().path("items")) {
            if (item.path("host_id").asText().equals(machine.hostId())) {
                return item.path("state").asText("");
            }
        }
        throw new AssertionError("no such host");
    }

    private String rollout() throws Exception {
        return server.api().get("/api/agents/upgrade").at("/rollout/state");
    }

    private List<String> actions() throws Exception {
        return server.api().get("/api/audit").json().findValuesAsText("action");
    }
}
