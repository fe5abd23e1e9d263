package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a repository may be created on the machine. */
@Tag("slow")
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
    void a_candidate_is_opened_without_changing_anything_there_or_in_use() {
        harness.createRepository();
        harness.configure("/mnt/present", "present-secret");
        JobHarness.write(root.resolve("taken/crontab"), "");

        var right = probe(harness.repository, JobHarness.PASSWORD);
        var wrong = probe(harness.repository, "wrong-secret-4711");
        var none = probe(root.resolve("new"), "any");
        var taken = probe(root.resolve("taken"), "any");

        assertThat(right.status()).as(right.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(wrong.errorCode()).contains(ErrorCode.WRONG_PASSWORD.reported());
        assertThat(harness.log(wrong.jobId().value())).contains("restic").doesNotContain("wrong-secret-4711");
        assertThat(none.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.log(none.jobId().value())).contains("the first backup creates it");
        assertThat(root.resolve("new")).doesNotExist();
        assertThat(taken.errorCode()).contains(ErrorCode.NOT_EMPTY.reported());
        assertThat(harness.repository.resolve("locks")).isEmptyDirectory();
        assertThat(harness.credentials.repository().orElseThrow().repoPassword())
                .isEqualTo("present-secret");
    }

    private ToServer.JobFinished probe(Path candidate, String password) {
        return harness.end(harness.submit(new JobSpec.Probe(
                new Repository(new RepositoryUrl(candidate.toString()), Optional.empty(), Optional.empty(), password),
                false)));
    }

    @Test
    void an_existing_one_is_used_whatever_is_beside_it() {
        harness.createRepository();
        JobHarness.write(harness.repository.resolve("README"), "");

        assertThat(harness.run(harness.everything()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "cp -f other/config repository/config"})
    void nothing_is_saved_in_one_that_another_machine_creates_at_the_same_time(String whoseConfig) throws Exception {
        harness.close();
        var other = "*' init '*) /usr/bin/restic \"$@\" && cd " + root
                + " && env -u RESTIC_REPOSITORY -u RESTIC_REPOSITORY_FILE /usr/bin/restic -q -r other init"
                + " && cp other/keys/* repository/keys && " + (whoseConfig.isEmpty() ? "true" : whoseConfig)
                + "; exit $?;;";
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, JobHarness.resticBut(root, other), JobHarness.LIMITS);

        var first = harness.run(harness.everything());
        harness.close();
        harness = new JobHarness(root);
        var second = harness.run(harness.everything());

        for (var end : List.of(first, second)) {
            assertThat(end.status()).isEqualTo(JobStatus.FAILED);
            assertThat(end.errorCode()).contains(ErrorCode.CREATED_TWICE.reported());
        }
        assertThat(harness.repository.resolve("snapshots")).isEmptyDirectory();
        assertThat(new ProcessBuilder("rm", "-r", harness.repository.toString())
                        .start()
                        .waitFor())
                .isZero();
        assertThat(harness.run(harness.everything()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void two_machines_that_create_one_at_the_same_time_both_save_nothing_or_both_can_use_it() throws Exception {
        harness.close();
        var both = "*' init '*) mkdir " + root + "/here-$$;" + " until [ $(ls -d " + root
                + "/here-* | wc -l) = 2 ]; do sleep 0.05; done;;";
        var settled = new Limits(
                Duration.ofMillis(500),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofSeconds(30),
                Duration.ofSeconds(4),
                Duration.ofSeconds(5));
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, JobHarness.resticBut(root, both), settled);
        try (var twin = new JobHarness(
                root.resolve("twin"),
                HookRule.LOCAL_ONLY,
                root.resolve("restic").toString(),
                settled)) {
            twin.configure(harness.repository.toString(), JobHarness.PASSWORD);
            var mine = harness.submit(harness.everything());
            var its = twin.submit(twin.everything());

            var ends = List.of(harness.end(mine), twin.end(its));

            if (ends.get(0).status() == JobStatus.SUCCEEDED) {
                assertThat(ends.get(1).status()).isEqualTo(JobStatus.SUCCEEDED);
                assertThat(harness.restic("check")).contains("no errors were found");
            } else {
                assertThat(ends)
                        .allSatisfy(end -> assertThat(end.errorCode()).contains(ErrorCode.CREATED_TWICE.reported()));
                assertThat(harness.repository.resolve("snapshots")).isEmptyDirectory();
            }
        }
    }

    @Test
    void one_with_several_keys_that_was_created_elsewhere_is_used() throws Exception {
        harness.createRepository();
        JobHarness.write(root.resolve("second"), "another");
        harness.restic(
                "key", "add", "--new-password-file", root.resolve("second").toString());

        assertThat(harness.end(harness.submit(JobKind.INIT)).errorCode()).contains(ErrorCode.REPO_EXISTS.reported());
        assertThat(harness.run(harness.everything()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }
}
