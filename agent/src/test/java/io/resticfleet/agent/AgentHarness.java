package io.resticfleet.agent;

import io.resticfleet.agent.config.Environment;
import io.resticfleet.agent.config.Identity;
import io.resticfleet.agent.job.Limits;
import io.resticfleet.agent.link.LinkTimes;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.path.Fstab;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.restic.ResticProgram;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.upgrade.UpgradePolicy;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** A whole agent with a real restic, and a server with the real protocol; only the clocks are set by tests. */
final class AgentHarness implements AutoCloseable {

    static final String ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    static final String JOB = "01ARZ3NDEKTSV4RRFFQ69G5FB0";
    static final String OTHER_JOB = "01ARZ3NDEKTSV4RRFFQ69G5FB1";

    /** An agent that stays the version it is. */
    static final Agent.Upgrades NO_UPGRADES =
            new Agent.Upgrades(Optional.empty(), UpgradePolicy.OFF, Optional.empty(), () -> {});

    /** No other machine uses the repository. */
    static final Limits LIMITS = new Limits(
            Limits.DEFAULT.lockPause(),
            Limits.DEFAULT.lockPatience(),
            Limits.DEFAULT.beforeKill(),
            Limits.DEFAULT.hook(),
            Limits.DEFAULT.upkeep(),
            Duration.ZERO,
            Limits.DEFAULT.path());

    final Path root;
    final FakeServer server = new FakeServer();
    final KeyPair keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    final AtomicLong skipped = new AtomicLong();
    volatile ZoneId zone = ZoneOffset.UTC;
    private final String searchPath;
    volatile Instant now = Instant.parse("2026-03-01T12:00:30Z");
    Agent agent;

    /** @param root gets the agent's {@code state}, its {@code policy.json}, a {@code repository} and {@code files} */
    AgentHarness(Path root) throws Exception {
        this(root, "/usr/bin:/bin");
    }

    /** @param searchPath where restic is looked up */
    AgentHarness(Path root, String searchPath) throws Exception {
        this.root = root;
        this.searchPath = searchPath;
        Files.createDirectories(root.resolve("files"));
        Files.writeString(root.resolve("files/hello"), "hello");
        startAgent();
    }

    void startAgent() {
        startAgent(new ServerAddress(server.url()), Optional.empty());
    }

    void startAgent(ServerAddress address, Optional<String> pin) {
        var identity = new Identity(
                new HostId("01H00000000000000000000001"),
                "web-01",
                address,
                Base64.getEncoder().encodeToString(keys.getPrivate().getEncoded()),
                pin,
                Optional.empty(),
                Optional.empty());
        agent = Agent.start(
                StateDirectory.open(root.resolve("state")),
                identity,
                new Environment(
                        () -> now,
                        () -> System.nanoTime() + skipped.get(),
                        () -> zone,
                        new ResticProgram("restic", searchPath),
                        new PolicyFile(root.resolve("policy.json"), HookRule.LOCAL_ONLY),
                        new LinkTimes(
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(40),
                                Duration.ofSeconds(60),
                                Duration.ofMillis(100),
                                Duration.ofMillis(400),
                                Duration.ofMillis(400),
                                Duration.ofSeconds(30),
                                Duration.ofHours(1),
                                Duration.ofMinutes(5)),
                        LIMITS,
                        Duration.ofMillis(50),
                        new Fstab(root.resolve("fstab"))),
                NO_UPGRADES);
    }

    FakeServer.Connection scheduled() {
        var connection = server.welcomed();
        configure(connection);
        connection.send(new ToAgent.ScheduleSet(1, List.of(due())));
        connection.receive(ToServer.ScheduleAck.class);
        return connection;
    }

    void configure(FakeServer.Connection connection) {
        configure(connection, "web-01", Optional.empty());
    }

    void configure(FakeServer.Connection connection, String hostname, Optional<RepositoryId> repositoryId) {
        connection.send(new ToAgent.ConfigUpdate(
                hostname,
                new Repository(
                        new RepositoryUrl(root.resolve("repository").toString()),
                        Optional.empty(),
                        Optional.empty(),
                        "correct-horse"),
                false,
                repositoryId,
                Optional.empty(),
                Optional.empty()));
    }

    /** Starts a manual backup, whichever repository the agent has. */
    ToAgent.CommandRun backup(String jobId) {
        return backup(jobId, Optional.empty());
    }

    /** Starts a manual backup to this repository. */
    ToAgent.CommandRun backup(String jobId, Optional<RepositoryId> repositoryId) {
        return new ToAgent.CommandRun(
                new JobId(jobId), JobSpec.of(manual()), JobTrigger.MANUAL, Optional.empty(), repositoryId);
    }

    static ToServer.JobFinished ends(FakeServer.Connection connection, String jobId) {
        return Eventually.present(() -> connection.received(ToServer.JobFinished.class).stream()
                .filter(end -> end.jobId().value().equals(jobId))
                .findFirst());
    }

    Schedule manual() {
        return schedule(Optional.empty());
    }

    Schedule due() {
        return schedule(Optional.of("1 12 * * *"));
    }

    private Schedule schedule(Optional<String> cron) {
        return new Schedule(
                new ScheduleId(ID),
                JobKind.BACKUP,
                "nightly",
                true,
                cron.isEmpty(),
                cron,
                Optional.empty(),
                List.of(root.resolve("files").toString()),
                List.of(),
                List.of(),
                RetentionPolicy.NONE,
                BackupOptions.NONE,
                Hooks.NONE,
                CatchUp.RUN_ONCE,
                0,
                Optional.empty());
    }

    @Override
    public void close() throws IOException {
        agent.close();
        server.close();
    }
}
