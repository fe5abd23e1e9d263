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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes due: the server is asked, and if it is not there or is another, the run goes on without it. */
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
    void a_due_schedule_asks_and_runs_under_the_same_id_when_told() {
        var connection = harness.scheduled();
        harness.now = Instant.parse("2026-03-01T12:01:05Z");

        var fire = connection.hears(ToServer.ScheduleFire.class);
        assertThat(fire.scheduleId()).isEqualTo(AgentHarness.ID);
        assertThat(fire.dueAt()).isEqualTo(Instant.parse("2026-03-01T12:01:00Z"));
        connection.say(new ToAgent.CommandRun(
                fire.runId(), JobSpec.of(harness.due()), JobTrigger.CRON, Optional.of(fire.dueAt()), Optional.empty()));

        var end = AgentHarness.ends(connection, fire.runId());
        assertThat(end.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(end.trigger()).isEqualTo(JobTrigger.CRON);
        assertThat(end.dueAt()).contains(fire.dueAt());
    }

    @Test
    void a_refused_run_is_missed_for_the_reason_given() {
        var connection = harness.scheduled();
        harness.now = Instant.parse("2026-03-01T12:01:05Z");
        var fire = connection.hears(ToServer.ScheduleFire.class);

        connection.say(new ToAgent.CommandRefuse(fire.runId(), "the host is paused"));

        var missed = connection.hears(ToServer.JobMissed.class);
        assertThat(missed.jobId()).isEqualTo(fire.runId());
        assertThat(missed.reason()).isEqualTo("the host is paused");
        assertThat(connection.heard(ToServer.JobStarted.class)).isEmpty();
    }

    @Test
    void a_run_nobody_answers_starts_after_twenty_seconds() {
        var connection = harness.scheduled();
        harness.now = Instant.parse("2026-03-01T12:01:05Z");
        var fire = connection.hears(ToServer.ScheduleFire.class);
        assertThat(connection.heard(ToServer.JobStarted.class)).isEmpty();

        harness.skipped.addAndGet(Duration.ofSeconds(21).toNanos());

        assertThat(AgentHarness.ends(connection, fire.runId()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void a_held_run_waits_and_is_asked_for_again_after_a_reconnect() {
        var connection = harness.scheduled();
        harness.now = Instant.parse("2026-03-01T12:01:05Z");
        var fire = connection.hears(ToServer.ScheduleFire.class);
        connection.say(new ToAgent.CommandHold(fire.runId(), "the repository is busy"));
        connection.say(new ToAgent.ScheduleSet(2, List.of(harness.due())));
        connection.hears(ToServer.ScheduleAck.class, 2); // so the hold was heard
        harness.skipped.addAndGet(Duration.ofSeconds(25).toNanos());
        connection.drop();

        var second = harness.server.welcomed();
        assertThat(second.hears(ToServer.ScheduleFire.class).runId()).isEqualTo(fire.runId());
        assertThat(second.heard(ToServer.JobStarted.class)).isEmpty();
    }

    @Test
    void without_the_server_a_schedule_runs_and_is_reported_later() throws Exception {
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
    void with_a_server_of_another_key_nothing_is_said_and_a_schedule_runs() throws Exception {
        harness.scheduled();
        harness.agent.close();
        harness.server.close();
        try (var stranger = HttpsPeer.start(root.resolve("stranger.p12"))) {
            harness.startAgent(new ServerAddress(stranger.url()), Optional.of("0".repeat(64)));
            eventually(() -> assertThat(stranger.handshakes()).isPositive());

            harness.now = Instant.parse("2026-03-01T12:01:01Z");

            eventually(() -> assertThat(outbox()).contains("\"status\":\"succeeded\""));
            assertThat(stranger.requests()).isZero();
        }
    }

    /** Every result that waits, as it is on disk; one that is being written is not there yet. */
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
