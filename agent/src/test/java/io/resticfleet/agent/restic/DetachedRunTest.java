package io.resticfleet.agent.restic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program whose agent was killed while starting it. */
class DetachedRunTest {

    @TempDir
    Path directory;

    @Test
    void a_start_that_was_prevented_does_not_happen_later() throws Exception {
        assertThat(DetachedRun.preventStart(directory)).isTrue();

        var run = touch();

        assertThat(run.running()).isFalse();
        assertThat(directory.resolve("ran")).doesNotExist();
        assertThat(DetachedRun.adopt(directory).exitCode()).isEmpty();
    }

    @Test
    void a_program_that_has_started_cannot_be_prevented() throws Exception {
        var run = touch();
        assertThat(run.exitCode()).contains(0);

        assertThat(DetachedRun.preventStart(directory)).isFalse();
        assertThat(directory.resolve("ran")).exists();
    }

    private DetachedRun touch() throws Exception {
        var run = DetachedRun.start(
                directory,
                List.of("touch", directory.resolve("ran").toString()),
                Map.of("PATH", System.getenv("PATH")));
        run.awaitEnd(Duration.ofMinutes(1));
        return run;
    }
}
