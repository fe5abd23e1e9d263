package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where on a machine repositories are made. */
class NewRepositoryTest {

    @TempDir
    Path root;

    JobBench bench;

    @BeforeEach
    void start() {
        bench = new JobBench(root);
    }

    @AfterEach
    void stop() {
        bench.close();
    }

    @Test
    void none_is_made_among_other_files_whoever_asks() throws IOException {
        JobBench.write(bench.repository.resolve("crontab"), "");

        var init = bench.end(bench.submit(JobKind.INIT));
        var backup = bench.run(bench.everything());

        assertThat(init.errorCode()).contains("not_empty");
        assertThat(init.error().orElseThrow()).contains("holds other files, such as crontab");
        assertThat(backup.status()).isEqualTo(JobStatus.FAILED);
        assertThat(backup.errorCode()).contains("not_empty");
        assertThat(bench.repository.toFile().list()).containsExactly("crontab");
    }

    @Test
    void one_is_made_at_the_top_of_a_disk_and_where_making_it_was_broken_off() throws IOException {
        Files.createDirectories(bench.repository.resolve("lost+found"));
        Files.createDirectories(bench.repository.resolve("keys"));

        assertThat(bench.run(bench.everything()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void one_that_is_there_is_used_whatever_lies_beside_it() {
        bench.giveRepository();
        JobBench.write(bench.repository.resolve("README"), "");

        assertThat(bench.run(bench.everything()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }
}
