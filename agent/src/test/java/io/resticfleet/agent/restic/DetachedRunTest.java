package io.resticfleet.agent.restic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program whose agent was killed while it started it. */
class DetachedRunTest {

    @TempDir
    Path directory;

    @Test
    void one_that_was_forestalled_does_not_begin_late() throws Exception {
        assertThat(DetachedRun.forestall(directory)).isTrue();

        var run = touch();

        assertThat(run.running()).isFalse();
        assertThat(directory.resolve("ran")).doesNotExist();
        assertThat(DetachedRun.adopt(directory).exitCode()).isEmpty();
    }

    @Test
    void one_that_has_begun_is_not_forestalled() throws Exception {
        var run = touch();
        assertThat(run.exitCode()).contains(0);

        assertThat(DetachedRun.forestall(directory)).isFalse();
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
