package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An agent that is restarted whenever it ends, as by its unit, and upgraded to the version that the server carries. */
class UpgradeTest {

    private static final Path UNIT = Path.of("../agent/src/main/dist/restic-fleet-agent.service");

    @RegisterExtension
    final Fleet fleet = new Fleet();

    private Path jar;
    private Fleet.Machine machine;

    @Test
    void an_agent_finishes_its_run_is_upgraded_and_backs_up_again() throws Exception {
        var go = fleet.directory("signals").resolve("go");
        join("0.0.9", slow(go), Map.of("RESTIC_FLEET_ALLOW_UPGRADES", "1"));
        var job = fleet.server().run(machine.host());
        fleet.server().awaitRunning(job);

        fleet.server().post("/api/hosts/" + machine.host() + "/upgrade", Map.of());

        eventually(() -> assertThat(upgrade().path("detail").asText()).contains("waiting for the running job"));
        assertThat(fleet.server().job(job).path("status").asText()).isEqualTo("running");
        Files.createFile(go);
        assertThat(fleet.server().awaitEnd(job).path("status").asText()).isEqualTo("succeeded");
        eventually(() -> assertThat(upgrade().path("state").asText()).isEqualTo("succeeded"));
        assertThat(upgrade().path("agent_version").asText()).isEqualTo("0.1.0");
        assertThat(jar).hasSameBinaryContentAs(AgentProcess.JAR);
        assertThat(jar.resolveSibling("agent.jar.previous")).exists();
        eventually(() -> assertThat(machine.stateDir().resolve("upgrade.json")).doesNotExist());
        var next = fleet.server().awaitEnd(fleet.server().run(machine.host()));
        assertThat(next.path("status").asText()).isEqualTo("succeeded");
    }

    @Test
    void a_version_that_fails_at_once_is_rolled_back() throws Exception {
        join("0.0.9", Restic.newest().file(), Map.of("RESTIC_FLEET_ALLOW_UPGRADES", "1"));
        var directory = fleet.directory("bad release");
        fleet.server().stop();
        fleet.server()
                .useJar(Versions.server(
                        directory.resolve("server.jar"), Versions.brokenAgent(directory.resolve("a.jar"), "0.2.0")));
        fleet.server().restart();
        fleet.server().awaitOnline(machine.host());
        eventually(() -> assertThat(upgrade().path("refusal").isNull()).isTrue());

        fleet.server().post("/api/agents/upgrade", Map.of());

        eventually(() -> assertThat(upgrade().path("state").asText()).isEqualTo("failed"));
        assertThat(upgrade().path("detail").asText()).contains("ended repeatedly");
        assertThat(upgrade().path("agent_version").asText()).isEqualTo("0.0.9");
        assertThat(fleet.server()
                        .get("/api/agents/upgrade")
                        .at("/rollout/state")
                        .asText())
                .isEqualTo("halted");
        fleet.server().awaitOnline(machine.host());
        var job = fleet.server().awaitEnd(fleet.server().run(machine.host()));
        assertThat(job.path("status").asText()).isEqualTo("succeeded");
    }

    @Test
    void without_the_owners_permission_nothing_is_replaced() throws Exception {
        join("0.0.9", Restic.newest().file(), Map.of());
        eventually(() -> assertThat(upgrade().path("refusal").asText()).contains("owner of this machine"));

        var refused = fleet.server().request("POST", "/api/hosts/" + machine.host() + "/upgrade", Map.of());

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.body().path("code").asText()).isEqualTo("upgrade_refused");
        assertThat(upgrade().path("agent_version").asText()).isEqualTo("0.0.9");
    }

    private JsonNode upgrade() throws Exception {
        return fleet.server().get("/api/agents/upgrade").at("/items/0");
    }

    /** A restic whose backups wait until a file exists. */
    private Path slow(Path go) throws Exception {
        var script = fleet.directory("slow").resolve("restic");
        Files.writeString(script, """
                #!/bin/sh
                case " $* " in *" backup "*) while [ ! -e '%s' ]; do sleep 0.1; done ;; esac
                exec '%s' "$@"
                """.formatted(go, Restic.newest().file()));
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void join(String version, Path restic, Map<String, String> more) throws Exception {
        machine = fleet.machine(Restic.newest(), Sources.small(fleet.directory("files")))
                .enrol();
        jar = Versions.agent(fleet.directory("lib").resolve("agent.jar"), version);
        var before = Files.writeString(machine.directory().resolve("before.sh"), before());
        var script = machine.directory().resolve("unit.sh");
        Files.writeString(script, """
                while :; do
                  sh '%s'
                  java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx64m -jar '%s' run --state-dir '%s'
                done
                """.formatted(before, jar, machine.stateDir()));
        var environment = new HashMap<>(more);
        environment.put("RESTIC_FLEET_RESTIC", restic.toString());
        fleet.owned(Program.start(
                machine.directory(),
                machine.directory().resolve("agent.log"),
                environment,
                java.util.List.of("bash", script.toString())));
        fleet.server().awaitOnline(machine.host());
    }

    /** The unit's ExecStartPre, with the paths of this machine. */
    private String before() throws Exception {
        var unit = Files.readString(UNIT).replace("\\\n", "");
        var line = unit.lines()
                .filter(text -> text.startsWith("ExecStartPre="))
                .findFirst()
                .orElseThrow();
        return line.substring(line.indexOf('\'') + 1, line.lastIndexOf('\''))
                .replace("$$", "$")
                .replace("/usr/lib/restic-fleet/restic-fleet-agent.jar", "'" + jar + "'")
                .replace("/var/lib/restic-fleet-agent", "'" + machine.stateDir() + "'");
    }
}
