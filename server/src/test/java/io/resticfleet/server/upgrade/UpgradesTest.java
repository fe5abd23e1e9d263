package io.resticfleet.server.upgrade;

import static io.resticfleet.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.Answer;
import io.resticfleet.server.FakeAgent;
import io.resticfleet.server.FakeMachine;
import io.resticfleet.server.TestServer;
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

    private FakeMachine web;

    @BeforeEach
    void offerNewerVersion() throws Exception {
        server.stop();
        server.offer = Optional.of(new BundledAgent("0.2.0", HASH, 4_711));
        server.start();
        web = server.enrol("web");
    }

    @Test
    void an_agent_with_an_order_upgrades_to_the_newer_version() throws Exception {
        var agent = ready(web);

        assertThat(order(web).outcome()).isEqualTo("202");

        assertThat(agent.hears(ToAgent.AgentUpgrade.class)).isEqualTo(new ToAgent.AgentUpgrade("0.2.0", HASH, 4_711));
        assertThat(state(web)).isEqualTo("ordered");
        assertThat(order(web).outcome()).isEqualTo("409 upgrade_running");
        agent.sayAndHear(report("working", "waiting for a run"));
        assertThat(state(web)).isEqualTo("working");
        assertThat(server.get("/api/agents/upgrade").at("/items/0/detail")).isEqualTo("waiting for a run");
        agent.vanish();

        comesBackAs(web, "0.2.0");

        eventually(() -> assertThat(state(web)).isEqualTo("succeeded"));
        assertThat(order(web).outcome()).isEqualTo("409 up_to_date");
        assertThat(actions()).containsSubsequence("agent.upgraded", "agent.upgrade");
    }

    @Test
    void a_failure_is_shown_with_its_reason_and_can_be_retried() throws Exception {
        var agent = ready(web);
        order(web);

        agent.sayAndHear(report("failed", "the server did not accept it within 90 s"));

        assertThat(state(web)).isEqualTo("failed");
        assertThat(server.get("/api/agents/upgrade").at("/items/0/detail")).contains("within 90 s");
        assertThat(actions()).contains("agent.upgrade_failed");
        long entries = actions().stream().filter("agent.upgrade_failed"::equals).count();
        agent.sayAndHear(report("failed", "the server did not accept it within 90 s"));
        assertThat(actions().stream().filter("agent.upgrade_failed"::equals).count())
                .isEqualTo(entries);
        assertThat(order(web).outcome()).isEqualTo("202");
    }

    @Test
    void a_lost_order_is_sent_again() throws Exception {
        var agent = ready(web);
        order(web);
        agent.vanish();

        var again = server.connect(web);
        again.say(READY);

        assertThat(again.hears(ToAgent.AgentUpgrade.class).version()).isEqualTo("0.2.0");
    }

    @Test
    void an_impossible_upgrade_is_refused_with_the_reason() throws Exception {
        assertThat(server.post("/api/hosts/nobody/upgrade", Map.of()).outcome()).isEqualTo("404 not_found");
        var agent = server.connect(web);
        var silent = order(web);
        assertThat(silent.outcome()).isEqualTo("409 upgrade_refused");
        assertThat(silent.text()).contains("run the install command");
        agent.sayAndHear(
                new ToServer.UpgradeReport("off", Optional.empty(), Optional.of("the owner does not allow it")));
        assertThat(order(web).outcome()).isEqualTo("409 upgrade_refused");
        assertThat(order(web).text()).contains("the owner does not allow it");
        assertThat(server.post("/api/agents/upgrade", Map.of()).outcome()).isEqualTo("409 up_to_date");
        agent.sayAndHear(READY);
        agent.vanish();
        eventually(() -> assertThat(order(web).outcome()).isEqualTo("409 host_offline"));

        server.stop();
        server.offer = Optional.empty();
        server.start();
        assertThat(order(web).outcome()).isEqualTo("409 no_agent_jar");
        assertThat(server.get("/api/agents/upgrade").json().path("offered").isNull())
                .isTrue();
    }

    @Test
    void all_agents_are_upgraded_one_at_a_time_and_offline_ones_are_skipped() throws Exception {
        var db = server.enrol("db");
        var mail = server.enrol("mail");
        var first = ready(web);
        ready(db).vanish();
        var third = ready(mail);
        eventually(() -> assertThat(server.get("/api/hosts/" + db.hostId()).at("/status"))
                .isEqualTo("offline"));

        assertThat(server.post("/api/agents/upgrade", Map.of()).outcome()).isEqualTo("202");

        first.hears(ToAgent.AgentUpgrade.class);
        assertThat(upgrades(third)).isEmpty();
        assertThat(rollout()).isEqualTo("running");
        assertThat(server.post("/api/agents/upgrade", Map.of()).outcome()).isEqualTo("409 upgrade_running");
        first.vanish();
        comesBackAs(web, "0.2.0");
        third.hears(ToAgent.AgentUpgrade.class);
        assertThat(server.get("/api/agents/upgrade").at("/rollout/current")).isEqualTo(mail.hostId());
        third.vanish();
        comesBackAs(mail, "0.2.0");
        eventually(() -> assertThat(rollout()).isEqualTo("finished"));
        assertThat(state(db)).isEmpty();
    }

    @Test
    void the_first_failure_halts_the_rollout() throws Exception {
        var db = server.enrol("db");
        var first = ready(web);
        var second = ready(db);
        server.post("/api/agents/upgrade", Map.of());

        first.sayAndHear(report("failed", "wrong hash"));

        var all = server.get("/api/agents/upgrade");
        assertThat(all.at("/rollout/state")).isEqualTo("halted");
        assertThat(all.at("/rollout/detail")).contains("web", "wrong hash");
        assertThat(all.at("/rollout/waiting/0")).isEqualTo(db.hostId());
        assertThat(upgrades(second)).isEmpty();
        assertThat(state(db)).isEmpty();
    }

    @Test
    void an_agent_that_does_not_reconnect_halts_the_rollout() throws Exception {
        var first = ready(web);
        server.post("/api/agents/upgrade", Map.of());
        first.sayAndHear(report("working", "restarting"));
        first.vanish();
        eventually(() -> assertThat(server.get("/api/hosts/" + web.hostId()).at("/status"))
                .isEqualTo("offline"));

        server.checkUpgrades();
        assertThat(rollout()).isEqualTo("running");
        server.skipped = Upgrades.MAX_AWAY.plus(Duration.ofSeconds(1));
        server.checkUpgrades();

        assertThat(rollout()).isEqualTo("halted");
        assertThat(state(web)).isEqualTo("failed");
        assertThat(server.get("/api/agents/upgrade").at("/rollout/detail"))
                .contains("has not reconnected for 10 minutes");
    }

    @Test
    void a_rollout_and_a_single_upgrade_exclude_each_other() throws Exception {
        var db = server.enrol("db");
        ready(web);
        var second = ready(db);
        order(db);
        assertThat(server.post("/api/agents/upgrade", Map.of()).outcome()).isEqualTo("409 upgrade_running");
        second.sayAndHear(report("failed", "wrong hash"));

        server.post("/api/agents/upgrade", Map.of());

        assertThat(order(db).outcome()).isEqualTo("409 upgrade_running");
    }

    @Test
    void a_single_upgrade_fails_if_the_agent_does_not_reconnect() throws Exception {
        ready(web);
        order(web);
        server.connect(web).vanish();
        eventually(() -> assertThat(server.get("/api/hosts/" + web.hostId()).at("/status"))
                .isEqualTo("offline"));

        server.checkUpgrades();
        server.skipped = Upgrades.MAX_AWAY.plus(Duration.ofSeconds(1));
        server.checkUpgrades();

        assertThat(state(web)).isEqualTo("failed");
    }

    @Test
    void an_order_ends_when_the_server_no_longer_carries_its_version() throws Exception {
        ready(web);
        order(web);
        server.stop();
        server.offer = Optional.of(new BundledAgent("0.3.0", HASH, 4_711));
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
        var host = "/hosts/" + web.hostId() + "/settings";
        var agent = server.connect(web);
        agent.sayAndHear(new ToServer.UpgradeReport("off", Optional.empty(), Optional.of("<b>not</b> allowed")));
        assertThat(page(host))
                .contains("Older than this server", "&lt;b&gt;not&lt;/b&gt; allowed", "/agent/install.sh | sudo bash")
                .doesNotContain("Upgrade this agent");
        assertThat(page("/settings")).contains("1 agent is older").doesNotContain("Upgrade all agents");

        agent.sayAndHear(READY);

        assertThat(page(host)).contains("Upgrade this agent").doesNotContain("install.sh");
        assertThat(page("/settings")).contains("Upgrade all agents");
        var form = server.request("POST", "/settings/agents/upgrade", "", cookie());
        assertThat(form.status()).as(form.text()).isEqualTo(303);
        agent.hears(ToAgent.AgentUpgrade.class);
        agent.sayAndHear(report("failed", "wrong hash"));
        assertThat(page(host)).contains("The upgrade to 0.2.0 failed: wrong hash", "Upgrade this agent");
        assertThat(server.request("POST", "/hosts/" + web.hostId() + "/upgrade", "", cookie())
                        .status())
                .isEqualTo(303);
        agent.hears(ToAgent.AgentUpgrade.class);
    }

    private String page(String path) throws Exception {
        return server.request("GET", path, "", cookie()).text();
    }

    private String[] cookie() {
        return new String[] {"Accept", "text/html", "Cookie", "rf_session=" + server.session(), "Origin", server.url()};
    }

    private FakeAgent ready(FakeMachine machine) throws Exception {
        var agent = server.connect(machine);
        agent.sayAndHear(READY);
        return agent;
    }

    private void comesBackAs(FakeMachine machine, String version) throws Exception {
        var agent = server.dial();
        var nonce = agent.hears(ToAgent.Challenge.class).nonce();
        agent.say(machine.sign(FakeMachine.ofVersion(machine.hello(1, server.now), version), nonce));
        agent.hears(ToAgent.Welcome.class);
    }

    private static List<ToAgent> upgrades(FakeAgent agent) throws Exception {
        return agent.hearsUntilNow().stream()
                .filter(ToAgent.AgentUpgrade.class::isInstance)
                .toList();
    }

    private static ToServer report(String state, String detail) {
        return new ToServer.UpgradeReport(state, Optional.of("0.2.0"), Optional.of(detail));
    }

    private Answer order(FakeMachine machine) throws Exception {
        return server.post("/api/hosts/" + machine.hostId() + "/upgrade", Map.of());
    }

    private String state(FakeMachine machine) throws Exception {
        for (var item : server.get("/api/agents/upgrade").json().path("items")) {
            if (item.path("host_id").asText().equals(machine.hostId())) {
                return item.path("state").asText("");
            }
        }
        throw new AssertionError("no such host");
    }

    private String rollout() throws Exception {
        return server.get("/api/agents/upgrade").at("/rollout/state");
    }

    private List<String> actions() throws Exception {
        return server.get("/api/audit").json().findValuesAsText("action");
    }
}
