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
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * A machine to install on: this one's programs, with its own systemd and its own directories {@code /etc}, {@code
 * /usr}, {@code /var} and {@code /run}.
 */
final class TestMachine {

    private static final String FEATURE = "a machine to install on";

    /** Why such a machine cannot be started here; determined once. */
    private static volatile Optional<String> impossible = Optional.empty();

    private final Path directory;
    private final Program life;
    private final long systemd;

    private TestMachine(Path directory, Program life) {
        this.directory = directory;
        this.life = life;
        this.systemd = ProcessHandle.of(life.pid())
                .flatMap(TestMachine::onlyChild)
                .flatMap(TestMachine::onlyChild)
                .orElseThrow()
                .pid();
    }

    private static Optional<ProcessHandle> onlyChild(ProcessHandle process) {
        return process.children().findFirst();
    }

    /** Skips the test if there can be none. */
    static TestMachine start(Path directory) throws Exception {
        impossible.ifPresent(reason -> Root.skip(FEATURE, reason));
        Root.requirePrograms(
                FEATURE, "unshare", "nsenter", "setpriv", "runuser", "useradd", "pkill", "systemctl", "journalctl");
        Root.runOrSkip(FEATURE, "unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt");
        Root.runOrSkip(
                FEATURE, "unshare", "--mount", "--cgroup", "mount", "-t", "cgroup2", "cgroup2", "/sys/fs/cgroup");
        var log = directory.resolve("machine.log");
        var disk = Files.createDirectories(directory.resolve("disk"));
        var life = Program.start(
                directory,
                log,
                Map.of(),
                List.of(Root.file("unshare"), "--mount", script().toString(), disk.toString()));
        try {
            eventually(() -> assertThat(life.log()).contains("ready"));
            var machine = new TestMachine(directory, life);
            eventually(() -> machine.must("systemctl is-active default.target"));
            return machine;
        } catch (AssertionError | NoSuchElementException e) {
            life.stop();
            impossible = Optional.of(life.log() + e.getMessage());
            Root.skip(FEATURE, impossible.get());
            throw e;
        }
    }

    private static Path script() throws URISyntaxException, IOException {
        return Path.of(TestMachine.class.getResource("/machine/machine.sh").toURI());
    }

    /** Runs a line of bash on the machine as root. */
    Program.Ended run(String line) throws Exception {
        var command = new ArrayList<>(List.of(
                Root.file("nsenter"), "--target", Long.toString(systemd), "--mount", "--pid", "bash", "-c", line));
        return Program.run(directory, Map.of(), command);
    }

    /** Runs a line of bash that must succeed; returns its output. */
    String must(String line) throws Exception {
        var ended = run(line);
        assertThat(ended.status()).as(line + ": " + ended.output()).isZero();
        return ended.output().strip();
    }

    /** The pid of a service's main process on the machine. */
    String pid(String service) throws Exception {
        return must("systemctl show --property MainPID --value " + service);
    }

    /** The files that an installation may leave, with their sizes. */
    String files() throws Exception {
        return must(
                "find /etc/systemd/system /etc/default /usr/lib/restic-fleet /var/lib -name '*restic-fleet*' -printf"
                        + " '%p %s\\n' 2> /dev/null | sort; grep -c restic-fleet /etc/passwd || true");
    }

    /** A free port on loopback, which is shared with the machine. */
    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    void stop() throws Exception {
        life.stop();
    }
}
