package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A machine to install things on: this one's programs, and directories {@code /etc}, {@code /usr} and {@code /var} of its own. */
final class TestMachine {

    private final Path directory;
    private final Program life;

    private TestMachine(Path directory, Program life) {
        this.directory = directory;
        this.life = life;
    }

    /** Skips the test where there can be none. */
    static TestMachine start(Path directory) throws Exception {
        Root.need("a machine to install on", "unshare", "nsenter", "setpriv", "runuser", "useradd");
        Root.may("a machine to install on", "unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt");
        var log = directory.resolve("machine.log");
        var disk = Files.createDirectories(directory.resolve("disk"));
        var life = Program.start(
                directory,
                log,
                Map.of(),
                List.of(Root.file("unshare"), "--mount", script().toString(), disk.toString()));
        eventually(() -> assertThat(life.log()).contains("ready"));
        return new TestMachine(directory, life);
    }

    private static Path script() throws URISyntaxException, IOException {
        return Path.of(TestMachine.class.getResource("/machine/machine.sh").toURI());
    }

    /** Runs a line of bash on it, as root. */
    Program.Ended run(String line) throws Exception {
        var command = new ArrayList<>(
                List.of(Root.file("nsenter"), "--target", Long.toString(life.pid()), "--mount", "bash", "-c", line));
        return Program.run(directory, Map.of(), command);
    }

    /** Runs a line of bash that must succeed; what it printed. */
    String must(String line) throws Exception {
        var ended = run(line);
        assertThat(ended.status()).as(line + ": " + ended.output()).isZero();
        return ended.output().strip();
    }

    /** The files that an installation could leave, with their sizes. */
    String files() throws Exception {
        return must(
                "find /etc/systemd/system /etc/default /usr/lib/restic-fleet /var/lib -name '*restic-fleet*' -printf"
                        + " '%p %s\\n' 2> /dev/null | sort; grep -c restic-fleet /etc/passwd || true");
    }

    /** A port of loopback, which is this machine's too, that nothing listens on. */
    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    void stop() throws Exception {
        run("for unit in /run/units/*.pid; do systemctl stop \"$(basename \"$unit\" .pid)\"; done");
        life.kill();
    }
}
