package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.state.Storage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunIdsTest {

    private static final String SCHEDULE = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    private static final Instant DUE = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path root;

    @Test
    void a_due_time_has_one_id_on_a_machine_whatever_happens_to_the_agent() {
        var id = ids("one").of(SCHEDULE, DUE);

        assertThat(ids("one").of(SCHEDULE, DUE)).isEqualTo(id);
        assertThat(ids("one").of(SCHEDULE, DUE.plusSeconds(60))).isNotEqualTo(id);
        assertThat(Ids.wellFormed(id)).isTrue();
    }

    @Test
    void another_machine_cannot_tell_it() throws Exception {
        assertThat(ids("one").of(SCHEDULE, DUE)).isNotEqualTo(ids("two").of(SCHEDULE, DUE));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("one/run-id-secret"))))
                .isEqualTo("rw-------");
    }

    private RunIds ids(String machine) {
        return RunIds.open(Storage.open(root.resolve(machine)));
    }
}
