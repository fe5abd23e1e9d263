package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static io.resticfleet.e2e.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An agent put onto a machine by the line that the server's page shows, with its users, capabilities and services. */
class InstallAgentTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String JAR = "/usr/lib/restic-fleet/restic-fleet-agent.jar";
    /** Several starts, five seconds apart each. */
    private static final Duration THE_WAY_BACK = Duration.ofSeconds(150);

    @RegisterExtension
    final Fleet fleet = new Fleet();

    private TestMachine machine;

    @BeforeEach
    void start() throws Exception {
        machine = fleet.empty();
    }

    @Test
    void an_agent_is_installed_by_one_line_backs_up_what_only_root_may_read_and_goes_on_through_a_restart()
            throws Exception {
        machine.must(
                "mkdir /var/data && echo secret > /var/data/file && chown nobody /var/data/file && chmod 600 /var/data/file");

        var said = machine.must(line());

        assertThat(said)
                .contains("Enrolled as", "is installed and runs", "OK       repository")
                .doesNotContain("PROBLEM", " INFO ");
        var host = fleet.server().items("/api/hosts").get(0).path("id").asText();
        fleet.server().awaitOnline(host);
        // A restic that waits in the midst of its run until it is told to go on.
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
        assertThat(fleet.server().ended(job).path("status").asText()).isEqualTo("succeeded");

        assertThat(machine.must(line())).contains("has joined before", "is installed and runs");
        assertThat(fleet.server().items("/api/hosts")).hasSize(1);
        machine.must(script() + " --uninstall");
        assertThat(machine.files()).contains("/var/lib/restic-fleet-agent ").doesNotContain(".service", ".jar");
        machine.must(script() + " --purge");
        assertThat(machine.files()).isEqualTo("0");
    }

    @Test
    void a_backup_only_agent_reads_all_and_writes_nothing_but_its_repository() throws Exception {
        machine.must(
                "mkdir /var/data && echo secret > /var/data/file && chown nobody /var/data/file && chmod 600 /var/data/file");
        machine.must(
                "useradd --system --user-group restic-fleet-agent; install -d -o restic-fleet-agent /var/repository;"
                        + " mkdir /etc/systemd/system/restic-fleet-agent.service.d;"
                        + " printf '[Service]\\nReadWritePaths=/var/repository\\n'"
                        + " > /etc/systemd/system/restic-fleet-agent.service.d/repository.conf");

        assertThat(machine.must(line() + " --backup-only"))
                .contains("is installed and runs")
                .doesNotContain("PROBLEM");

        var host = fleet.server().items("/api/hosts").get(0).path("id").asText();
        fleet.server().awaitOnline(host);
        assertThat(machine.must("ps -o user:20= -p " + machine.pid("restic-fleet-agent")))
                .isEqualTo("restic-fleet-agent");
        var job = fleet.server().run(host);
        assertThat(fleet.server().ended(job).path("status").asText()).isEqualTo("succeeded");
        assertThat(machine.must("grep Cap /proc/" + machine.pid("restic-fleet-agent") + "/status"))
                .contains("CapEff:\t0000000000000004", "CapBnd:\t0000000000000004");

        assertThat(machine.must(line())).contains("is backup-only and stays so", "is installed and runs");
        assertThat(machine.must("grep ^User= /etc/systemd/system/restic-fleet-agent.service"))
                .isEqualTo("User=restic-fleet-agent");
        machine.must("touch -d tomorrow /var/lib/restic-fleet-agent/agent.jsa");
        assertThat(machine.must(line() + " --full")).contains("is installed and runs");
        assertThat(machine.must("ps -o user:20= -p " + machine.pid("restic-fleet-agent")))
                .isEqualTo("root");
        assertThat(machine.must("find /var/lib/restic-fleet-agent ! -user root"))
                .isEmpty();
    }

    @Test
    void an_installed_agent_becomes_the_next_version_and_leaves_one_that_ends_at_once() throws Exception {
        var place = fleet.place("releases");
        machine.must("mkdir /var/data");
        machine.must(line());
        var host = fleet.server().items("/api/hosts").get(0).path("id").asText();
        machine.must("echo RESTIC_FLEET_ALLOW_UPGRADES=1 >> /etc/default/restic-fleet-agent; cp '"
                + Versions.agent(place.resolve("old.jar"), "0.0.9") + "' " + JAR
                + "; systemctl restart restic-fleet-agent");
        eventually(() -> assertThat(upgrade("agent_version")).isEqualTo("0.0.9"));
        eventually(() -> assertThat(upgrade("refusal")).isEqualTo("null"));

        fleet.server().post("/api/hosts/" + host + "/upgrade", Map.of());

        eventually(() -> assertThat(upgrade("state")).isEqualTo("succeeded"));
        assertThat(upgrade("agent_version")).isEqualTo("0.1.0");
        machine.must("cmp " + JAR + " '" + AgentProcess.JAR + "' && [ -e " + JAR + ".previous ]");

        fleet.server().stop();
        fleet.server()
                .become(Versions.server(
                        place.resolve("server.jar"), Versions.quitter(place.resolve("bad.jar"), "0.2.0")));
        fleet.server().restart();
        fleet.server().awaitOnline(host);
        eventually(() -> assertThat(upgrade("refusal")).isEqualTo("null"));
        fleet.server().post("/api/hosts/" + host + "/upgrade", Map.of());

        within(THE_WAY_BACK, () -> assertThat(upgrade("state")).isEqualTo("failed"));
        assertThat(upgrade("detail")).contains("again and again");
        fleet.server().awaitOnline(host);
        assertThat(upgrade("agent_version")).isEqualTo("0.1.0");
        var job = fleet.server().ended(fleet.server().run(host));
        assertThat(job.path("status").asText()).isEqualTo("succeeded");
    }

    @Test
    void what_the_owner_has_written_for_the_service_counts_for_the_script_too() throws Exception {
        machine.must("cp /usr/bin/restic /var/other-restic; rm /usr/bin/restic;"
                + " ln -s \"$(readlink -f /usr/bin/java)\" /var/java; ln -sf /bin/false /usr/bin/java;"
                + " printf '%s\\n' '# mine' 'JAVA=\"/var/java\"' 'RESTIC_FLEET_RESTIC=/var/other-restic'"
                + " > /etc/default/restic-fleet-agent");

        assertThat(machine.must(line())).contains("is installed and runs").doesNotContain("PROBLEM");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            rm -r /run/systemd                       | no systemd on this machine
            mount -o bind,ro /etc /etc               | is it read-only?
            rm /usr/bin/restic                       | this machine lacks: restic. Install it with
            ln -sf /bin/false /usr/bin/java          | this machine lacks: Java 17 or newer. Install it with
            printf '#!/bin/sh\\necho restic 0.9.6' > /usr/bin/restic | 0.14 is the oldest
            printf '#!/bin/sh\\ncase $* in *-d*) exec /bin/date.old "$@";; +%s) echo 1000;; *) echo 1970-01-01;; esac' > /tmp/d; cp /bin/date /bin/date.old; cp /tmp/d /bin/date; chmod +x /bin/date | the clock of this machine says
            """)
    void an_agent_that_cannot_be_installed_says_why_and_leaves_nothing(String damage, String words) throws Exception {
        var line = line();
        machine.must(damage);

        var ended = machine.run(line);

        assertThat(ended.status()).as(ended.output()).isEqualTo(1);
        assertThat(ended.output()).contains(words);
        assertThat(machine.files()).isEqualTo("0");
    }

    @ParameterizedTest
    @CsvSource({
        "dnf, dnf install -y restic",
        "apk, apk add restic",
        "pacman, pacman -S --noconfirm --needed restic",
        "zypper, zypper --non-interactive install restic"
    })
    void what_is_missing_is_named_as_this_distribution_does_and_installed_if_asked_for(String manager, String command)
            throws Exception {
        var line = line();
        machine.must(
                "mv /usr/bin/restic /var/restic; rm /usr/bin/apt-get; printf '#!/bin/sh\\ncp /var/restic /usr/bin/restic\\n'"
                        + " > /usr/local/bin/" + manager + "; chmod +x /usr/local/bin/" + manager);

        var ended = machine.run(line);
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.output()).contains("this machine lacks: restic. Install it with", command);
        assertThat(machine.files()).isEqualTo("0");

        if (manager.equals("dnf")) { // the rest is the same for all
            assertThat(machine.must(line + " --install-packages"))
                    .contains("installing restic", "is installed and runs");
        }
    }

    @Test
    void a_server_with_a_certificate_of_its_own_is_trusted_by_its_key_and_no_other_is() throws Exception {
        int port = TestMachine.freePort();
        var url = "https://127.0.0.1:" + port;
        machine.must("java -jar " + ServerProcess.JAR + " install --tls self-signed --listen 127.0.0.1:" + port);
        eventually(() -> machine.must("curl -fsSk " + url + "/healthz"));
        machine.must("curl -fsSk " + url
                + "/api/bootstrap -d '{\"token\":\"'$(cat /var/lib/restic-fleet/bootstrap-token)'\","
                + "\"username\":\"admin\",\"password\":\"a-long-password\"}' &&"
                + " curl -fsSk -c /var/cookies " + url + "/api/auth/login -H 'Origin: " + url + "'"
                + " -d '{\"username\":\"admin\",\"password\":\"a-long-password\"}'");
        var line = JSON.readTree(
                        machine.must("curl -fsSk -b /var/cookies " + url + "/api/enrollment-tokens -H 'Origin: " + url
                                + "' -d '{\"repository\":{\"url\":\"/var/repository\"}}'"))
                .path("command")
                .asText()
                .replace("sudo ", "");
        assertThat(line).contains(" --pinnedpubkey sha256//", " --pin ");

        var other = machine.run(line.replaceAll("--pin [0-9a-f]{8}", "--pin 00000000"));
        assertThat(other.status()).isEqualTo(1);
        assertThat(other.output()).contains("could not be fetched", "--pin");
        assertThat(machine.files()).doesNotContain("restic-fleet-agent");

        assertThat(machine.must(line)).contains("Enrolled as", "OK       server: " + url, "is installed and runs");
        eventually(() -> assertThat(machine.must("journalctl -o cat -u restic-fleet-agent"))
                .contains("connected server="));
    }

    @Test
    void a_used_token_a_wrong_address_and_a_user_who_is_not_root_are_told() throws Exception {
        var line = line();
        var asNobody = machine.run("runuser -u nobody -- bash -c '" + line + "'");
        assertThat(asNobody.status()).isEqualTo(1);
        assertThat(asNobody.output()).contains("run as root");
        var nowhere = machine.run(line.replaceFirst("--server \\S+", "--server http://127.0.0.1:1"));
        assertThat(nowhere.status()).isEqualTo(1);
        assertThat(nowhere.output()).contains("could not be fetched");
        var damaged = machine.run(line.replaceFirst("\\| bash", "| sed 's/^JAR_SHA256=..../&0000/' | bash"));
        assertThat(damaged.status()).isEqualTo(1);
        assertThat(damaged.output()).contains("what was fetched is not the agent");
        assertThat(machine.files()).isEqualTo("0");

        var pin = machine.run(line + " --pin sha256/AAAA");
        assertThat(pin.status()).isEqualTo(1);
        assertThat(pin.output()).contains("44 of Base64");

        machine.must(line);
        var another = machine.run(line.replaceFirst("--server \\S+", "--server http://127.0.0.1:1"));
        assertThat(another.status()).isEqualTo(1);
        assertThat(another.output())
                .contains("this machine has joined " + fleet.server().url(), "Nothing was changed");
        machine.must(script() + " --purge");
        var again = machine.run(line);
        assertThat(again.status()).isEqualTo(1);
        assertThat(again.output()).contains("token", "the server did not let this machine join; nothing was installed");
        assertThat(machine.files()).doesNotContain(".service", ".jar");
    }

    @Test
    void what_backs_up_with_restic_already_is_named_and_left_alone() throws Exception {
        machine.must(
                "printf '[Service]\\nExecStart=/usr/bin/restic backup /etc\\n' > /etc/systemd/system/my-backup.service;"
                        + " echo '0 3 * * * root restic backup /home' > /etc/cron.d/nightly");

        assertThat(machine.must(line()))
                .contains("/etc/systemd/system/my-backup.service: systemctl disable --now my-backup.timer")
                .contains("/etc/cron.d/nightly: put # before");
    }

    /** A field of what the server shows of the machine's upgrade. */
    private String upgrade(String field) throws Exception {
        return fleet.server().get("/api/agents/upgrade").at("/items/0/" + field).asText();
    }

    /** The line that the server shows, for somebody who is root already. */
    private String line() throws Exception {
        var body = Map.of("repository", Map.of("url", "/var/repository"), "initial_paths", List.of("/var/data"));
        return fleet.server()
                .post("/api/enrollment-tokens", body)
                .path("command")
                .asText()
                .replace("sudo ", "");
    }

    private String script() throws Exception {
        return "curl -fsS " + fleet.server().url() + "/agent/install.sh | bash -s --";
    }
}
