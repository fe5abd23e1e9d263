package io.resticfleet.agent;

import static io.resticfleet.agent.Eventually.present;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.f4b6a3.ulid.UlidCreator;
import io.resticfleet.agent.config.Environment;
import io.resticfleet.agent.config.Identity;
import io.resticfleet.agent.link.LinkTimes;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.path.Fstab;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.restic.ResticProgram;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** An agent with default settings and a {@link RecordedRestic}, a server run by the test, and files to protect. */
final class HostileServerHarness implements AutoCloseable {

    static final String ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

    private static final JsonMapper JSON = new JsonMapper();

    final Path root;
    final FakeServer server = new FakeServer();
    private final RecordedRestic restic;
    private final Agent agent;
    private final Map<String, String> before;

    HostileServerHarness(Path root) throws Exception {
        this.root = root;
        Files.createDirectories(root.resolve("outside/bin"));
        Files.createDirectories(root.resolve("made"));
        Files.writeString(root.resolve("outside/hello"), "hello");
        var evil = Files.writeString(root.resolve("outside/bin/evil"), "#!/bin/sh\ntouch " + marker() + "\n");
        Files.setPosixFilePermissions(evil, PosixFilePermissions.fromString("rwxr-xr-x"));
        restic = new RecordedRestic(root);
        Files.createDirectories(root.resolve("state"));
        before = tree();
        var keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        agent = Agent.start(
                StateDirectory.open(root.resolve("state")),
                new Identity(
                        new HostId("01H00000000000000000000001"),
                        "web",
                        new ServerAddress(server.url()),
                        Base64.getEncoder().encodeToString(keys.getPrivate().getEncoded()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                new Environment(
                        () -> Instant.parse("2026-03-01T12:00:30Z"),
                        System::nanoTime,
                        () -> ZoneOffset.UTC,
                        new ResticProgram(restic.program().toString(), "/usr/bin:/bin"),
                        new PolicyFile(root.resolve("no-policy.json"), HookRule.LOCAL_ONLY),
                        new LinkTimes(
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(60),
                                Duration.ofSeconds(60),
                                Duration.ofMillis(50),
                                Duration.ofMillis(50),
                                Duration.ofMillis(50),
                                Duration.ofSeconds(30),
                                Duration.ofHours(1),
                                Duration.ofMinutes(5)),
                        AgentHarness.LIMITS,
                        Duration.ofMillis(50),
                        Fstab.OF_SYSTEM),
                AgentHarness.NO_UPGRADES);
    }

    /** A file that exists once a hostile text was executed. */
    Path marker() {
        return root.resolve("made/it");
    }

    /** Texts that a shell would execute, that look like options, or that point elsewhere. */
    List<String> texts() {
        return List.of(
                "touch " + marker(),
                "$(touch " + marker() + ")",
                "`touch " + marker() + "`",
                "; touch " + marker() + " #",
                "x\ntouch " + marker() + "\n",
                "' ; touch " + marker() + " ; '",
                "\"; touch " + marker() + "; \"",
                root + "/outside/bin/evil",
                "../../.." + root + "/outside/bin/evil",
                "../outside/bin/evil",
                "evil\0",
                "--password-command=touch " + marker(),
                "--option=sftp.command=touch " + marker(),
                "-osftp.command=touch " + marker(),
                "-oProxyCommand=touch " + marker(),
                "--files-from=" + root + "/outside/hello",
                "--cache-dir=" + root + "/outside",
                "a,--tag=b",
                "@" + root + "/outside/hello",
                "%s%n%x{touch " + marker() + "}",
                "\u202e\u0007\u001b[2J",
                "x".repeat(5_000));
    }

    FakeServer.Connection welcomed() {
        return server.welcomed();
    }

    /** Sends a repository URL, valid or not. */
    void configure(FakeServer.Connection connection, String url) {
        connection.sendRaw(json(Map.of(
                "type",
                "config.update",
                "hostname",
                "web",
                "repository",
                Map.of("url", url, "repo_password", "correct-horse"),
                "repository_known",
                false)));
    }

    /** A manual backup with some values replaced. */
    Map<String, Object> backup(Map<String, Object> other) {
        var schedule = new LinkedHashMap<String, Object>();
        schedule.put("id", ID);
        schedule.put("kind", "backup");
        schedule.put("name", "nightly");
        schedule.put("enabled", true);
        schedule.put("manual", true);
        schedule.put("paths", List.of(root.resolve("outside").toString()));
        schedule.put("excludes", List.of());
        schedule.put("tags", List.of());
        schedule.put("retention", retention(0));
        schedule.put("options", Map.of("one_file_system", false, "exclude_caches", false, "limit_upload_kib", 0));
        schedule.put("hooks", Map.of());
        schedule.putAll(other);
        return schedule;
    }

    Map<String, Object> retention(int keepLast) {
        var retention = new LinkedHashMap<String, Object>();
        retention.put("keep_last", keepLast);
        List.of("keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly")
                .forEach(keep -> retention.put(keep, 0));
        return retention;
    }

    Map<String, Object> retention(int keepLast, String within) {
        var retention = retention(keepLast);
        retention.put("keep_within", within);
        return retention;
    }

    /** Requests a backup and waits for its end, or for the agent's refusal. */
    Optional<ToServer.JobFinished> run(FakeServer.Connection connection, Map<String, Object> schedule) {
        return command(connection, Map.of("kind", "backup", "schedule", schedule));
    }

    Optional<ToServer.JobFinished> run(FakeServer.Connection connection, JobKind kind) {
        return command(connection, Map.of("kind", kind.word()));
    }

    private Optional<ToServer.JobFinished> command(FakeServer.Connection connection, Map<String, Object> what) {
        var id = newId();
        settle(connection);
        int errors = connection.received(ToServer.Error.class).size();
        var frame = new LinkedHashMap<>(what);
        frame.putAll(Map.of("type", "command.run", "job_id", id, "trigger", "manual"));
        connection.sendRaw(json(frame));
        var end = present(() -> {
            var ended = ended(connection, id);
            boolean refused = connection.received(ToServer.Error.class).size() > errors;
            return ended.isPresent() || refused ? Optional.of(ended) : Optional.empty();
        });
        acknowledge(connection);
        return end;
    }

    /** Waits until the agent has processed all earlier messages. */
    private void settle(FakeServer.Connection connection) {
        var marker = "marker." + newId();
        connection.sendRaw(json(Map.of("type", marker)));
        present(() -> connection.received(ToServer.Error.class).stream()
                .filter(error -> error.detail().contains(marker))
                .findFirst());
    }

    private static void acknowledge(FakeServer.Connection connection) {
        connection.received(ToServer.Result.class).stream()
                .mapToLong(ToServer.Result::sequence)
                .max()
                .ifPresent(last -> connection.send(new ToAgent.EventAck(last)));
    }

    private static Optional<ToServer.JobFinished> ended(FakeServer.Connection connection, String id) {
        return connection.received(ToServer.JobFinished.class).stream()
                .filter(end -> end.jobId().value().equals(id))
                .findFirst();
    }

    /** Checks that backups still work after everything sent before. */
    void stillBacksUp(FakeServer.Connection connection) {
        configure(connection, root.resolve("repository").toString());
        var id = newId();
        connection.sendRaw(json(Map.of(
                "type",
                "command.run",
                "job_id",
                id,
                "kind",
                "backup",
                "trigger",
                "manual",
                "schedule",
                backup(Map.of()))));
        var end = present(() -> {
            acknowledge(connection);
            return ended(connection, id);
        });
        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
    }

    /** Checks that only restic ran, with allowed arguments, and only the agent's own files were written. */
    void assertNothingElseHappened(FakeServer.Connection connection) {
        run(connection, JobKind.UNLOCK); // a barrier: what follows other jobs is done as well
        assertThat(root.resolve("made")).isEmptyDirectory();
        assertThat(tree()).isEqualTo(before);
        restic.assertOnlyAllowedCalls(root.resolve("state"));
    }

    /** Names, modes and contents of all files outside the agent's and restic's own directories. */
    private Map<String, String> tree() {
        var tree = new TreeMap<String, String>();
        var own = Set.of(root.resolve("state"), restic.calls());
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    tree.put(root.relativize(directory).toString(), "");
                    return own.contains(directory) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    tree.put(root.relativize(file).toString(), mode(file) + read(file));
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return tree;
    }

    private static String mode(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String newId() {
        return UlidCreator.getMonotonicUlid().toString();
    }

    String json(Map<String, Object> frame) {
        return JSON.valueToTree(frame).toString();
    }

    @Override
    public void close() throws IOException {
        agent.close();
        server.close();
    }
}
