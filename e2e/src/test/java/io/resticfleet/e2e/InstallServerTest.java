package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.ServerSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The server installed by its install command, with user, settings and service. */
class InstallServerTest {

    private static final JsonMapper JSON = new JsonMapper();

    @RegisterExtension
    static final Fleet FLEET = new Fleet();

    private TestMachine machine;

    @BeforeEach
    void start() throws Exception {
        machine = FLEET.empty();
    }

    @Test
    void a_server_is_installed_repaired_and_removed() throws Exception {
        int port = TestMachine.freePort();
        var install = "java -jar " + ServerProcess.JAR + " install --listen 127.0.0.1:" + port;

        assertThat(machine.must(install)).contains("is installed and running", "bootstrap-token");
        answers(port);
        assertThat(
                        machine.must(
                                "stat -c %U:%a /var/lib/restic-fleet /var/lib/restic-fleet/restic-fleet.db /etc/default/restic-fleet"))
                .isEqualTo("restic-fleet:700\nrestic-fleet:600\nroot:600");
        assertThat(machine.must("ps -o user:20= -p " + machine.pid("restic-fleet")))
                .isEqualTo("restic-fleet");
        assertThat(machine.must("runuser -u restic-fleet -- env RESTIC_FLEET_DATA_DIR=/var/lib/restic-fleet java -jar "
                        + ServerProcess.JAR + " doctor"))
                .contains("OK      address: 127.0.0.1:" + port + ": the server is running");

        machine.must(
                "rm /etc/systemd/system/restic-fleet.service; echo broken > /usr/lib/restic-fleet/restic-fleet.jar");
        var other = TestMachine.freePort();
        machine.must(
                "systemctl stop restic-fleet; java -jar " + ServerProcess.JAR + " install --listen 127.0.0.1:" + other);
        answers(other);
        assertThat(machine.must("cat /usr/lib/restic-fleet/restic-fleet.jar.previous"))
                .isEqualTo("broken");
        assertThat(machine.must("grep -v '^#' /etc/default/restic-fleet"))
                .isEqualTo("RESTIC_FLEET_LISTEN=127.0.0.1:" + other);

        // While it runs, with a public URL that leads to it later, or still to the version before.
        machine.must("java -jar " + ServerProcess.JAR + " install --public-url http://127.0.0.1:1");
        answers(other);

        machine.must("java -jar " + ServerProcess.JAR + " uninstall");
        assertThat(machine.files()).contains("/var/lib/restic-fleet ").doesNotContain(".service");
        machine.must("java -jar " + ServerProcess.JAR + " purge");
        assertThat(machine.files()).isEqualTo("0");
    }

    @Test
    void a_server_that_cannot_run_as_its_own_user_is_not_reported_as_running() throws Exception {
        var low = machine.run("java -jar " + ServerProcess.JAR + " install --listen 127.0.0.1:443");
        assertThat(low.status()).isEqualTo(1);
        assertThat(low.output()).contains("only root may listen on port 443", "Nothing was installed");
        assertThat(machine.files()).isEqualTo("0");
        // It never answers, so a shorter wait is enough.
        machine.must("printf '#!/bin/sh\\nshift; exec /usr/bin/timeout 5 \"$@\"\\n' > /usr/local/bin/timeout;"
                + " chmod +x /usr/local/bin/timeout");
        machine.must("mkdir -m 0700 /var/tls && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
                + " -days 9 -subj /CN=x -keyout /var/tls/key.pem -out /var/tls/cert.pem");

        var ended = machine.run("java -jar " + ServerProcess.JAR + " install --listen 127.0.0.1:"
                + TestMachine.freePort() + " --tls-cert /var/tls/cert.pem --tls-key /var/tls/key.pem");

        assertThat(ended.status()).as(ended.output()).isEqualTo(1);
        assertThat(ended.output())
                .contains("nothing answers at 127.0.0.1", "a file that the user restic-fleet cannot read")
                .doesNotContain("is installed and running");
    }

    @Test
    void a_noexec_directory_is_named() throws Exception {
        var ended = machine.run("mkdir /run/tmp; java -Dorg.sqlite.tmpdir=/run/tmp -jar " + ServerProcess.JAR
                + " --listen 127.0.0.1:" + TestMachine.freePort() + " --data-dir /var/fleet");

        assertThat(ended.status()).as(ended.output()).isEqualTo(1);
        assertThat(ended.output())
                .contains("SQLite's library cannot be loaded from /run/tmp", "mounted noexec", "-Dorg.sqlite.tmpdir=")
                .doesNotContain("damaged");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            rm -r /run/systemd                                  | no systemd on this machine
            mount -o bind,ro /etc /etc                          | is it read-only?
            """)
    void a_server_that_cannot_be_installed_explains_why_and_leaves_nothing(String damage, String words)
            throws Exception {
        var before = machine.files();
        machine.must(damage);

        var ended =
                machine.run("java -jar " + ServerProcess.JAR + " install --listen 127.0.0.1:" + TestMachine.freePort());

        assertThat(ended.status()).as(ended.output()).isEqualTo(1);
        assertThat(ended.output()).contains(words);
        assertThat(machine.files()).isEqualTo(before);
    }

    @Test
    void a_taken_port_and_a_wrong_setting_are_reported_before_anything_is_installed() throws Exception {
        try (var taken = new ServerSocket(0)) {
            var ended =
                    machine.run("java -jar " + ServerProcess.JAR + " install --listen 0.0.0.0:" + taken.getLocalPort());
            assertThat(ended.status()).as(ended.output()).isEqualTo(1);
            assertThat(ended.output()).contains("cannot listen on", "nothing was installed");
        }
        var elsewhere = machine.run("java -jar " + ServerProcess.JAR + " install --data-dir /srv");
        assertThat(elsewhere.status()).isEqualTo(1);
        assertThat(elsewhere.output()).contains("leave out --data-dir");
        var wrong = machine.run("java -jar " + ServerProcess.JAR + " install --listen nowhere");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(machine.files()).isEqualTo("0");
    }

    private void answers(int port) throws Exception {
        eventually(() -> assertThat(JSON.readTree(machine.must("curl -fsS http://127.0.0.1:" + port + "/healthz"))
                        .path("status")
                        .asText())
                .isEqualTo("ok"));
    }
}
