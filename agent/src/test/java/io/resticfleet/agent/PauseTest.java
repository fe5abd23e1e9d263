package io.resticfleet.agent;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Pause;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole agent whose host is paused; its schedule is due at a minute past twelve. */
class PauseTest {

    private static final Instant AT = Instant.parse("2026-03-01T12:00:30Z");

    @TempDir
    Path root;

    private AgentHarness harness;
    private FakeServer.Connection connection;

    @BeforeEach
    void start() throws Exception {
        harness = new AgentHarness(root);
        connection = harness.scheduled();
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    @Test
    void a_pause_is_obeyed_with_the_server_away_and_after_a_restart() {
        configure(Optional.of(pause(Optional.empty())));
        connection.drop();
        harness.agent.close();
        harness.startAgent();

        harness.now = Instant.parse("2026-03-01T12:01:10Z");

        var missed = harness.server.welcomed().receive(ToServer.JobMissed.class);
        assertThat(missed.dueAt()).isEqualTo("2026-03-01T12:01:00Z");
        assertThat(missed.reason()).isEqualTo("paused by anna since 2026-03-01T12:00:30Z: new disks");
    }

    @Test
    void nothing_that_was_due_in_a_pause_runs_after_it_and_what_somebody_starts_runs() {
        configure(Optional.of(pause(Optional.empty())));
        harness.now = Instant.parse("2026-03-01T12:01:10Z");
        connection.receive(ToServer.JobMissed.class);
        connection.send(harness.backup(AgentHarness.JOB));
        assertThat(AgentHarness.ends(connection, AgentHarness.JOB).status()).isEqualTo(JobStatus.SUCCEEDED);

        configure(Optional.empty());
        harness.now = Instant.parse("2026-03-02T12:01:10Z");

        assertThat(connection.receive(ToServer.ScheduleFire.class).dueAt()).isEqualTo("2026-03-02T12:01:00Z");
    }

    @Test
    void a_pause_that_ends_while_the_server_is_away_ends_by_this_machines_clock() {
        configure(Optional.of(pause(Optional.of("2026-03-01T18:00:00Z"))));
        harness.agent.close();
        harness.now = Instant.parse("2026-03-02T12:01:10Z");
        harness.startAgent();

        var again = harness.server.welcomed();

        assertThat(again.receive(ToServer.JobMissed.class).dueAt()).isEqualTo("2026-03-01T12:01:00Z");
        assertThat(again.receive(ToServer.JobStarted.class).dueAt()).contains(Instant.parse("2026-03-02T12:01:00Z"));
    }

    private static Pause pause(Optional<String> until) {
        return new Pause(AT, "anna", until.map(Instant::parse), Optional.of("new disks"));
    }

    private void configure(Optional<Pause> pause) {
        connection.send(new ToAgent.ConfigUpdate(
                "web-01",
                new Repository(
                        new RepositoryUrl(root.resolve("repository").toString()),
                        Optional.empty(),
                        Optional.empty(),
                        "correct-horse"),
                false,
                Optional.empty(),
                Optional.empty(),
                pause));
        eventually(() -> assertThat(root.resolve("state/credentials.json"))
                .content()
                .satisfies(text -> assertThat(text.contains("\"pause\":{")).isEqualTo(pause.isPresent())));
    }
}
