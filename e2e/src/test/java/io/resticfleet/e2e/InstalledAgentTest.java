package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static io.resticfleet.e2e.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** An agent under its systemd unit: backup, restart, upgrade, change of mode, removal. */
@Order(1)
@Execution(ExecutionMode.CONCURRENT)
class InstalledAgentTest {

    private static final String JAR = "/usr/lib/restic-fleet/restic-fleet-agent.jar";
    /** Several starts, five seconds apart each. */
    private static final Duration TO_ROLL_BACK = Duration.ofSeconds(150);

    @RegisterExtension
    final Fleet fleet = new Fleet();

    private TestMachine machine;

    @BeforeEach
    void start() throws Exception {
        machine = fleet.empty();
    }

    @Test
    void an_agent_installed_by_one_line_backs_up_as_root_and_survives_a_restart() throws Exception {
        machine.must(
                "mkdir /var/data && echo secret > /var/data/file && chown nobody /var/data/file && chmod 600 /var/data/file");

        var output = machine.must(InstallLine.of(fleet.server()));

        assertThat(output)
                .contains("Enrolled as", "is installed and running", "OK       repository")
                .doesNotContain("PROBLEM", " INFO ");
        var host = fleet.server().items("/api/hosts").get(0).path("id").asText();
        fleet.server().awaitOnline(host);
        // A restic whose backup waits for a file.
        machine.must(
                "printf '%s\\n' '#!/bin/sh' 'case \" $* \" in *\" backup \"*) echo $$ > /var/pid; until [ -e /var/go ];"
                        + " do sleep 0.1; done;; esac' 'exec /usr/bin/restic \"$@\"' > /usr/local/bin/slow-restic;"
                        + " chmod +x /usr/local/bin/slow-restic;"
                        + " echo RESTIC_FLEET_RESTIC=/usr/local/bin/slow-restic >> /etc/default/restic-fleet-agent;"
                        + " systemctl restart restic-fleet-agent");
        fleet.server().awaitOnline(host);
        var job = fleet.server().run(host);
        eventually(() -> machine.must("test -s /var/pid"));
        var agent = machine.pid("restic-fleet-agent");

        machine.must("systemctl restart restic-fleet-agent");

        assertThat(machine.pid("restic-fleet-agent")).isNotEqualTo(agent);
        machine.must("kill -0 $(cat /var/pid) && touch /var/go");
        assertThat(fleet.server().awaitEnd(job).path("status").asText()).isEqualTo("succeeded");

        assertThat(machine.must(InstallLine.of(fleet.server())))
                .contains("is already enrolled", "is installed and running");
        assertThat(fleet.server().items("/api/hosts")).hasSize(1);
        machine.must(InstallLine.script(fleet.server()) + " --uninstall");
        assertThat(machine.files()).contains("/var/lib/restic-fleet-agent ").doesNotContain(".service", ".jar");
        machine.must(InstallLine.script(fleet.server()) + " --purge");
        assertThat(machine.files()).isEqualTo("0");
    }

    @Test
    void a_backup_only_agent_reads_everything_and_writes_only_its_repository() throws Exception {
        machine.must(
                "mkdir /var/data && echo secret > /var/data/file && chown nobody /var/data/file && chmod 600 /var/data/file");
        machine.must(
                "useradd --system --user-group restic-fleet-agent; install -d -o restic-fleet-agent /var/repository;"
                        + " mkdir /etc/systemd/system/restic-fleet-agent.service.d;"
                        + " printf '[Service]\\nReadWritePaths=/var/repository\\n'"
                        + " > /etc/systemd/system/restic-fleet-agent.service.d/repository.conf");

        assertThat(machine.must(InstallLine.of(fleet.server()) + " --backup-only"))
                .contains("is installed and running")
                .doesNotContain("PROBLEM");

        var host = fleet.server().items("/api/hosts").get(0).path("id").asText();
        fleet.server().awaitOnline(host);
        assertThat(machine.must("ps -o user:20= -p " + machine.pid("restic-fleet-agent")))
                .isEqualTo("restic-fleet-agent");
        var job = fleet.server().run(host);
        assertThat(fleet.server().awaitEnd(job).path("status").asText()).isEqualTo("succeeded");
        assertThat(machine.must("grep Cap /proc/" + machine.pid("restic-fleet-agent") + "/status"))
                .contains("CapEff:\t0000000000000004", "CapBnd:\t0000000000000004");

        assertThat(machine.must(InstallLine.of(fleet.server())))
                .contains("is backup-only and stays so", "is installed and running");
        assertThat(machine.must("grep ^User= /etc/systemd/system/restic-fleet-agent.service"))
                .isEqualTo("User=restic-fleet-agent");
        machine.must("touch -d tomorrow /var/lib/restic-fleet-agent/agent.jsa");
        assertThat(machine.must(InstallLine.of(fleet.server()) + " --full")).contains("is installed and running");
        assertThat(machine.must("ps -o user:20= -p " + machine.pid("restic-fleet-agent")))
                .isEqualTo("root");
        assertThat(machine.must("find /var/lib/restic-fleet-agent ! -user root"))
                .isEmpty();
    }

    @Test
    void an_installed_agent_is_upgraded_and_a_version_that_fails_at_once_is_rolled_back() throws Exception {
        var directory = fleet.directory("releases");
        machine.must("mkdir /var/data && echo x > /var/data/file");
        machine.must(InstallLine.of(fleet.server()));
        var host = fleet.server().items("/api/hosts").get(0).path("id").asText();
        machine.must("echo RESTIC_FLEET_ALLOW_UPGRADES=1 >> /etc/default/restic-fleet-agent; cp '"
                + Versions.agent(directory.resolve("old.jar"), "0.0.9") + "' " + JAR
                + "; systemctl restart restic-fleet-agent");
        eventually(() -> assertThat(upgrade("agent_version")).isEqualTo("0.0.9"));
        eventually(() -> assertThat(upgrade("refusal")).isEqualTo("null"));

        fleet.server().post("/api/hosts/" + host + "/upgrade", Map.of());

        eventually(() -> assertThat(upgrade("state")).isEqualTo("succeeded"));
        assertThat(upgrade("agent_version")).isEqualTo("0.1.0");
        machine.must("cmp " + JAR + " '" + AgentProcess.JAR + "' && [ -e " + JAR + ".previous ]");

        fleet.server().stop();
        fleet.server()
                .useJar(Versions.server(
                        directory.resolve("server.jar"), Versions.brokenAgent(directory.resolve("bad.jar"), "0.2.0")));
        fleet.server().restart();
        fleet.server().awaitOnline(host);
        eventually(() -> assertThat(upgrade("refusal")).isEqualTo("null"));
        fleet.server().post("/api/hosts/" + host + "/upgrade", Map.of());

        within(TO_ROLL_BACK, () -> assertThat(upgrade("state")).isEqualTo("failed"));
        assertThat(upgrade("detail")).contains("ended repeatedly");
        fleet.server().awaitOnline(host);
        assertThat(upgrade("agent_version")).isEqualTo("0.1.0");
        var job = fleet.server().awaitEnd(fleet.server().run(host));
        assertThat(job.path("status").asText()).isEqualTo("succeeded");
    }

    /** A field of the machine's upgrade as shown by the server. */
    private String upgrade(String field) throws Exception {
        return fleet.server().get("/api/agents/upgrade").at("/items/0/" + field).asText();
    }
}
