package io.resticfleet.agent;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole agent that its server does not accept. */
class RejectionTest {

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
    @ValueSource(strings = {ToAgent.Reject.HOST_DELETED, ToAgent.Reject.REPLACED})
    void the_agent_of_a_deleted_or_replaced_machine_runs_no_schedule_until_it_is_accepted_again(String code) {
        var connection = harness.scheduled();
        connection.drop();
        var rejected = harness.server.connection();
        rejected.receive(Hello.class);
        rejected.send(new ToAgent.Reject(code, "this machine is not the host any more", true));
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
}
