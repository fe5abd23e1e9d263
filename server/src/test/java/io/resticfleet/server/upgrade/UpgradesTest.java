package io.resticfleet.server.upgrade;

import static io.resticfleet.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.PageClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Upgrades of single agents to the version that the server carries. */
class UpgradesTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    private final OlderAgents agents = new OlderAgents(server);
    private EnrolledAgent web;

    @BeforeEach
    void offerNewerVersion() throws Exception {
        agents.offer("0.2.0");
        web = server.enrol("web");
    }

    @Test
    void an_agent_with_an_order_upgrades_to_the_newer_version() throws Exception {
        var agent = agents.ready(web);

        assertThat(agents.order(web).outcome()).isEqualTo("202");

        assertThat(agent.receive(ToAgent.AgentUpgrade.class))
                .isEqualTo(new ToAgent.AgentUpgrade("0.2.0", OlderAgents.HASH, OlderAgents.SIZE));
        assertThat(agents.state(web)).isEqualTo("ordered");
        assertThat(agents.order(web).outcome()).isEqualTo("409 upgrade_running");
        agent.sendAndDrain(OlderAgents.report("working", "waiting for a run"));
        assertThat(agents.state(web)).isEqualTo("working");
        assertThat(server.api().get("/api/agents/upgrade").at("/items/0/detail"))
                .isEqualTo("waiting for a run");
        agent.abort();

        agents.comesBackAs(web, "0.2.0");

        eventually(() -> assertThat(agents.state(web)).isEqualTo("succeeded"));
        assertThat(agents.order(web).outcome()).isEqualTo("409 up_to_date");
        assertThat(actions()).containsSubsequence("agent.upgraded", "agent.upgrade");
    }

    @Test
    void a_failure_is_shown_with_its_reason_and_can_be_retried() throws Exception {
        var agent = agents.ready(web);
        agents.order(web);

        agent.sendAndDrain(OlderAgents.report("failed", "the server did not accept it within 90 s"));

        assertThat(agents.state(web)).isEqualTo("failed");
        assertThat(server.api().get("/api/agents/upgrade").at("/items/0/detail"))
                .contains("within 90 s");
        assertThat(actions()).contains("agent.upgrade_failed");
        long entries = actions().stream().filter("agent.upgrade_failed"::equals).count();
        agent.sendAndDrain(OlderAgents.report("failed", "the server did not accept it within 90 s"));
        assertThat(actions().stream().filter("agent.upgrade_failed"::equals).count())
                .isEqualTo(entries);
        assertThat(agents.order(web).outcome()).isEqualTo("202");
    }

    @Test
    void a_lost_order_is_sent_again() throws Exception {
        var agent = agents.ready(web);
        agents.order(web);
        agent.abort();

        var again = web.connect();
        again.send(OlderAgents.READY);

        assertThat(again.receive(ToAgent.AgentUpgrade.class).version()).isEqualTo("0.2.0");
    }

    @Test
    void an_impossible_upgrade_is_refused_with_the_reason() throws Exception {
        assertThat(server.api().post("/api/hosts/nobody/upgrade", Map.of()).outcome())
                .isEqualTo("404 not_found");
        var agent = web.connect();
        var silent = agents.order(web);
        assertThat(silent.outcome()).isEqualTo("409 upgrade_refused");
        assertThat(silent.text()).contains("run the install command");
        agent.sendAndDrain(
                new ToServer.UpgradeReport("off", Optional.empty(), Optional.of("the owner does not allow it")));
        assertThat(agents.order(web).outcome()).isEqualTo("409 upgrade_refused");
        assertThat(agents.order(web).text()).contains("the owner does not allow it");
        assertThat(server.api().post("/api/agents/upgrade", Map.of()).outcome()).isEqualTo("409 up_to_date");
        agent.sendAndDrain(OlderAgents.READY);
        agent.abort();
        eventually(() -> assertThat(agents.order(web).outcome()).isEqualTo("409 host_offline"));

        server.stop();
        server.bundle(Optional.empty());
        server.start();
        assertThat(agents.order(web).outcome()).isEqualTo("409 no_agent_jar");
        assertThat(server.api()
                        .get("/api/agents/upgrade")
                        .json()
                        .path("offered")
                        .isNull())
                .isTrue();
    }

    @Test
    void a_single_upgrade_fails_if_the_agent_does_not_reconnect() throws Exception {
        agents.ready(web);
        agents.order(web);
        web.connect().abort();
        eventually(
                () -> assertThat(server.api().get("/api/hosts/" + web.hostId()).at("/status"))
                        .isEqualTo("offline"));

        server.maintenance().checkUpgrades();
        server.clock().skip(Upgrades.MAX_AWAY.plus(Duration.ofSeconds(1)));
        server.maintenance().checkUpgrades();

        assertThat(agents.state(web)).isEqualTo("failed");
    }

    @Test
    void an_order_ends_when_the_server_no_longer_carries_its_version() throws Exception {
        agents.ready(web);
        agents.order(web);
        agents.offer("0.3.0");

        agents.ready(web);

        assertThat(agents.state(web)).isEqualTo("failed");
        assertThat(agents.order(web).outcome()).isEqualTo("202");
    }

    @Test
    void an_agent_upgraded_by_hand_to_a_newer_version_has_succeeded() throws Exception {
        agents.ready(web);
        agents.order(web);

        agents.comesBackAs(web, "0.2.1");

        eventually(() -> assertThat(agents.state(web)).isEqualTo("succeeded"));
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

        agent.sendAndDrain(OlderAgents.READY);

        var possible = anna.open(host);
        assertThat(possible.buttons("Upgrade this agent")).hasSize(1);
        assertThat(possible.source()).doesNotContain("install.sh");
        assertThat(anna.open("/settings").press("Upgrade all agents").status()).isEqualTo(200);
        agent.receive(ToAgent.AgentUpgrade.class);
        assertThat(anna.open("/settings").text("#agents")).contains("Upgrade to 0.2.0 requested");
        agent.sendAndDrain(OlderAgents.report("failed", "wrong hash"));
        var failed = anna.open(host);
        assertThat(failed.text("#upgrade .banner")).contains("The upgrade to 0.2.0 failed: wrong hash");
        assertThat(failed.press("Upgrade this agent").status()).isEqualTo(200);
        agent.receive(ToAgent.AgentUpgrade.class);
    }

    private List<String> actions() throws Exception {
        return server.api().get("/api/audit").json().findValuesAsText("action");
    }
}
