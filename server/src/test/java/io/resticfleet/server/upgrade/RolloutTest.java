package io.resticfleet.server.upgrade;

import static io.resticfleet.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.server.AgentClient;
import io.resticfleet.server.EnrolledAgent;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.PageClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The upgrade of all agents, one after the other. */
class RolloutTest {

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
    void all_agents_are_upgraded_one_at_a_time_and_offline_ones_are_skipped() throws Exception {
        var db = server.enrol("db");
        var mail = server.enrol("mail");
        var first = agents.ready(web);
        agents.ready(db).abort();
        var third = agents.ready(mail);
        eventually(
                () -> assertThat(server.api().get("/api/hosts/" + db.hostId()).at("/status"))
                        .isEqualTo("offline"));

        assertThat(server.api().post("/api/agents/upgrade", Map.of()).outcome()).isEqualTo("202");

        first.receive(ToAgent.AgentUpgrade.class);
        assertThat(upgrades(third)).isEmpty();
        assertThat(rollout()).isEqualTo("running");
        assertThat(server.api().post("/api/agents/upgrade", Map.of()).outcome()).isEqualTo("409 upgrade_running");
        first.abort();
        agents.comesBackAs(web, "0.2.0");
        third.receive(ToAgent.AgentUpgrade.class);
        assertThat(server.api().get("/api/agents/upgrade").at("/rollout/current"))
                .isEqualTo(mail.hostId());
        third.abort();
        agents.comesBackAs(mail, "0.2.0");
        eventually(() -> assertThat(rollout()).isEqualTo("finished"));
        assertThat(agents.state(db)).isEmpty();
    }

    @Test
    void the_first_failure_halts_the_rollout() throws Exception {
        var db = server.enrol("db");
        var first = agents.ready(web);
        var second = agents.ready(db);
        server.api().post("/api/agents/upgrade", Map.of());

        first.sendAndDrain(OlderAgents.report("failed", "wrong hash"));

        var all = server.api().get("/api/agents/upgrade");
        assertThat(all.at("/rollout/state")).isEqualTo("halted");
        assertThat(all.at("/rollout/detail")).contains("web", "wrong hash");
        assertThat(all.at("/rollout/waiting/0")).isEqualTo(db.hostId());
        assertThat(upgrades(second)).isEmpty();
        assertThat(agents.state(db)).isEmpty();
    }

    @Test
    void a_rollout_whose_machines_were_deleted_is_finished_after_a_restart() throws Exception {
        agents.ready(web).drain();
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
        agents.ready(web).drain();
        agents.ready(db);
        server.api().post("/api/agents/upgrade", Map.of());

        server.stop();
        server.start();
        agents.comesBackAs(web, "0.2.0");
        var second = agents.ready(db);
        server.maintenance().checkUpgrades();

        assertThat(rollout()).isEqualTo("paused");
        assertThat(agents.state(web)).isEqualTo("succeeded");
        assertThat(upgrades(second)).isEmpty();
        var settings = PageClient.signedIn(server).open("/settings");
        assertThat(settings.text("#agents")).contains("interrupted by a restart of the server");
        assertThat(settings.press("Continue the upgrade").status()).isEqualTo(200);
        second.receive(ToAgent.AgentUpgrade.class);
        assertThat(rollout()).isEqualTo("running");
        agents.comesBackAs(db, "0.2.0");
        eventually(() -> assertThat(rollout()).isEqualTo("finished"));
    }

    @Test
    void a_paused_rollout_leaves_out_hosts_that_were_deleted() throws Exception {
        var db = server.enrol("db");
        var mail = server.enrol("mail");
        for (var host : List.of(web, db, mail)) {
            agents.ready(host).drain();
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
        agents.ready(web).drain();
        var second = agents.ready(db);
        server.api().post("/api/agents/upgrade", Map.of());

        server.api().delete("/api/hosts/" + web.hostId());
        server.maintenance().checkUpgrades();

        second.receive(ToAgent.AgentUpgrade.class);
        agents.comesBackAs(db, "0.2.0");
        eventually(() -> assertThat(rollout()).isEqualTo("finished"));
    }

    @Test
    void a_rollout_that_is_continued_waits_for_the_upgrade_that_was_running() throws Exception {
        var db = server.enrol("db");
        agents.ready(web).drain();
        agents.ready(db);
        server.api().post("/api/agents/upgrade", Map.of());
        server.stop();
        server.start();
        var first = web.connect();
        first.send(OlderAgents.READY);
        first.receive(ToAgent.AgentUpgrade.class);
        var second = agents.ready(db);

        assertThat(server.api().post("/api/agents/upgrade", Map.of()).outcome()).isEqualTo("202");

        assertThat(upgrades(second)).isEmpty();
        assertThat(server.api().get("/api/agents/upgrade").at("/rollout/current"))
                .isEqualTo(web.hostId());
        first.sendAndDrain(OlderAgents.report("failed", "wrong hash"));
        assertThat(rollout()).isEqualTo("halted");
        server.stop();
        server.start();
        assertThat(rollout()).isEqualTo("halted");
    }

    @Test
    void an_agent_that_does_not_reconnect_halts_the_rollout() throws Exception {
        var first = agents.ready(web);
        server.api().post("/api/agents/upgrade", Map.of());
        first.sendAndDrain(OlderAgents.report("working", "restarting"));
        first.abort();
        eventually(
                () -> assertThat(server.api().get("/api/hosts/" + web.hostId()).at("/status"))
                        .isEqualTo("offline"));

        server.maintenance().checkUpgrades();
        assertThat(rollout()).isEqualTo("running");
        server.clock().skip(Upgrades.MAX_AWAY.plus(Duration.ofSeconds(1)));
        server.maintenance().checkUpgrades();

        assertThat(rollout()).isEqualTo("halted");
        assertThat(agents.state(web)).isEqualTo("failed");
        assertThat(server.api().get("/api/agents/upgrade").at("/rollout/detail"))
                .contains("has not reconnected for 10 minutes");
    }

    @Test
    void a_rollout_and_a_single_upgrade_exclude_each_other() throws Exception {
        var db = server.enrol("db");
        agents.ready(web);
        var second = agents.ready(db);
        agents.order(db);
        assertThat(server.api().post("/api/agents/upgrade", Map.of()).outcome()).isEqualTo("409 upgrade_running");
        second.sendAndDrain(OlderAgents.report("failed", "wrong hash"));

        server.api().post("/api/agents/upgrade", Map.of());

        assertThat(agents.order(db).outcome()).isEqualTo("409 upgrade_running");
    }

    private static List<ToAgent> upgrades(AgentClient agent) throws Exception {
        return agent.drain().stream()
                .filter(ToAgent.AgentUpgrade.class::isInstance)
                .toList();
    }

    private String rollout() throws Exception {
        return server.api().get("/api/agents/upgrade").at("/rollout/state");
    }
}
