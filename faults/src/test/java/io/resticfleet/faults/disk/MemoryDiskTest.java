package io.resticfleet.faults.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.resticfleet.agent.state.StateDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MemoryDiskTest {

    @Test
    void data_that_the_agent_has_written_survives_every_power_cut() {
        for (int seed = 0; seed < 200; seed++) {
            var disk = new MemoryDisk(() -> {});
            var state = StateDirectory.open(disk.root().resolve("state"));
            state.directory("deep");
            state.writeJson("deep/one.json", "old");
            state.writeJson("deep/one.json", "new");

            disk.cut(new SplittableRandom(seed));

            assertThat(state.readJson("deep/one.json", String.class)).contains("new");
        }
    }

    @Test
    void unflushed_data_survives_only_some_power_cuts() throws IOException {
        var seen = new HashSet<String>();
        for (int seed = 0; seed < 200; seed++) {
            var disk = new MemoryDisk(() -> {});
            var file = disk.root().resolve("file");
            Files.writeString(file, "abc");

            disk.cut(new SplittableRandom(seed));

            seen.add(Files.exists(file) ? Files.readString(file) : "gone");
        }

        assertThat(seen).containsExactlyInAnyOrder("gone", "", "a", "ab", "abc");
    }

    @Test
    void a_moved_file_is_in_one_place_whatever_was_flushed() throws IOException {
        for (int seed = 0; seed < 200; seed++) {
            var disk = new MemoryDisk(() -> {});
            var state = StateDirectory.open(disk.root().resolve("state"));
            var from = state.directory("from").resolve("file");
            var to = state.directory("to").resolve("file");
            state.writeJson(from, "it");
            Files.move(from, to);
            if (seed % 2 == 0) {
                state.writeJson("from/other", "flushes the directory");
            }

            disk.cut(new SplittableRandom(seed));

            assertThat(Files.exists(from)).isNotEqualTo(Files.exists(to));
        }
    }

    @Test
    void a_full_disk_rejects_writes_until_something_is_deleted() {
        var disk = new MemoryDisk(() -> {});
        var state = StateDirectory.open(disk.root().resolve("state"));
        state.writeJson("old", "x".repeat(100));
        disk.fill(10);

        assertThatThrownBy(() -> state.writeJson("new", "y".repeat(50)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("Disk quota exceeded");

        state.delete(state.root().resolve("old"));
        state.writeJson("new", "y".repeat(50));
        assertThat(state.readJson("new", String.class)).contains("y".repeat(50));
    }
}
