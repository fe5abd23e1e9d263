package io.resticfleet.agent;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.job.Limits;
import io.resticfleet.agent.link.HttpsPeer;
import io.resticfleet.agent.link.LinkTimes;
import io.resticfleet.agent.link.Outbox;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.restic.ResticProgram;
import io.resticfleet.agent.state.Storage;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.HelloProof;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole agent against a server that speaks the real protocol; only the clock is set by hand. */
class AgentTest {

    static final String ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    static final String JOB = "01ARZ3NDEKTSV4RRFFQ69G5FB0";
    static final String OTHER_JOB = "01ARZ3NDEKTSV4RRFFQ69G5FB1";

    @TempDir
    Path root;

    volatile Instant now = Instant.parse("2026-03-01T12:00:30Z");
    final AtomicLong skipped = new AtomicLong();
    FakeServer server;
    KeyPair keys;
    Agent agent;

    @BeforeEach
    void start() throws Exception {
        server = new FakeServer();
        keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Files.createDirectories(root.resolve("files"));
        Files.writeString(root.resolve("files/hello"), "hello");
        startAgent();
    }

    @AfterEach
    void stop() throws Exception {
        agent.close();
        server.close();
    }

    @Test
    void says_a_signed_hello_and_then_heartbeats() {
        var connection = server.connection();

        var hello = connection.hears(ToServer.Hello.class);
        assertThat(HelloProof.verify(hello, "nonce-0", keys.getPublic())).isTrue();
        assertThat(hello.resticVersion()).contains("0.14.0");
        assertThat(hello.scheduleVersion()).isZero();
        connection.say(new ToAgent.Welcome("1", 10, now));
        assertThat(connection.hears(ToServer.Heartbeat.class).wallClock()).isEqualTo(now);
    }

    @Test
    void an_agent_says_which_it_is_and_is_another_after_a_restart() {
        var first = server.welcomed();
        first.drop();
        var second = server.welcomed();
        agent.close();
        startAgent();
        var third = server.welcomed();

        var instance = first.hears(ToServer.Hello.class).instanceId();
        assertThat(instance).isPresent();
        assertThat(second.hears(ToServer.Hello.class).instanceId()).isEqualTo(instance);
        assertThat(third.hears(ToServer.Hello.class).instanceId()).isPresent().isNotEqualTo(instance);
    }

    @Test
    void what_the_owner_allows_is_told_at_each_connection_and_when_it_changes() throws Exception {
        var first = server.welcomed();
        assertThat(first.hears(ToServer.PolicyReport.class).policy().hooks()).isEqualTo(HookRule.LOCAL_ONLY);

        Files.writeString(root.resolve("policy.json"), "{\"hooks\":\"off\",\"repositories\":[\"rest\"]}");
        var changed = first.hears(ToServer.PolicyReport.class, 2).get(1).policy();
        Files.writeString(root.resolve("policy.json"), "{\"hooks\":");
        var torn = first.hears(ToServer.PolicyReport.class, 3).get(2).policy();
        first.drop();
        var second = server.welcomed();

        assertThat(changed.hooks()).isEqualTo(HookRule.OFF);
        assertThat(changed.repositories()).containsExactly("rest");
        assertThat(changed.file()).isEqualTo(root + "/policy.json");
        assertThat(torn.problem().orElseThrow()).contains("not JSON");
        assertThat(second.hears(ToServer.PolicyReport.class).policy()).isEqualTo(torn);
    }

    @Test
    void a_repository_that_the_owner_does_not_allow_is_held_and_not_used() throws Exception {
        Files.writeString(root.resolve("policy.json"), "{\"repositories\":[\"rest\"]}");
        var connection = server.welcomed();
        configure(connection);

        connection.say(new ToAgent.CommandRun(
                JOB, JobKind.BACKUP, JobTrigger.MANUAL, Optional.of(manual()), Optional.empty()));
        assertThat(ends(connection, JOB).errorCode()).contains("policy_repository");
        Files.delete(root.resolve("policy.json"));
        connection.say(new ToAgent.CommandRun(
                OTHER_JOB, JobKind.BACKUP, JobTrigger.MANUAL, Optional.of(manual()), Optional.empty()));

        assertThat(ends(connection, OTHER_JOB).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_name_that_is_none_is_refused_with_its_repository() {
        var connection = server.welcomed();
        configure(connection);

        connection.say(new ToAgent.ConfigUpdate(
                "web\n01", new Repository(new RepositoryUrl("/x"), Optional.empty(), Optional.empty(), "x"), false));

        assertThat(connection.hears(ToServer.Error.class).code()).isEqualTo("invalid_hostname");
        assertThat(root.resolve("state/credentials.json")).content().contains("\"hostname\":\"web-01\"");
    }

    @Test
    void an_agent_that_is_told_of_its_twin_keeps_what_sets_it_apart() {
        var connection = server.welcomed();

        connection.say(new ToAgent.TwinNotice(now));

        eventually(() ->
                assertThat(root.resolve("state/twin.json")).content().contains("\"from\":\"2026-03-01T12:00:30Z\""));
    }

    @Test
    void a_set_is_acknowledged_only_once_it_is_on_disk() {
        var connection = server.welcomed();
        connection.say(new ToAgent.ScheduleSet(3, List.of(manual())));

        assertThat(connection.hears(ToServer.ScheduleAck.class))
                .isEqualTo(new ToServer.ScheduleAck(3, Optional.empty()));
        assertThat(root.resolve("state/schedules.json")).content().contains("\"version\":3");
        assertThat(root.resolve("state/schedules.json"))
                .satisfies(file -> assertThat(java.nio.file.attribute.PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------"));
    }

    @Test
    void an_older_set_is_never_applied_and_an_empty_one_clears() {
        var connection = server.welcomed();
        connection.say(new ToAgent.ScheduleSet(3, List.of(manual())));
        connection.say(new ToAgent.ScheduleSet(2, List.of()));
        connection.say(new ToAgent.ScheduleSet(4, List.of()));

        assertThat(connection.hears(ToServer.ScheduleAck.class, 3))
                .extracting(ToServer.ScheduleAck::version)
                .containsExactly(3L, 3L, 4L);
        assertThat(root.resolve("state/schedules.json")).content().contains("\"schedules\":[]");
    }

    @Test
    void a_wrong_set_is_refused_whole() {
        var connection = server.welcomed();
        var wrong = new Schedule(
                ID,
                JobKind.BACKUP,
                "x",
                true,
                false,
                Optional.of("61 * * * *"),
                Optional.empty(),
                List.of("/etc"),
                List.of(),
                List.of(),
                RetentionPolicy.NONE,
                BackupOptions.NONE,
                Hooks.NONE,
                CatchUp.RUN_ONCE,
                0);
        connection.say(new ToAgent.ScheduleSet(5, List.of(manual(), wrong)));

        var ack = connection.hears(ToServer.ScheduleAck.class);
        assertThat(ack.version()).isZero();
        assertThat(ack.refused()).isPresent();
    }

    @Test
    void a_bad_frame_is_answered_and_takes_nothing_down() {
        var connection = server.welcomed();
        connection.sayRaw("{\"type\":\"no.such.thing\"}");
        connection.sayRaw("not json");
        connection.say(new ToAgent.ScheduleSet(1, List.of()));

        assertThat(connection.hears(ToServer.ScheduleAck.class).version()).isEqualTo(1);
        assertThat(connection.heard(ToServer.Error.class)).hasSize(2);
    }

    @Test
    void a_command_runs_once_however_often_it_comes_and_results_are_resent_until_acknowledged() {
        var connection = server.welcomed();
        configure(connection);
        var run =
                new ToAgent.CommandRun(JOB, JobKind.BACKUP, JobTrigger.MANUAL, Optional.of(manual()), Optional.empty());
        connection.say(run);
        connection.say(run);
        // The repository's creation, then the backup.
        assertThat(connection.hears(ToServer.JobFinished.class, 2).get(1).status())
                .isEqualTo(JobStatus.SUCCEEDED);
        assertThat(connection.hears(ToServer.LogStream.class).lines()).isNotEmpty();
        connection.hears(ToServer.SnapshotsReport.class);
        connection.drop();

        var second = server.connection();
        assertThat(second.hears(ToServer.Hello.class).jobs()).contains(JOB);
        second.say(new ToAgent.Welcome("1", 10, now));
        second.say(run);
        var again = second.hears(ToServer.SnapshotsReport.class);
        assertThat(second.heard(ToServer.JobFinished.class)).hasSize(2);
        second.say(new ToAgent.EventAck(again.sequence()));
        second.say(run);
        second.say(new ToAgent.ScheduleSet(1, List.of()));
        second.hears(ToServer.ScheduleAck.class);
        second.drop();

        var third = server.connection();
        assertThat(third.hears(ToServer.Hello.class).jobs()).isEmpty();
    }

    @Test
    void a_job_on_a_machine_that_has_no_repository_yet_fails_saying_so() {
        var connection = server.welcomed();

        connection.say(
                new ToAgent.CommandRun(JOB, JobKind.CHECK, JobTrigger.MANUAL, Optional.empty(), Optional.empty()));

        var end = ends(connection, JOB);
        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.errorCode()).contains("no_repository");
    }

    @Test
    void a_log_waits_until_every_result_has_been_sent() {
        var connection = server.welcomed();
        configure(connection);
        connection.say(new ToAgent.CommandRun(
                JOB, JobKind.BACKUP, JobTrigger.MANUAL, Optional.of(manual()), Optional.empty()));
        ends(connection, JOB);
        agent.close();
        var outbox = Outbox.open(Storage.open(root.resolve("state")));
        for (int i = 0; i < 100; i++) {
            outbox.add(
                    sequence -> new ToServer.JobMissed(sequence, "job-" + sequence, JobKind.BACKUP, ID, now, "asleep"));
        }
        startAgent();

        var second = server.welcomed();
        var lastOfWindow = second.hears(ToServer.JobMissed.class, 50).get(49);
        second.say(new ToAgent.ScheduleSet(1, List.of())); // a marker: what would be sent has been sent
        second.hears(ToServer.ScheduleAck.class);
        assertThat(second.heard(ToServer.LogStream.class)).isEmpty();
        second.say(new ToAgent.EventAck(lastOfWindow.sequence()));

        second.hears(ToServer.JobMissed.class, 100);
        second.hears(ToServer.LogStream.class);
    }

    @Test
    void a_due_schedule_asks_and_runs_under_the_same_id_when_told() {
        var connection = scheduled();
        now = Instant.parse("2026-03-01T12:01:05Z");

        var fire = connection.hears(ToServer.ScheduleFire.class);
        assertThat(fire.scheduleId()).isEqualTo(ID);
        assertThat(fire.dueAt()).isEqualTo(Instant.parse("2026-03-01T12:01:00Z"));
        connection.say(new ToAgent.CommandRun(
                fire.runId(), JobKind.BACKUP, JobTrigger.CRON, Optional.of(due()), Optional.of(fire.dueAt())));

        var end = ends(connection, fire.runId());
        assertThat(end.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(end.trigger()).isEqualTo(JobTrigger.CRON);
        assertThat(end.dueAt()).contains(fire.dueAt());
    }

    @Test
    void a_refused_run_is_missed_for_the_reason_given() {
        var connection = scheduled();
        now = Instant.parse("2026-03-01T12:01:05Z");
        var fire = connection.hears(ToServer.ScheduleFire.class);

        connection.say(new ToAgent.CommandRefuse(fire.runId(), "the host is paused"));

        var missed = connection.hears(ToServer.JobMissed.class);
        assertThat(missed.jobId()).isEqualTo(fire.runId());
        assertThat(missed.reason()).isEqualTo("the host is paused");
        assertThat(connection.heard(ToServer.JobStarted.class)).isEmpty();
    }

    @Test
    void a_run_nobody_answers_starts_after_twenty_seconds() {
        var connection = scheduled();
        now = Instant.parse("2026-03-01T12:01:05Z");
        var fire = connection.hears(ToServer.ScheduleFire.class);
        assertThat(connection.heard(ToServer.JobStarted.class)).isEmpty();

        skipped.addAndGet(Duration.ofSeconds(21).toNanos());

        assertThat(ends(connection, fire.runId()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_held_run_waits_and_is_asked_for_again_after_a_reconnect() {
        var connection = scheduled();
        now = Instant.parse("2026-03-01T12:01:05Z");
        var fire = connection.hears(ToServer.ScheduleFire.class);
        connection.say(new ToAgent.CommandHold(fire.runId(), "the repository is busy"));
        connection.say(new ToAgent.ScheduleSet(2, List.of(due())));
        connection.hears(ToServer.ScheduleAck.class, 2); // so the hold was heard
        skipped.addAndGet(Duration.ofSeconds(25).toNanos());
        connection.drop();

        var second = server.welcomed();
        assertThat(second.hears(ToServer.ScheduleFire.class).runId()).isEqualTo(fire.runId());
        assertThat(second.heard(ToServer.JobStarted.class)).isEmpty();
    }

    @Test
    void without_the_server_a_schedule_runs_and_is_reported_later() throws Exception {
        var connection = scheduled();
        server.close();
        connection.drop();
        eventually(() -> assertThat(agent.connected()).isFalse());

        now = Instant.parse("2026-03-01T12:01:05Z");

        eventually(() -> assertThat(root.resolve("repository/snapshots")).isNotEmptyDirectory());
        eventually(
                () -> assertThat(root.resolve("state/outbox").toFile().list()).hasSizeGreaterThan(3));
    }

    @Test
    void with_a_server_of_another_key_nothing_is_said_and_a_schedule_runs() throws Exception {
        scheduled();
        agent.close();
        server.close();
        try (var stranger = HttpsPeer.start(root.resolve("stranger.p12"))) {
            startAgent(new ServerAddress(stranger.url()), Optional.of("0".repeat(64)));
            eventually(() -> assertThat(stranger.handshakes()).isPositive());

            now = Instant.parse("2026-03-01T12:01:01Z");

            eventually(() -> assertThat(outbox()).contains("\"status\":\"succeeded\""));
            assertThat(stranger.requests()).isZero();
        }
    }

    /** Every result that waits, as it is on disk. */
    private String outbox() {
        try (var files = Files.walk(root.resolve("state/outbox"))) {
            var all = new StringBuilder();
            for (var file : files.filter(Files::isRegularFile).toList()) {
                all.append(Files.readString(file));
            }
            return all.toString();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}"})
    void whatever_file_is_damaged_the_agent_starts_and_backs_up_once_it_was_told_all_again(String damage)
            throws Exception {
        var first = scheduled();
        first.say(new ToAgent.TwinNotice(now));
        first.say(new ToAgent.CommandRun(
                JOB, JobKind.BACKUP, JobTrigger.MANUAL, Optional.of(manual()), Optional.empty()));
        assertThat(ends(first, JOB).status()).isEqualTo(JobStatus.SUCCEEDED);
        eventually(() -> assertThat(root.resolve("state/twin.json")).exists());
        agent.close();
        try (var files = Files.list(root.resolve("state"))) {
            for (var file :
                    files.filter(file -> file.toString().endsWith(".json")).toList()) {
                Files.writeString(file, damage);
            }
        }

        startAgent();
        var second = scheduled();
        second.say(new ToAgent.CommandRun(
                OTHER_JOB, JobKind.BACKUP, JobTrigger.MANUAL, Optional.of(manual()), Optional.empty()));

        assertThat(ends(second, OTHER_JOB).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_final_rejection_is_not_hammered() {
        var connection = server.connection();
        connection.hears(ToServer.Hello.class);
        connection.say(new ToAgent.Reject("unknown_host", "this host was removed", true));
        connection.drop();

        skipped.addAndGet(Duration.ofMinutes(59).toNanos());
        var restarted = agent;
        startAgent(); // a marker: by the time this one has dialled, the other would have too
        server.connection().hears(ToServer.Hello.class);
        restarted.close();
        assertThat(server.connectionCount()).isEqualTo(2);
    }

    @Test
    void a_second_agent_on_the_same_state_is_turned_away() throws Exception {
        var storage = Storage.open(root.resolve("other"));
        var lock = StateLock.take(storage);

        org.assertj.core.api.Assertions.assertThatThrownBy(() -> StateLock.take(storage))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("another agent is running");
        lock.close();
    }

    private void startAgent() {
        startAgent(new ServerAddress(server.url()), Optional.empty());
    }

    private void startAgent(ServerAddress address, Optional<String> pin) {
        var identity = new Identity(
                "host-1",
                "web-01",
                address,
                Base64.getEncoder().encodeToString(keys.getPrivate().getEncoded()),
                pin);
        agent = Agent.start(
                Storage.open(root.resolve("state")),
                identity,
                new Agent.Surroundings(
                        () -> now,
                        () -> System.nanoTime() + skipped.get(),
                        ZoneOffset.UTC,
                        new ResticProgram("restic", "/usr/bin:/bin"),
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
                        Limits.DEFAULT,
                        Duration.ofMillis(50)));
    }

    private FakeServer.Connection scheduled() {
        var connection = server.welcomed();
        configure(connection);
        connection.say(new ToAgent.ScheduleSet(1, List.of(due())));
        connection.hears(ToServer.ScheduleAck.class);
        return connection;
    }

    private void configure(FakeServer.Connection connection) {
        connection.say(new ToAgent.ConfigUpdate(
                "web-01",
                new Repository(
                        new RepositoryUrl(root.resolve("repository").toString()),
                        Optional.empty(),
                        Optional.empty(),
                        "correct-horse"),
                false));
    }

    private static ToServer.JobFinished ends(FakeServer.Connection connection, String jobId) {
        return Eventually.present(() -> connection.heard(ToServer.JobFinished.class).stream()
                .filter(end -> end.jobId().equals(jobId))
                .findFirst());
    }

    private Schedule manual() {
        return schedule(Optional.empty());
    }

    private Schedule due() {
        return schedule(Optional.of("1 12 * * *"));
    }

    private Schedule schedule(Optional<String> cron) {
        return new Schedule(
                ID,
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
                0);
    }
}
