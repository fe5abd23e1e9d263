package io.resticfleet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
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

/** Schedule sets that a whole agent receives. */
class ScheduleSetTest {

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
                0,
                Optional.empty());
        connection.send(new ToAgent.ScheduleSet(5, List.of(harness.manual(), wrong)));

        var ack = connection.receive(ToServer.ScheduleAck.class);
        assertThat(ack.version()).isZero();
        assertThat(ack.refused()).isPresent();
    }
}
