package io.resticfleet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.link.Outbox;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that a server starts on a whole agent, and their results. */
class CommandRunTest {

    private static final Optional<RepositoryId> PRESENT = Optional.of(new RepositoryId("01ARZ3NDEKTSV4RRFFQ69G5RE1"));
    private static final Optional<RepositoryId> FORMER = Optional.of(new RepositoryId("01ARZ3NDEKTSV4RRFFQ69G5RE2"));

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
        harness.configure(connection, "web-01", PRESENT);

        connection.send(harness.backup(AgentHarness.JOB, FORMER));
        var refused = AgentHarness.ends(connection, AgentHarness.JOB);
        connection.send(harness.backup(AgentHarness.OTHER_JOB, PRESENT));

        assertThat(refused.status()).isEqualTo(JobStatus.FAILED);
        assertThat(refused.errorCode()).contains(ErrorCode.REPOSITORY_CHANGED.reported());
        assertThat(AgentHarness.ends(connection, AgentHarness.OTHER_JOB).status())
                .isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_job_that_names_no_repository_runs() throws Exception {
        var connection = harness.server.welcomed();
        harness.configure(connection, "web-01", PRESENT);

        connection.send(harness.backup(AgentHarness.JOB));

        assertThat(AgentHarness.ends(connection, AgentHarness.JOB).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_job_on_a_machine_without_a_repository_fails_with_that_reason() {
        var connection = harness.server.welcomed();

        connection.send(new ToAgent.CommandRun(
                new JobId(AgentHarness.JOB),
                JobSpec.once(JobKind.CHECK),
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.empty()));

        var end = AgentHarness.ends(connection, AgentHarness.JOB);
        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.errorCode()).contains(ErrorCode.NO_REPOSITORY.reported());
    }

    @Test
    void a_repository_that_the_owner_does_not_allow_is_stored_but_not_used() throws Exception {
        Files.writeString(root.resolve("policy.json"), "{\"repositories\":[\"rest\"]}");
        var connection = harness.server.welcomed();
        harness.configure(connection);

        connection.send(harness.backup(AgentHarness.JOB));
        assertThat(AgentHarness.ends(connection, AgentHarness.JOB).errorCode())
                .contains(ErrorCode.POLICY_REPOSITORY.reported());
        Files.delete(root.resolve("policy.json"));
        connection.send(harness.backup(AgentHarness.OTHER_JOB));

        assertThat(AgentHarness.ends(connection, AgentHarness.OTHER_JOB).status())
                .isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_repeated_command_runs_once_and_results_are_resent_until_acknowledged() {
        var connection = harness.server.welcomed();
        harness.configure(connection);
        var run = harness.backup(AgentHarness.JOB);
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
    void a_log_waits_until_every_result_has_been_sent() {
        var connection = harness.server.welcomed();
        harness.configure(connection);
        connection.send(harness.backup(AgentHarness.JOB));
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
}
