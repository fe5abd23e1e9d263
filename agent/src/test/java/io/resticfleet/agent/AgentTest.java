package io.resticfleet.agent;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.link.Outbox;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.state.StateLock;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HelloProof;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
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
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole agent: the messages it sends to a server, and what it does on the server's messages. */
class AgentTest {

    @TempDir
    Path root;

    private AgentHarness harness;

    @BeforeEach
    void start() throws Exception {
        harness = new AgentHarness(root);
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    @Test
    void a_job_for_a_former_repository_does_not_run_at_the_present_one() throws Exception {
        var connection = harness.server.welcomed();
        configure(connection, "01ARZ3NDEKTSV4RRFFQ69G5RE1");

        connection.send(backup(AgentHarness.JOB, Optional.of("01ARZ3NDEKTSV4RRFFQ69G5RE2")));
        var refused = AgentHarness.ends(connection, AgentHarness.JOB);
        connection.send(backup(AgentHarness.OTHER_JOB, Optional.of("01ARZ3NDEKTSV4RRFFQ69G5RE1")));

        assertThat(refused.status()).isEqualTo(JobStatus.FAILED);
        assertThat(refused.errorCode()).contains(ErrorCode.REPOSITORY_CHANGED.reported());
        assertThat(AgentHarness.ends(connection, AgentHarness.OTHER_JOB).status())
                .isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_job_that_names_no_repository_runs() throws Exception {
        var connection = harness.server.welcomed();
        configure(connection, "01ARZ3NDEKTSV4RRFFQ69G5RE1");

        connection.send(backup(AgentHarness.JOB, Optional.empty()));

        assertThat(AgentHarness.ends(connection, AgentHarness.JOB).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void another_time_zone_is_reported_at_once_and_another_restic_within_a_minute() throws Exception {
        harness.close();
        harness = new AgentHarness(root, root.resolve("bin").toString());
        var first = harness.server.welcomed().received(Hello.class).get(0);

        harness.zone = ZoneId.of("Asia/Tokyo");
        var moved = harness.server.welcomed().received(Hello.class).get(0);
        Files.createDirectories(root.resolve("bin"));
        Files.createSymbolicLink(root.resolve("bin/restic"), Path.of("/usr/bin/restic"));
        harness.skipped.addAndGet(Duration.ofMinutes(1).toNanos());
        var upgraded = harness.server.welcomed().received(Hello.class).get(0);

        assertThat(first.timeZone()).isEqualTo("Z");
        assertThat(first.timeZoneSince()).isEmpty();
        assertThat(moved.timeZone()).isEqualTo("Asia/Tokyo");
        assertThat(moved.timeZoneSince()).contains(harness.now);
        assertThat(moved.resticVersion()).isEmpty();
        assertThat(upgraded.resticVersion()).isPresent();
        assertThat(upgraded.instanceId()).isEqualTo(first.instanceId());
    }

    private ToAgent.CommandRun backup(String job, Optional<String> repositoryId) {
        return new ToAgent.CommandRun(
                new JobId(job),
                JobSpec.of(harness.manual()),
                JobTrigger.MANUAL,
                Optional.empty(),
                repositoryId.map(RepositoryId::new));
    }

    private void configure(FakeServer.Connection connection, String repositoryId) {
        connection.send(new ToAgent.ConfigUpdate(
                "web-01",
                new Repository(
                        new RepositoryUrl(root.resolve("repository").toString()),
                        Optional.empty(),
                        Optional.empty(),
                        "correct-horse"),
                false,
                Optional.of(new RepositoryId(repositoryId))));
    }

    @Test
    void sends_a_signed_hello_and_then_heartbeats() {
        var connection = harness.server.connection();

        var hello = connection.receive(Hello.class);
        assertThat(HelloProof.verify(hello, "nonce-0", harness.keys.getPublic()))
                .isTrue();
        assertThat(hello.resticVersion()).contains("0.14.0");
        assertThat(hello.scheduleVersion()).isZero();
        connection.send(FakeServer.welcome(harness.now));
        assertThat(connection.receive(ToServer.Heartbeat.class).wallClock()).isEqualTo(harness.now);
    }

    @Test
    void the_instance_id_is_the_same_until_the_agent_restarts() {
        var first = harness.server.welcomed();
        first.drop();
        var second = harness.server.welcomed();
        harness.agent.close();
        harness.startAgent();
        var third = harness.server.welcomed();

        var instance = first.receive(Hello.class).instanceId();
        assertThat(instance).isPresent();
        assertThat(second.receive(Hello.class).instanceId()).isEqualTo(instance);
        assertThat(third.receive(Hello.class).instanceId()).isPresent().isNotEqualTo(instance);
    }

    @Test
    void the_policy_is_reported_on_each_connection_and_when_it_changes() throws Exception {
        var first = harness.server.welcomed();
        assertThat(first.receive(ToServer.PolicyReport.class).policy().hooks()).isEqualTo(HookRule.LOCAL_ONLY);

        Files.writeString(root.resolve("policy.json"), "{\"hooks\":\"off\",\"repositories\":[\"rest\"]}");
        var changed = first.receive(ToServer.PolicyReport.class, 2).get(1).policy();
        Files.writeString(root.resolve("policy.json"), "{\"hooks\":");
        var torn = first.receive(ToServer.PolicyReport.class, 3).get(2).policy();
        first.drop();
        var second = harness.server.welcomed();

        assertThat(changed.hooks()).isEqualTo(HookRule.OFF);
        assertThat(changed.repositories()).containsExactly("rest");
        assertThat(changed.file()).isEqualTo(root + "/policy.json");
        assertThat(torn.problem().orElseThrow()).contains("not JSON");
        assertThat(second.receive(ToServer.PolicyReport.class).policy()).isEqualTo(torn);
    }

    @Test
    void a_repository_that_the_owner_does_not_allow_is_stored_but_not_used() throws Exception {
        Files.writeString(root.resolve("policy.json"), "{\"repositories\":[\"rest\"]}");
        var connection = harness.server.welcomed();
        harness.configure(connection);

        connection.send(backup(AgentHarness.JOB, Optional.empty()));
        assertThat(AgentHarness.ends(connection, AgentHarness.JOB).errorCode())
                .contains(ErrorCode.POLICY_REPOSITORY.reported());
        Files.delete(root.resolve("policy.json"));
        connection.send(new ToAgent.CommandRun(
                new JobId(AgentHarness.OTHER_JOB),
                JobSpec.of(harness.manual()),
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.empty()));

        assertThat(AgentHarness.ends(connection, AgentHarness.OTHER_JOB).status())
                .isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void an_invalid_hostname_is_refused_with_its_repository() {
        var connection = harness.server.welcomed();
        harness.configure(connection);

        connection.send(new ToAgent.ConfigUpdate(
                "web\n01",
                new Repository(new RepositoryUrl("/x"), Optional.empty(), Optional.empty(), "x"),
                false,
                Optional.empty()));

        assertThat(connection.receive(ToServer.Error.class).code()).isEqualTo("invalid_hostname");
        assertThat(root.resolve("state/credentials.json")).content().contains("\"hostname\":\"web-01\"");
    }

    @Test
    void an_agent_with_a_clone_starts_to_use_run_ids_of_its_own() {
        var connection = harness.server.welcomed();

        connection.send(new ToAgent.CloneNotice(harness.now));

        eventually(() ->
                assertThat(root.resolve("state/twin.json")).content().contains("\"from\":\"2026-03-01T12:00:30Z\""));
    }

    @Test
    void a_set_is_acknowledged_only_once_it_is_on_disk() {
        var connection = harness.server.welcomed();
        connection.send(new ToAgent.ScheduleSet(3, List.of(harness.manual())));

        assertThat(connection.receive(ToServer.ScheduleAck.class))
                .isEqualTo(new ToServer.ScheduleAck(3, Optional.empty()));
        assertThat(root.resolve("state/schedules.json")).content().contains("\"version\":3");
        assertThat(root.resolve("state/schedules.json"))
                .satisfies(file -> assertThat(java.nio.file.attribute.PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------"));
    }

    @Test
    void an_older_set_is_never_applied_and_an_empty_one_removes_all() {
        var connection = harness.server.welcomed();
        connection.send(new ToAgent.ScheduleSet(3, List.of(harness.manual())));
        connection.send(new ToAgent.ScheduleSet(2, List.of()));
        connection.send(new ToAgent.ScheduleSet(4, List.of()));

        assertThat(connection.receive(ToServer.ScheduleAck.class, 3))
                .extracting(ToServer.ScheduleAck::version)
                .containsExactly(3L, 3L, 4L);
        assertThat(root.resolve("state/schedules.json")).content().contains("\"schedules\":[]");
    }

    @Test
    void an_invalid_set_is_refused_as_a_whole() {
        var connection = harness.server.welcomed();
        var wrong = new Schedule(
                new ScheduleId(AgentHarness.ID),
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
        connection.send(new ToAgent.ScheduleSet(5, List.of(harness.manual(), wrong)));

        var ack = connection.receive(ToServer.ScheduleAck.class);
        assertThat(ack.version()).isZero();
        assertThat(ack.refused()).isPresent();
    }

    @Test
    void an_unreadable_frame_is_answered_with_an_error() {
        var connection = harness.server.welcomed();
        connection.sendRaw("{\"type\":\"no.such.thing\"}");
        connection.sendRaw("not json");
        connection.send(new ToAgent.ScheduleSet(1, List.of()));

        assertThat(connection.receive(ToServer.ScheduleAck.class).version()).isEqualTo(1);
        assertThat(connection.received(ToServer.Error.class)).hasSize(2);
    }

    @Test
    void a_repeated_command_runs_once_and_results_are_resent_until_acknowledged() {
        var connection = harness.server.welcomed();
        harness.configure(connection);
        var run = backup(AgentHarness.JOB, Optional.empty());
        connection.send(run);
        connection.send(run);
        // First the repository's creation, then the backup.
        assertThat(connection.receive(ToServer.JobFinished.class, 2).get(1).status())
                .isEqualTo(JobStatus.SUCCEEDED);
        assertThat(connection.receive(ToServer.LogStream.class).lines()).isNotEmpty();
        connection.receive(ToServer.SnapshotsReport.class);
        connection.drop();

        var second = harness.server.connection();
        assertThat(second.receive(Hello.class).jobs()).contains(new JobId(AgentHarness.JOB));
        second.send(FakeServer.welcome(harness.now));
        second.send(run);
        var again = second.receive(ToServer.SnapshotsReport.class);
        assertThat(second.received(ToServer.JobFinished.class)).hasSize(2);
        second.send(new ToAgent.EventAck(again.sequence()));
        second.send(run);
        second.send(new ToAgent.ScheduleSet(1, List.of()));
        second.receive(ToServer.ScheduleAck.class);
        second.drop();

        var third = harness.server.connection();
        assertThat(third.receive(Hello.class).jobs()).isEmpty();
    }

    @Test
    void a_repository_that_has_snapshots_already_is_listed_without_a_job() {
        var first = harness.server.welcomed();
        harness.configure(first);
        first.send(backup(AgentHarness.JOB, Optional.empty()));
        first.receive(ToServer.SnapshotsReport.class);
        first.drop();
        var second = harness.server.welcomed();
        second.send(new ToAgent.SnapshotsAsk());

        harness.configure(second, "web-01", Optional.of(new RepositoryId(AgentHarness.ID)));

        var offer = second.receive(ToServer.SnapshotsOffer.class);
        assertThat(offer.total()).isEqualTo(1);
        assertThat(offer.repositoryId()).isEqualTo(new RepositoryId(AgentHarness.ID));
        harness.configure(second, "another-name", Optional.of(new RepositoryId(AgentHarness.ID)));
        assertThat(second.receive(ToServer.SnapshotsOffer.class, 2).get(1).total())
                .isZero();
    }

    @Test
    void a_job_on_a_machine_without_a_repository_fails_with_that_reason() {
        var connection = harness.server.welcomed();

        connection.send(new ToAgent.CommandRun(
                new JobId(AgentHarness.JOB),
                new JobSpec.Check(Optional.empty()),
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.empty()));

        var end = AgentHarness.ends(connection, AgentHarness.JOB);
        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.errorCode()).contains(ErrorCode.NO_REPOSITORY.reported());
    }

    @Test
    void a_log_waits_until_every_result_has_been_sent() {
        var connection = harness.server.welcomed();
        harness.configure(connection);
        connection.send(backup(AgentHarness.JOB, Optional.empty()));
        AgentHarness.ends(connection, AgentHarness.JOB);
        harness.agent.close();
        var outbox = Outbox.open(StateDirectory.open(root.resolve("state")));
        for (int i = 0; i < 100; i++) {
            outbox.add(sequence -> new ToServer.JobMissed(
                    sequence,
                    new JobId("01J%023d".formatted(sequence)),
                    JobKind.BACKUP,
                    new ScheduleId(AgentHarness.ID),
                    harness.now,
                    Optional.empty(),
                    "asleep"));
        }
        harness.startAgent();

        var second = harness.server.welcomed();
        var lastOfWindow = second.receive(ToServer.JobMissed.class, 50).get(49);
        second.send(new ToAgent.ScheduleSet(1, List.of())); // a barrier: everything before its ack has been sent
        second.receive(ToServer.ScheduleAck.class);
        assertThat(second.received(ToServer.LogStream.class)).isEmpty();
        second.send(new ToAgent.EventAck(lastOfWindow.sequence()));

        second.receive(ToServer.JobMissed.class, 100);
        second.receive(ToServer.LogStream.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}"})
    void an_agent_with_damaged_files_starts_and_backs_up_once_it_is_configured_again(String damage) throws Exception {
        var first = harness.scheduled();
        first.send(new ToAgent.CloneNotice(harness.now));
        first.send(backup(AgentHarness.JOB, Optional.empty()));
        assertThat(AgentHarness.ends(first, AgentHarness.JOB).status()).isEqualTo(JobStatus.SUCCEEDED);
        eventually(() -> assertThat(root.resolve("state/twin.json")).exists());
        harness.agent.close();
        try (var files = Files.list(root.resolve("state"))) {
            for (var file :
                    files.filter(file -> file.toString().endsWith(".json")).toList()) {
                Files.writeString(file, damage);
            }
        }

        harness.startAgent();
        var second = harness.scheduled();
        second.send(new ToAgent.CommandRun(
                new JobId(AgentHarness.OTHER_JOB),
                JobSpec.of(harness.manual()),
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.empty()));

        assertThat(AgentHarness.ends(second, AgentHarness.OTHER_JOB).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void the_agent_of_a_deleted_host_runs_no_schedule_until_it_is_accepted_again() {
        var connection = harness.scheduled();
        connection.drop();
        var rejected = harness.server.connection();
        rejected.receive(Hello.class);
        rejected.send(new ToAgent.Reject(ToAgent.Reject.HOST_DELETED, "this machine was deleted", true));
        eventually(() -> assertThat(root.resolve("state/deleted.json")).exists());
        rejected.drop();
        harness.agent.close();

        harness.now = harness.now.plus(Duration.ofMinutes(2));
        harness.startAgent();
        var accepted = harness.server.connection();
        accepted.receive(Hello.class);
        assertThat(root.resolve("state/jobs")).isEmptyDirectory();
        accepted.send(FakeServer.welcome(Instant.EPOCH));

        assertThat(accepted.receive(ToServer.ScheduleFire.class).dueAt())
                .isEqualTo(Instant.parse("2026-03-01T12:01:00Z"));
        assertThat(root.resolve("state/deleted.json")).doesNotExist();
    }

    @Test
    void a_damaged_record_of_a_deletion_is_ignored_and_one_that_cannot_be_written_does_not_end_the_link()
            throws IOException {
        var connection = harness.scheduled();
        harness.agent.close();
        connection.drop();
        Files.createDirectories(root.resolve("state/deleted.json/in-the-way"));
        harness.startAgent();
        var rejected = harness.server.connection();
        rejected.receive(Hello.class);

        rejected.send(new ToAgent.Reject(ToAgent.Reject.HOST_DELETED, "this machine was deleted", true));
        rejected.drop();

        eventually(() -> {
            harness.skipped.addAndGet(Duration.ofHours(1).toNanos()); // the pause after a rejection
            assertThat(harness.server.connectionCount()).isEqualTo(3);
        });
    }

    @Test
    void after_a_permanent_rejection_the_agent_rarely_reconnects() {
        var connection = harness.server.connection();
        connection.receive(Hello.class);
        connection.send(new ToAgent.Reject("unknown_host", "this host was removed", true));
        connection.drop();

        harness.skipped.addAndGet(Duration.ofMinutes(59).toNanos());
        var restarted = harness.agent;
        harness.startAgent(); // a barrier: by the time this one has connected, the other would have too
        harness.server.connection().receive(Hello.class);
        restarted.close();
        assertThat(harness.server.connectionCount()).isEqualTo(2);
    }

    @Test
    void a_second_agent_on_the_same_state_directory_is_refused() throws Exception {
        var state = StateDirectory.open(root.resolve("other"));
        var lock = StateLock.take(state).orElseThrow();

        assertThat(StateLock.take(state)).isEmpty();
        lock.close();
        StateLock.take(state).orElseThrow().close();
    }
}
