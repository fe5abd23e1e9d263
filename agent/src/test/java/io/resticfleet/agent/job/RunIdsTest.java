package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.ScheduleId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunIdsTest {

    private static final String SCHEDULE = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    private static final Instant DUE = Instant.parse("2026-03-01T12:00:00Z");

    private static final Instant NOTICE = Instant.parse("2026-02-28T00:00:00Z");

    @TempDir
    Path root;

    @Test
    void a_due_time_always_has_the_same_id_on_a_machine() {
        var id = ids("one").of(new ScheduleId(SCHEDULE), DUE, 0);

        assertThat(ids("one").of(new ScheduleId(SCHEDULE), DUE, 0)).isEqualTo(id);
        assertThat(ids("one").of(new ScheduleId(SCHEDULE), DUE.plusSeconds(60), 0))
                .isNotEqualTo(id);
    }

    @Test
    void another_machine_has_another_id() throws Exception {
        assertThat(ids("one").of(new ScheduleId(SCHEDULE), DUE, 0))
                .isNotEqualTo(ids("two").of(new ScheduleId(SCHEDULE), DUE, 0));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("one/run-id-secret"))))
                .isEqualTo("rw-------");
    }

    @Test
    void a_clone_with_another_machine_id_has_another_id() {
        var state = StateDirectory.open(root.resolve("one"));

        assertThat(RunIds.open(state, "a").of(new ScheduleId(SCHEDULE), DUE, 0))
                .isNotEqualTo(RunIds.open(state, "b").of(new ScheduleId(SCHEDULE), DUE, 0));
    }

    @Test
    void a_clone_with_the_same_machine_id_has_another_id_once_the_server_has_noticed() throws Exception {
        var id = ids("one").of(new ScheduleId(SCHEDULE), DUE, 0);
        var earlier = ids("one").of(new ScheduleId(SCHEDULE), DUE.minusSeconds(60), 0);
        Files.createDirectory(root.resolve("two"));
        Files.copy(root.resolve("one/run-id-secret"), root.resolve("two/run-id-secret"));
        assertThat(ids("two").of(new ScheduleId(SCHEDULE), DUE, 0)).isEqualTo(id);

        ids("one").distinguishFromClone(NOTICE, DUE.minusSeconds(30));
        ids("two").distinguishFromClone(NOTICE, DUE.minusSeconds(30));

        var apart = ids("one").of(new ScheduleId(SCHEDULE), DUE, 0);
        assertThat(apart).isNotEqualTo(id).isNotEqualTo(ids("two").of(new ScheduleId(SCHEDULE), DUE, 0));
        ids("one").distinguishFromClone(NOTICE, DUE); // as the server sends it after every hello
        assertThat(ids("one").of(new ScheduleId(SCHEDULE), DUE, 0)).isEqualTo(apart);
        assertThat(ids("one").of(new ScheduleId(SCHEDULE), DUE.minusSeconds(60), 0))
                .isEqualTo(earlier);
    }

    private RunIds ids(String machine) {
        return RunIds.open(StateDirectory.open(root.resolve(machine)));
    }
}
