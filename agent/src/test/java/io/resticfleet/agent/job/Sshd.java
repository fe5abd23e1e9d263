package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A real OpenSSH server on a free port, for the user of this process, with keys and a file of authorized keys of its own. */
final class Sshd implements AutoCloseable {

    static final Path PROGRAM = Path.of("/usr/sbin/sshd");

    private final Path directory;
    private final int port;
    private Process process;

    Sshd(Path directory) throws IOException, InterruptedException {
        this.directory = Files.createDirectories(directory);
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Files.createFile(directory.resolve("authorized_keys"));
        start();
    }

    /** Of a repository in this server's own directory. */
    String url() {
        return "sftp://" + System.getProperty("user.name") + "@127.0.0.1:" + port + "/"
                + directory.resolve("repository");
    }

    void authorize(String publicKey) throws IOException {
        Files.writeString(directory.resolve("authorized_keys"), publicKey + "\n");
    }

    /** The fingerprint of its key, in OpenSSH's own words. */
    String fingerprint() throws IOException, InterruptedException {
        return run("ssh-keygen", "-lf", directory.resolve("host.pub").toString())
                .split(" ")[1];
    }

    /** Restarts with another key. */
    void changeKey() throws IOException, InterruptedException {
        close();
        Files.delete(directory.resolve("host"));
        Files.delete(directory.resolve("host.pub"));
        start();
    }

    private void start() throws IOException, InterruptedException {
        run(
                "ssh-keygen",
                "-q",
                "-t",
                "ed25519",
                "-N",
                "",
                "-f",
                directory.resolve("host").toString());
        Files.writeString(
                directory.resolve("config"),
                String.join(
                        "\n",
                        "Port " + port,
                        "ListenAddress 127.0.0.1",
                        "HostKey " + directory.resolve("host"),
                        "AuthorizedKeysFile " + directory.resolve("authorized_keys"),
                        "StrictModes no",
                        "PasswordAuthentication no",
                        "KbdInteractiveAuthentication no",
                        "PidFile none",
                        "Subsystem sftp internal-sftp",
                        ""));
        process = new ProcessBuilder(
                        PROGRAM.toString(),
                        "-D",
                        "-e",
                        "-f",
                        directory.resolve("config").toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        eventually(() -> assertThat(answers()).as(log()).isTrue());
    }

    private boolean answers() {
        try (var socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        var process =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
