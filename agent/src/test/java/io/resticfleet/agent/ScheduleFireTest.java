package io.resticfleet.agent;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.link.HttpsPeer;
import io.resticfleet.agent.link.ServerAddress;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Due runs: the agent asks the server, and starts them itself if the server is away or is another one. */
@Tag("slow")
class ScheduleFireTest {

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
    void a_due_run_asks_the_server_and_runs_under_the_same_id() {
        var connection = harness.scheduled();
        harness.now = Instant.parse("2026-03-01T12:01:05Z");

        var fire = connection.receive(ToServer.ScheduleFire.class);
        assertThat(fire.scheduleId().value()).isEqualTo(AgentHarness.ID);
        assertThat(fire.dueAt()).isEqualTo(Instant.parse("2026-03-01T12:01:00Z"));
        connection.send(new ToAgent.CommandRun(
                fire.runId(), JobSpec.of(harness.due()), JobTrigger.CRON, Optional.of(fire.dueAt()), Optional.empty()));

        var end = AgentHarness.ends(connection, fire.runId().value());
        assertThat(end.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(end.trigger()).isEqualTo(JobTrigger.CRON);
        assertThat(end.dueAt()).contains(fire.dueAt());
    }

    @Test
    void a_refused_run_is_missed_with_the_servers_reason() {
        var connection = harness.scheduled();
        harness.now = Instant.parse("2026-03-01T12:01:05Z");
        var fire = connection.receive(ToServer.ScheduleFire.class);

        connection.send(new ToAgent.CommandRefuse(fire.runId(), "the host is paused"));

        var missed = connection.receive(ToServer.JobMissed.class);
        assertThat(missed.jobId()).isEqualTo(fire.runId());
        assertThat(missed.reason()).isEqualTo("the host is paused");
        assertThat(connection.received(ToServer.JobStarted.class)).isEmpty();
    }

    @Test
    void a_run_without_an_answer_starts_after_twenty_seconds() {
        var connection = harness.scheduled();
        harness.now = Instant.parse("2026-03-01T12:01:05Z");
        var fire = connection.receive(ToServer.ScheduleFire.class);
        assertThat(connection.received(ToServer.JobStarted.class)).isEmpty();

        harness.skipped.addAndGet(Duration.ofSeconds(21).toNanos());

        assertThat(AgentHarness.ends(connection, fire.runId().value()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_held_run_waits_and_asks_again_after_a_reconnect() {
        var connection = harness.scheduled();
        harness.now = Instant.parse("2026-03-01T12:01:05Z");
        var fire = connection.receive(ToServer.ScheduleFire.class);
        connection.send(new ToAgent.CommandHold(fire.runId(), "the repository is busy"));
        connection.send(new ToAgent.ScheduleSet(2, List.of(harness.due())));
        connection.receive(ToServer.ScheduleAck.class, 2); // so the hold has arrived
        harness.skipped.addAndGet(Duration.ofSeconds(25).toNanos());
        connection.drop();

        var second = harness.server.welcomed();
        assertThat(second.receive(ToServer.ScheduleFire.class).runId()).isEqualTo(fire.runId());
        assertThat(second.received(ToServer.JobStarted.class)).isEmpty();
    }

    @Test
    void without_the_server_a_due_run_starts_and_is_reported_later() throws Exception {
        var connection = harness.scheduled();
        harness.server.close();
        connection.drop();
        eventually(() -> assertThat(harness.agent.connected()).isFalse());

        harness.now = Instant.parse("2026-03-01T12:01:05Z");

        eventually(() -> assertThat(root.resolve("repository/snapshots")).isNotEmptyDirectory());
        eventually(
                () -> assertThat(root.resolve("state/outbox").toFile().list()).hasSizeGreaterThan(3));
    }

    @Test
    void a_server_with_another_key_receives_nothing_and_the_due_run_starts() throws Exception {
        harness.scheduled();
        harness.agent.close();
        harness.server.close();
        try (var impostor = HttpsPeer.start(root.resolve("impostor.p12"))) {
            harness.startAgent(new ServerAddress(impostor.url()), Optional.of("0".repeat(64)));
            eventually(() -> assertThat(impostor.handshakes()).isPositive());

            harness.now = Instant.parse("2026-03-01T12:01:01Z");

            eventually(() -> assertThat(outbox()).contains("\"status\":\"succeeded\""));
            assertThat(impostor.requests()).isZero();
        }
    }

    /** All waiting results as stored; one that is being written is not included. */
    private String outbox() {
        try (var files = Files.newDirectoryStream(root.resolve("state/outbox"), "[0-9]*.json")) {
            var all = new StringBuilder();
            for (var file : files) {
                all.append(Files.readString(file));
            }
            return all.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
