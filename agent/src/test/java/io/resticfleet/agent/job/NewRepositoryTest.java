package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ErrorCode;
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

    JobHarness harness;

    @BeforeEach
    void start() {
        harness = new JobHarness(root);
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void none_is_made_among_other_files_whoever_asks() throws IOException {
        JobHarness.write(harness.repository.resolve("crontab"), "");

        var init = harness.end(harness.submit(JobKind.INIT));
        var backup = harness.run(harness.everything());

        assertThat(init.errorCode()).contains(ErrorCode.NOT_EMPTY.reported());
        assertThat(init.error().orElseThrow()).contains("holds other files, such as crontab");
        assertThat(backup.status()).isEqualTo(JobStatus.FAILED);
        assertThat(backup.errorCode()).contains(ErrorCode.NOT_EMPTY.reported());
        assertThat(harness.repository.toFile().list()).containsExactly("crontab");
    }

    @Test
    void one_is_made_at_the_top_of_a_disk_and_where_making_it_was_broken_off() throws IOException {
        Files.createDirectories(harness.repository.resolve("lost+found"));
        Files.createDirectories(harness.repository.resolve("keys"));

        assertThat(harness.run(harness.everything()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void one_that_is_there_is_used_whatever_lies_beside_it() {
        harness.giveRepository();
        JobHarness.write(harness.repository.resolve("README"), "");

        assertThat(harness.run(harness.everything()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }
}
