package io.resticfleet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that are repeated, late or reordered have one effect; a restored server receives what it has lost. */
class ReplayTest {

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

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void old_messages_in_any_order_do_no_harm(long seed) {
        var first = harness.server.welcomed();
        var end = runJob(first);
        first.drop();

        var second = harness.server.welcomed();
        var random = new Random(seed);
        var again = new ArrayList<ToAgent>(commands());
        again.addAll(commands());
        again.add(new ToAgent.CommandHold(new JobId(AgentHarness.JOB), "busy"));
        again.add(new ToAgent.CommandRefuse(new JobId(AgentHarness.JOB), "no"));
        again.add(new ToAgent.CommandCancel(new JobId(AgentHarness.JOB)));
        again.add(new ToAgent.LogAck(new JobId(AgentHarness.JOB), 1));
        again.add(new ToAgent.EventAck(end.sequence()));
        again.add(new ToAgent.EventAck(1));
        again.add(new ToAgent.EventAck(Long.MAX_VALUE));
        again.add(new ToAgent.Welcome(
                "1",
                10,
                harness.now,
                Optional.of("an old epoch"),
                Optional.of(0L),
                Optional.empty(),
                Optional.empty()));
        Collections.shuffle(again, random);
        again.forEach(second::send);
        second.send(new ToAgent.CommandRun(
                new JobId(AgentHarness.OTHER_JOB),
                JobSpec.once(JobKind.CHECK),
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.empty()));

        // A barrier: the agent runs one job at a time.
        assertThat(second.receive(ToServer.JobFinished.class).jobId().value()).isEqualTo(AgentHarness.OTHER_JOB);
        assertThat(second.receive(ToServer.JobFinished.class).sequence()).isGreaterThan(end.sequence());
        assertThat(second.received(ToServer.ScheduleAck.class))
                .as("seed " + seed)
                .hasSize(6)
                .extracting(ToServer.ScheduleAck::version)
                .containsOnly(3L);
        second.drop();
        assertThat(harness.server.connection().receive(Hello.class).serverEpoch())
                .isEmpty();
    }

    @Test
    void a_restored_server_receives_what_it_has_lost_and_what_the_machine_holds() {
        var first = harness.server.connection();
        assertThat(first.receive(Hello.class).serverEpoch()).isEmpty();
        first.send(welcome("epoch-1", 0));
        var end = runJob(first);
        first.drop();

        var restored = harness.server.connection();
        var hello = restored.receive(Hello.class);
        assertThat(hello.serverEpoch()).contains("epoch-1");
        assertThat(hello.ackedSequence()).contains(end.sequence());
        restored.send(welcome("epoch-2", 0));
        restored.send(new ToAgent.ScheduleAsk());

        assertThat(restored.receive(ToServer.JobFinished.class)).isEqualTo(end);
        var held = restored.receive(ToServer.ScheduleHeld.class);
        assertThat(held.version()).isEqualTo(3);
        assertThat(held.schedules()).containsExactly(harness.manual());
        restored.drop();
        assertThat(harness.server.connection().receive(Hello.class).serverEpoch())
                .contains("epoch-2");
    }

    /** Runs a job and acknowledges its result; returns once the agent has nothing more to send. */
    private ToServer.JobFinished runJob(FakeServer.Connection connection) {
        commands().forEach(connection::send);
        var end = connection.receive(ToServer.JobFinished.class);
        connection.receive(ToServer.LogStream.class);
        connection.send(new ToAgent.EventAck(end.sequence()));
        connection.send(new ToAgent.ScheduleSet(3, List.of(harness.manual()))); // a barrier
        connection.receive(ToServer.ScheduleAck.class, 4);
        return end;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "{"})
    void an_agent_with_damaged_files_starts_and_reuses_no_sequence_number(String damage) throws Exception {
        var first = harness.server.connection();
        first.send(welcome("epoch-1", 0));
        var end = runJob(first);
        harness.agent.close();
        for (var name : List.of("planner.json", "ended-jobs.json", "schedules.json", "server.json", "outbox/highest")) {
            Files.writeString(root.resolve("state").resolve(name), damage);
        }
        Files.writeString(root.resolve("state/outbox/lost"), damage);

        harness.startAgent();

        var second = harness.server.welcomed();
        second.send(new ToAgent.CommandRun(
                new JobId(AgentHarness.OTHER_JOB),
                JobSpec.once(JobKind.CHECK),
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.empty()));
        assertThat(second.receive(ToServer.JobFinished.class).sequence()).isGreaterThan(end.sequence());
        assertThat(root.resolve("state/planner.json.damaged")).exists();
    }

    private ToAgent.Welcome welcome(String epoch, long stored) {
        return new ToAgent.Welcome(
                "1", 10, harness.now, Optional.of(epoch), Optional.of(stored), Optional.empty(), Optional.empty());
    }

    /** A check without a repository ends at once. */
    private List<ToAgent> commands() {
        return List.of(
                new ToAgent.ScheduleSet(1, List.of()),
                new ToAgent.ScheduleSet(2, List.of()),
                new ToAgent.ScheduleSet(3, List.of(harness.manual())),
                new ToAgent.CommandRun(
                        new JobId(AgentHarness.JOB),
                        JobSpec.once(JobKind.CHECK),
                        JobTrigger.MANUAL,
                        Optional.empty(),
                        Optional.empty()));
    }
}
