package io.resticfleet.agent;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.cli.CommandFailed;
import io.resticfleet.agent.link.Outbox;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.HelloProof;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
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
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole agent, and what it says to a server and does at its word. */
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
    void a_job_for_a_repository_that_the_machine_no_longer_has_is_not_run_at_the_one_it_has_now() throws Exception {
        var connection = harness.server.welcomed();
        configure(connection, "01ARZ3NDEKTSV4RRFFQ69G5RE1");

        connection.say(backup(AgentHarness.JOB, Optional.of("01ARZ3NDEKTSV4RRFFQ69G5RE2")));
        var refused = AgentHarness.ends(connection, AgentHarness.JOB);
        connection.say(backup(AgentHarness.OTHER_JOB, Optional.of("01ARZ3NDEKTSV4RRFFQ69G5RE1")));

        assertThat(refused.status()).isEqualTo(JobStatus.FAILED);
        assertThat(refused.errorCode()).contains("repository_changed");
        assertThat(AgentHarness.ends(connection, AgentHarness.OTHER_JOB).status())
                .isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_server_that_names_no_repository_has_its_jobs_run() throws Exception {
        var connection = harness.server.welcomed();
        configure(connection, "01ARZ3NDEKTSV4RRFFQ69G5RE1");

        connection.say(backup(AgentHarness.JOB, Optional.empty()));

        assertThat(AgentHarness.ends(connection, AgentHarness.JOB).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    private ToAgent.CommandRun backup(String job, Optional<String> repositoryId) {
        return new ToAgent.CommandRun(
                job, JobSpec.of(harness.manual()), JobTrigger.MANUAL, Optional.empty(), repositoryId);
    }

    private void configure(FakeServer.Connection connection, String repositoryId) {
        connection.say(new ToAgent.ConfigUpdate(
                "web-01",
                new Repository(
                        new RepositoryUrl(root.resolve("repository").toString()),
                        Optional.empty(),
                        Optional.empty(),
                        "correct-horse"),
                false,
                Optional.of(repositoryId)));
    }

    @Test
    void says_a_signed_hello_and_then_heartbeats() {
        var connection = harness.server.connection();

        var hello = connection.hears(ToServer.Hello.class);
        assertThat(HelloProof.verify(hello, "nonce-0", harness.keys.getPublic()))
                .isTrue();
        assertThat(hello.resticVersion()).contains("0.14.0");
        assertThat(hello.scheduleVersion()).isZero();
        connection.say(FakeServer.welcome(harness.now));
        assertThat(connection.hears(ToServer.Heartbeat.class).wallClock()).isEqualTo(harness.now);
    }

    @Test
    void an_agent_says_which_it_is_and_is_another_after_a_restart() {
        var first = harness.server.welcomed();
        first.drop();
        var second = harness.server.welcomed();
        harness.agent.close();
        harness.startAgent();
        var third = harness.server.welcomed();

        var instance = first.hears(ToServer.Hello.class).instanceId();
        assertThat(instance).isPresent();
        assertThat(second.hears(ToServer.Hello.class).instanceId()).isEqualTo(instance);
        assertThat(third.hears(ToServer.Hello.class).instanceId()).isPresent().isNotEqualTo(instance);
    }

    @Test
    void what_the_owner_allows_is_told_at_each_connection_and_when_it_changes() throws Exception {
        var first = harness.server.welcomed();
        assertThat(first.hears(ToServer.PolicyReport.class).policy().hooks()).isEqualTo(HookRule.LOCAL_ONLY);

        Files.writeString(root.resolve("policy.json"), "{\"hooks\":\"off\",\"repositories\":[\"rest\"]}");
        var changed = first.hears(ToServer.PolicyReport.class, 2).get(1).policy();
        Files.writeString(root.resolve("policy.json"), "{\"hooks\":");
        var torn = first.hears(ToServer.PolicyReport.class, 3).get(2).policy();
        first.drop();
        var second = harness.server.welcomed();

        assertThat(changed.hooks()).isEqualTo(HookRule.OFF);
        assertThat(changed.repositories()).containsExactly("rest");
        assertThat(changed.file()).isEqualTo(root + "/policy.json");
        assertThat(torn.problem().orElseThrow()).contains("not JSON");
        assertThat(second.hears(ToServer.PolicyReport.class).policy()).isEqualTo(torn);
    }

    @Test
    void a_repository_that_the_owner_does_not_allow_is_held_and_not_used() throws Exception {
        Files.writeString(root.resolve("policy.json"), "{\"repositories\":[\"rest\"]}");
        var connection = harness.server.welcomed();
        harness.configure(connection);

        connection.say(new ToAgent.CommandRun(
                AgentHarness.JOB, JobSpec.of(harness.manual()), JobTrigger.MANUAL, Optional.empty(), Optional.empty()));
        assertThat(AgentHarness.ends(connection, AgentHarness.JOB).errorCode()).contains("policy_repository");
        Files.delete(root.resolve("policy.json"));
        connection.say(new ToAgent.CommandRun(
                AgentHarness.OTHER_JOB,
                JobSpec.of(harness.manual()),
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.empty()));

        assertThat(AgentHarness.ends(connection, AgentHarness.OTHER_JOB).status())
                .isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_name_that_is_none_is_refused_with_its_repository() {
        var connection = harness.server.welcomed();
        harness.configure(connection);

        connection.say(new ToAgent.ConfigUpdate(
                "web\n01",
                new Repository(new RepositoryUrl("/x"), Optional.empty(), Optional.empty(), "x"),
                false,
                Optional.empty()));

        assertThat(connection.hears(ToServer.Error.class).code()).isEqualTo("invalid_hostname");
        assertThat(root.resolve("state/credentials.json")).content().contains("\"hostname\":\"web-01\"");
    }

    @Test
    void an_agent_that_is_told_of_its_twin_keeps_what_sets_it_apart() {
        var connection = harness.server.welcomed();

        connection.say(new ToAgent.CloneNotice(harness.now));

        eventually(() ->
                assertThat(root.resolve("state/twin.json")).content().contains("\"from\":\"2026-03-01T12:00:30Z\""));
    }

    @Test
    void a_set_is_acknowledged_only_once_it_is_on_disk() {
        var connection = harness.server.welcomed();
        connection.say(new ToAgent.ScheduleSet(3, List.of(harness.manual())));

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
        var connection = harness.server.welcomed();
        connection.say(new ToAgent.ScheduleSet(3, List.of(harness.manual())));
        connection.say(new ToAgent.ScheduleSet(2, List.of()));
        connection.say(new ToAgent.ScheduleSet(4, List.of()));

        assertThat(connection.hears(ToServer.ScheduleAck.class, 3))
                .extracting(ToServer.ScheduleAck::version)
                .containsExactly(3L, 3L, 4L);
        assertThat(root.resolve("state/schedules.json")).content().contains("\"schedules\":[]");
    }

    @Test
    void a_wrong_set_is_refused_whole() {
        var connection = harness.server.welcomed();
        var wrong = new Schedule(
                AgentHarness.ID,
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
        connection.say(new ToAgent.ScheduleSet(5, List.of(harness.manual(), wrong)));

        var ack = connection.hears(ToServer.ScheduleAck.class);
        assertThat(ack.version()).isZero();
        assertThat(ack.refused()).isPresent();
    }

    @Test
    void a_bad_frame_is_answered_and_takes_nothing_down() {
        var connection = harness.server.welcomed();
        connection.sayRaw("{\"type\":\"no.such.thing\"}");
        connection.sayRaw("not json");
        connection.say(new ToAgent.ScheduleSet(1, List.of()));

        assertThat(connection.hears(ToServer.ScheduleAck.class).version()).isEqualTo(1);
        assertThat(connection.heard(ToServer.Error.class)).hasSize(2);
    }

    @Test
    void a_command_runs_once_however_often_it_comes_and_results_are_resent_until_acknowledged() {
        var connection = harness.server.welcomed();
        harness.configure(connection);
        var run = new ToAgent.CommandRun(
                AgentHarness.JOB, JobSpec.of(harness.manual()), JobTrigger.MANUAL, Optional.empty(), Optional.empty());
        connection.say(run);
        connection.say(run);
        // The repository's creation, then the backup.
        assertThat(connection.hears(ToServer.JobFinished.class, 2).get(1).status())
                .isEqualTo(JobStatus.SUCCEEDED);
        assertThat(connection.hears(ToServer.LogStream.class).lines()).isNotEmpty();
        connection.hears(ToServer.SnapshotsReport.class);
        connection.drop();

        var second = harness.server.connection();
        assertThat(second.hears(ToServer.Hello.class).jobs()).contains(AgentHarness.JOB);
        second.say(FakeServer.welcome(harness.now));
        second.say(run);
        var again = second.hears(ToServer.SnapshotsReport.class);
        assertThat(second.heard(ToServer.JobFinished.class)).hasSize(2);
        second.say(new ToAgent.EventAck(again.sequence()));
        second.say(run);
        second.say(new ToAgent.ScheduleSet(1, List.of()));
        second.hears(ToServer.ScheduleAck.class);
        second.drop();

        var third = harness.server.connection();
        assertThat(third.hears(ToServer.Hello.class).jobs()).isEmpty();
    }

    @Test
    void a_job_on_a_machine_that_has_no_repository_yet_fails_saying_so() {
        var connection = harness.server.welcomed();

        connection.say(new ToAgent.CommandRun(
                AgentHarness.JOB,
                new JobSpec.Check(Optional.empty()),
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.empty()));

        var end = AgentHarness.ends(connection, AgentHarness.JOB);
        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.errorCode()).contains("no_repository");
    }

    @Test
    void a_log_waits_until_every_result_has_been_sent() {
        var connection = harness.server.welcomed();
        harness.configure(connection);
        connection.say(new ToAgent.CommandRun(
                AgentHarness.JOB, JobSpec.of(harness.manual()), JobTrigger.MANUAL, Optional.empty(), Optional.empty()));
        AgentHarness.ends(connection, AgentHarness.JOB);
        harness.agent.close();
        var outbox = Outbox.open(StateDirectory.open(root.resolve("state")));
        for (int i = 0; i < 100; i++) {
            outbox.add(sequence -> new ToServer.JobMissed(
                    sequence,
                    "job-" + sequence,
                    JobKind.BACKUP,
                    AgentHarness.ID,
                    harness.now,
                    Optional.empty(),
                    "asleep"));
        }
        harness.startAgent();

        var second = harness.server.welcomed();
        var lastOfWindow = second.hears(ToServer.JobMissed.class, 50).get(49);
        second.say(new ToAgent.ScheduleSet(1, List.of())); // a marker: what would be sent has been sent
        second.hears(ToServer.ScheduleAck.class);
        assertThat(second.heard(ToServer.LogStream.class)).isEmpty();
        second.say(new ToAgent.EventAck(lastOfWindow.sequence()));

        second.hears(ToServer.JobMissed.class, 100);
        second.hears(ToServer.LogStream.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}"})
    void whatever_file_is_damaged_the_agent_starts_and_backs_up_once_it_was_told_all_again(String damage)
            throws Exception {
        var first = harness.scheduled();
        first.say(new ToAgent.CloneNotice(harness.now));
        first.say(new ToAgent.CommandRun(
                AgentHarness.JOB, JobSpec.of(harness.manual()), JobTrigger.MANUAL, Optional.empty(), Optional.empty()));
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
        second.say(new ToAgent.CommandRun(
                AgentHarness.OTHER_JOB,
                JobSpec.of(harness.manual()),
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.empty()));

        assertThat(AgentHarness.ends(second, AgentHarness.OTHER_JOB).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_final_rejection_is_not_hammered() {
        var connection = harness.server.connection();
        connection.hears(ToServer.Hello.class);
        connection.say(new ToAgent.Reject("unknown_host", "this host was removed", true));
        connection.drop();

        harness.skipped.addAndGet(Duration.ofMinutes(59).toNanos());
        var restarted = harness.agent;
        harness.startAgent(); // a marker: by the time this one has dialled, the other would have too
        harness.server.connection().hears(ToServer.Hello.class);
        restarted.close();
        assertThat(harness.server.connectionCount()).isEqualTo(2);
    }

    @Test
    void a_second_agent_on_the_same_state_is_turned_away() throws Exception {
        var state = StateDirectory.open(root.resolve("other"));
        var lock = StateLock.take(state);

        org.assertj.core.api.Assertions.assertThatThrownBy(() -> StateLock.take(state))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("another agent is running");
        lock.close();
    }
}
