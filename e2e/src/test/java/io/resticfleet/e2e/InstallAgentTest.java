package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An agent installed by the line that the server's page shows, with users, capabilities and services. */
@Order(1)
class InstallAgentTest {

    private static final JsonMapper JSON = new JsonMapper();

    @RegisterExtension
    static final Fleet FLEET = new Fleet();

    private TestMachine machine;

    @BeforeEach
    void start() throws Exception {
        machine = FLEET.empty();
    }

    @Test
    void the_script_uses_the_settings_that_the_owner_wrote_for_the_service_and_ignores_what_java_prints()
            throws Exception {
        machine.must("cp /usr/bin/restic /var/other-restic; rm /usr/bin/restic;"
                + " echo \"#!/bin/sh\nexec $(readlink -f /usr/bin/java) '-Xlog:os*=info' \\\"\\$@\\\"\" > /var/java;"
                + " chmod +x /var/java; ln -sf /bin/false /usr/bin/java;"
                + " printf '%s\\n' '# mine' 'JAVA=\"/var/java\"' 'RESTIC_FLEET_RESTIC=/var/other-restic'"
                + " > /etc/default/restic-fleet-agent");

        assertThat(machine.must(InstallLine.of(FLEET.server())))
                .contains("Enrolled as", "is installed and running")
                .doesNotContain("PROBLEM");
        assertThat(machine.must("cat /etc/systemd/system/restic-fleet-agent.service"))
                .doesNotContain("[info]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            rm -r /run/systemd                       | no systemd on this machine
            mount -o bind,ro /etc /etc               | is it read-only?
            rm /usr/bin/restic                       | missing on this machine: restic. Install it with
            ln -sf /bin/false /usr/bin/java          | missing on this machine: Java 17 or newer. Install it with
            printf '#!/bin/sh\\necho restic 0.9.6' > /usr/bin/restic | 0.14 is the oldest
            printf '#!/bin/sh\\ncase $* in *-d*) exec /bin/date.old "$@";; +%s) echo 1000;; *) echo 1970-01-01;; esac' > /tmp/d; cp /bin/date /bin/date.old; cp /tmp/d /bin/date; chmod +x /bin/date | the clock of this machine is at
            """)
    void an_agent_that_cannot_be_installed_explains_why_and_leaves_nothing(String damage, String words)
            throws Exception {
        var line = InstallLine.of(FLEET.server());
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
    void missing_packages_are_named_for_the_distribution_and_installed_on_request(String manager, String command)
            throws Exception {
        var line = InstallLine.of(FLEET.server());
        machine.must(
                "mv /usr/bin/restic /var/restic; rm /usr/bin/apt-get; printf '#!/bin/sh\\ncp /var/restic /usr/bin/restic\\n'"
                        + " > /usr/local/bin/" + manager + "; chmod +x /usr/local/bin/" + manager);

        var ended = machine.run(line);
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.output()).contains("missing on this machine: restic. Install it with", command);
        assertThat(machine.files()).isEqualTo("0");

        if (manager.equals("dnf")) { // the rest is the same for all managers
            assertThat(machine.must(line + " --install-packages"))
                    .contains("installing restic", "is installed and running");
        }
    }

    @Test
    void a_server_with_a_self_signed_certificate_is_trusted_by_its_key_only() throws Exception {
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
        assertThat(other.output()).contains("could not be downloaded", "--pin");
        assertThat(machine.files()).doesNotContain("restic-fleet-agent");

        assertThat(machine.must(line)).contains("Enrolled as", "OK       server: " + url, "is installed and running");
        eventually(() -> assertThat(machine.must("journalctl -o cat -u restic-fleet-agent"))
                .contains("connected server="));
    }

    @Test
    void a_used_token_a_wrong_address_and_a_user_other_than_root_are_reported() throws Exception {
        var line = InstallLine.of(FLEET.server());
        var asNobody = machine.run("runuser -u nobody -- bash -c '" + line + "'");
        assertThat(asNobody.status()).isEqualTo(1);
        assertThat(asNobody.output()).contains("run as root");
        var nowhere = machine.run(line.replaceFirst("--server \\S+", "--server http://127.0.0.1:1"));
        assertThat(nowhere.status()).isEqualTo(1);
        assertThat(nowhere.output()).contains("could not be downloaded");
        var damaged = machine.run(line.replaceFirst("\\| bash", "| sed 's/^JAR_SHA256=..../&0000/' | bash"));
        assertThat(damaged.status()).isEqualTo(1);
        assertThat(damaged.output()).contains("the downloaded file is not the agent");
        assertThat(machine.files()).isEqualTo("0");

        var pin = machine.run(line + " --pin sha256/AAAA");
        assertThat(pin.status()).isEqualTo(1);
        assertThat(pin.output()).contains("44 characters of Base64");

        machine.must(line);
        var another = machine.run(line.replaceFirst("--server \\S+", "--server http://127.0.0.1:1"));
        assertThat(another.status()).isEqualTo(1);
        assertThat(another.output())
                .contains("this machine is enrolled with " + FLEET.server().url(), "Nothing was changed");
        machine.must(InstallLine.script(FLEET.server()) + " --purge");
        var again = machine.run(line);
        assertThat(again.status()).isEqualTo(1);
        assertThat(again.output()).contains("token", "this machine could not be enrolled; nothing was installed");
        assertThat(machine.files()).doesNotContain(".service", ".jar");
    }

    @Test
    void a_machine_takes_the_place_of_another_with_the_strictest_policy_also_with_backup_only() throws Exception {
        var dead = FLEET.machine(Restic.newest(), Sources.small(FLEET.directory("files")))
                .enrol();
        var line =
                FLEET.server().replacement(dead.host()).path("command").asText().replace("sudo ", "");
        assertThat(machine.run(line + " --policy /nowhere").output()).contains("--policy must be a file");

        assertThat(machine.must(line + " --backup-only"))
                .contains(
                        "Enrolled as " + dead.name(),
                        "in place of its former machine",
                        "policy: the strictest one was written",
                        "is installed and running")
                .doesNotContain("may not read");

        assertThat(machine.must(
                        "stat -c '%a %U' /etc/restic-fleet/policy.json /var/lib/restic-fleet-agent/identity.json"))
                .isEqualTo("644 root\n600 restic-fleet-agent");
        FLEET.server().awaitOnline(dead.host());
        eventually(() -> assertThat(FLEET.server()
                        .get("/api/hosts/" + dead.host())
                        .at("/policy/hooks")
                        .asText())
                .isEqualTo("off"));
        assertThat(machine.must(line)).contains("already been used", "already enrolled; its identity is kept");
        FLEET.server().awaitOnline(dead.host());
        var late = machine.run(line.replaceFirst("echo \\S+;", "") + " --policy /etc/restic-fleet/policy.json");
        assertThat(late.output()).contains("the policy was not put in place");
    }

    @Test
    void existing_restic_jobs_are_listed_and_left_alone() throws Exception {
        machine.must(
                "printf '[Service]\\nExecStart=/usr/bin/restic backup /etc\\n' > /etc/systemd/system/my-backup.service;"
                        + " echo '0 3 * * * root restic backup /home' > /etc/cron.d/nightly");

        assertThat(machine.must(InstallLine.of(FLEET.server())))
                .contains("/etc/systemd/system/my-backup.service: systemctl disable --now my-backup.timer")
                .contains("/etc/cron.d/nightly: comment out");
    }
}
