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

/** Where a repository may be created on the machine. */
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
    void none_is_created_among_other_files() throws IOException {
        JobHarness.write(harness.repository.resolve("crontab"), "");

        var init = harness.end(harness.submit(JobKind.INIT));
        var backup = harness.run(harness.everything());

        assertThat(init.errorCode()).contains(ErrorCode.NOT_EMPTY.reported());
        assertThat(init.error().orElseThrow()).contains("contains other files, such as crontab");
        assertThat(backup.status()).isEqualTo(JobStatus.FAILED);
        assertThat(backup.errorCode()).contains(ErrorCode.NOT_EMPTY.reported());
        assertThat(harness.repository.toFile().list()).containsExactly("crontab");
    }

    @Test
    void one_is_created_at_a_mount_point_and_over_an_incomplete_one() throws IOException {
        Files.createDirectories(harness.repository.resolve("lost+found"));
        Files.createDirectories(harness.repository.resolve("keys"));

        assertThat(harness.run(harness.everything()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void an_existing_one_is_used_whatever_is_beside_it() {
        harness.createRepository();
        JobHarness.write(harness.repository.resolve("README"), "");

        assertThat(harness.run(harness.everything()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }
}
