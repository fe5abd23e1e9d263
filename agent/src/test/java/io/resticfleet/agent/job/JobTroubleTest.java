package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.restic.DetachedRun;
import io.resticfleet.agent.restic.ResticEvent;
import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Failures of jobs and how they are reported. */
@Tag("slow")
class JobTroubleTest {

    private static final String UNREADABLE = "{\"message_type\":\"error\",\"error\":{\"message\":"
            + "\"permission denied\"},\"during\":\"archival\",\"item\":\"/etc/shadow\"}";

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
    void a_missing_path_makes_the_backup_partial() {
        harness.createRepository();
        var end = harness.run(JobHarness.backupOf(harness.files.toString(), root + "/nothing"));

        assertThat(end.status()).isEqualTo(JobStatus.PARTIAL);
        assertThat(end.error().orElseThrow()).contains("do not exist").contains(root + "/nothing");
        assertThat(end.errorCode()).contains(ErrorCode.PATH_MISSING.reported());
        assertThat(end.snapshotId()).isPresent();
    }

    @Test
    void without_any_of_its_paths_a_backup_fails() {
        var end = harness.run(JobHarness.backupOf(root + "/nothing"));

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).contains("none of the paths exist");
        assertThat(end.errorCode()).contains(ErrorCode.PATH_MISSING.reported());
    }

    @Test
    void of_several_problems_the_first_sets_the_code() throws IOException {
        harness.createRepository();
        harness.close();
        var partial = JobHarness.resticBut(
                root, "*' backup '*) /usr/bin/restic \"$@\"; echo '" + UNREADABLE + "' >&2; exit 3;;");
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, partial, JobHarness.LIMITS);

        var unreadable = harness.run(harness.everything());
        var both = harness.run(JobHarness.backupOf(harness.files.toString(), root + "/nothing"));

        assertThat(unreadable.status()).as(unreadable.toString()).isEqualTo(JobStatus.PARTIAL);
        assertThat(unreadable.error().orElseThrow()).contains("1 files could not be read: /etc/shadow");
        assertThat(unreadable.errorCode()).contains(ErrorCode.FILES_UNREADABLE.reported());
        assertThat(both.error().orElseThrow()).contains("do not exist").contains("could not be read");
        assertThat(both.errorCode()).contains(ErrorCode.PATH_MISSING.reported());
    }

    @Test
    void every_line_of_restic_is_in_the_log() throws IOException {
        harness.close();
        var noisy = JobHarness.resticBut(
                root,
                "*' backup '*) echo '[{not an answer' >&2; echo '[abc' >&2; echo '{broken' >&2;"
                        + " echo '{\"message_type\":\"news\",\"text\":\"of a newer restic\"}';"
                        + " echo '{\"message_type\":\"error\",\"message\":\"pack 12: does not exist\"}' >&2;"
                        + " printf %s '{\"message_type\":\"exit_error\",\"message\":\"1\\n2\\n3\\n4\\n5\\n6\\n7\"}' >&2; exit 1;;");
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, noisy, JobHarness.LIMITS);

        var end = harness.run(harness.everything());

        assertThat(harness.log(end.jobId().value()))
                .contains(
                        "restic [{not an answer\n",
                        "restic [abc\n",
                        "restic {broken\n",
                        "of a newer restic",
                        "restic pack 12: does not exist\n",
                        "restic 5\nrestic … and 2 more lines\n");
    }

    @Test
    void a_file_named_like_an_error_does_not_decide_the_code() throws IOException {
        harness.close();
        var refused = JobHarness.resticBut(
                root,
                "*' backup '*) echo '" + UNREADABLE.replace("/etc/shadow", "/srv/401 Unauthorized.html") + "' >&2;"
                        + " echo 'Fatal: unable to save snapshot: server response unexpected: 413 Request Entity Too Large"
                        + " (413)' >&2; exit 1;;");
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, refused, JobHarness.LIMITS);

        var end = harness.run(harness.everything());

        assertThat(end.errorCode()).contains(ErrorCode.TOO_LARGE.reported());
        assertThat(end.error().orElseThrow()).contains("413").doesNotContain("Unauthorized");
    }

    @Test
    void all_unreadable_files_are_counted_and_the_list_of_them_names_how_many_it_leaves_out() throws IOException {
        harness.createRepository();
        harness.close();
        var partial = JobHarness.resticBut(
                root,
                "*' backup '*) /usr/bin/restic \"$@\"; for during in scan archival; do seq 1300 | sed \"s|.*|"
                        + "{\\\"message_type\\\":\\\"error\\\",\\\"error\\\":{\\\"message\\\":\\\"denied\\\"},"
                        + "\\\"during\\\":\\\"$during\\\",\\\"item\\\":\\\"/f/&\\\"}|\" >&2; done; exit 3;;");
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, partial, JobHarness.LIMITS);

        var end = harness.run(harness.everything());

        assertThat(end.error().orElseThrow())
                .startsWith("1300 files could not be read: /f/1 (denied), ")
                .endsWith("/f/5 (denied) and 1295 more");
        assertThat(((BackupResult) end.stats()).errorCount()).isEqualTo(1300);
        assertThat(harness.log(end.jobId().value()))
                .contains("/f/1000:", "of 1300 files that could not be read, only the first 1000 are listed above")
                .doesNotContain("/f/1001:");
    }

    @Test
    void a_backup_survives_a_disk_that_restics_cache_has_filled() throws IOException {
        harness.createRepository();
        harness.run(harness.everything());
        harness.close();
        var full = JobHarness.resticBut(
                root,
                "*' backup '*) if mkdir " + root + "/once; then"
                        + " echo \"unable to save snapshot: write $RESTIC_CACHE_DIR/1/data/tmp: no space left on device\" >&2;"
                        + " exit 1; fi;;");
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, full, JobHarness.LIMITS);

        var end = harness.run(harness.everything());

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.log(end.jobId().value()))
                .contains("cannot use its cache")
                .contains("trying again without it");
    }

    @Test
    void a_full_disk_of_the_repository_is_not_blamed_on_the_cache() throws IOException {
        harness.createRepository();
        harness.run(harness.everything());
        harness.close();
        var full = JobHarness.resticBut(
                root,
                "*' backup '*) echo \"write " + root + "/repository/data/x: no space left on device\" >&2; exit 1;;");
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, full, JobHarness.LIMITS);

        var end = harness.run(harness.everything());

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(harness.log(end.jobId().value())).doesNotContain("trying again");
    }

    @Test
    void a_wrong_password_is_explained() {
        harness.createRepository();
        harness.configure(harness.repository.toString(), "not-the-password");

        var end = harness.run(harness.everything());

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).contains("repository password is wrong");
        assertThat(end.errorCode()).contains(ErrorCode.WRONG_PASSWORD.reported());
        assertThat(harness.log(end.jobId().value())).doesNotContain("not-the-password");
    }

    @Test
    void a_repository_that_existed_before_is_not_created_again() throws IOException {
        harness.run(harness.everything());
        Files.move(harness.repository, root.resolve("elsewhere"));

        var end = harness.run(harness.everything());

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).contains("was there before").contains("is the disk mounted?");
        assertThat(end.errorCode()).contains(ErrorCode.REPOSITORY_GONE.reported());
        assertThat(harness.repository).doesNotExist();
    }

    @Test
    void no_repository_is_created_if_the_list_of_used_ones_was_lost() throws IOException {
        harness.run(harness.everything());
        harness.close();
        Files.move(harness.repository, root.resolve("elsewhere"));
        Files.writeString(root.resolve("state/known-repositories.json"), "");
        harness = new JobHarness(root);
        harness.close();
        harness = new JobHarness(root); // set aside before, and still known

        var end = harness.run(harness.everything());
        assertThat(end.error().orElseThrow())
                .contains("may have been there before")
                .contains("Is the disk mounted?");
        assertThat(harness.repository).doesNotExist();

        Files.move(root.resolve("elsewhere"), harness.repository);
        assertThat(harness.run(harness.everything()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void an_unreachable_server_fails_at_once_and_creates_nothing() throws IOException {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        harness.configure("rest:http://127.0.0.1:" + port + "/web-01/", JobHarness.PASSWORD);

        var end = harness.run(harness.everything());

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).startsWith("repository unreachable");
        assertThat(end.errorCode()).contains(ErrorCode.NETWORK.reported());
        assertThat(harness.sent(ToServer.JobFinished.class)).hasSize(1);
    }

    @Test
    void an_answer_to_something_else_than_opening_the_repository_does_not_stop_restic() {
        var opening = new Opening();
        var forbidden = new ResticEvent.Text("RESPONSE 403: 403 This request is not authorized");
        var open = new ResticEvent.Retrying("Stat(<config/>)", "1s", "HEAD https://x");
        var other = new ResticEvent.Retrying("Save(<data/1ca863dae2>)", "1s", "PUT https://x");

        List.of(open, open, other, forbidden).forEach(event -> opening.onEvent(DetachedRun.Output.STDERR, event));
        assertThat(opening.hopeless()).isEmpty();

        List.of(open, forbidden).forEach(event -> opening.onEvent(DetachedRun.Output.STDERR, event));
        assertThat(opening.hopeless()).isPresent();
    }

    @Test
    void a_missing_restic_fails_the_job_and_not_the_agent() {
        harness.close();
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, "/nowhere/restic", JobHarness.LIMITS);

        var end = harness.run(harness.everything());

        assertThat(end.error().orElseThrow()).contains("restic not found");
        assertThat(end.errorCode()).contains(ErrorCode.RESTIC_MISSING.reported());
        assertThat(harness.run(harness.everything()).status()).isEqualTo(JobStatus.FAILED);
    }

    @Test
    void a_locked_repository_fails_the_job_naming_the_holder() throws Exception {
        harness.createRepository();
        var other = new ProcessBuilder(
                        "/usr/bin/restic",
                        "-r",
                        harness.repository.toString(),
                        "backup",
                        "--limit-upload=1",
                        harness.big(20).toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        other.environment().put("RESTIC_PASSWORD", JobHarness.PASSWORD);
        var holder = other.start();
        try {
            harness.awaitLock();

            var end = harness.end(harness.submit(JobKind.PRUNE));

            assertThat(end.status()).isEqualTo(JobStatus.FAILED);
            assertThat(end.error().orElseThrow()).contains("is locked").contains("pid " + holder.pid());
            assertThat(end.errorCode()).contains(ErrorCode.LOCKED.reported());
            assertThat(harness.log(end.jobId().value())).contains("trying again");
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }

    @Test
    void a_killed_restic_fails_the_job_and_its_lock_is_removed() throws Exception {
        harness.createRepository();
        var jobId = harness.submit(harness.slow());
        harness.awaitLock();

        ProcessHandle.of(wrapper(jobId)).orElseThrow().children().forEach(ProcessHandle::destroyForcibly);

        var end = harness.end(jobId);
        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.exitCode()).contains(137);
        assertThat(end.error().orElseThrow()).contains("was killed");
        assertThat(end.errorCode()).contains(ErrorCode.KILLED.reported());
        eventually(() -> assertThat(root.resolve("repository/locks")).isEmptyDirectory());
    }

    @Test
    void a_restic_killed_while_the_agent_was_down_ends_as_interrupted() throws Exception {
        harness.createRepository();
        var jobId = harness.submit(harness.slow());
        harness.awaitLock();
        var group = wrapper(jobId);
        harness.close();
        new ProcessBuilder("/bin/sh", "-c", "kill -s KILL -- -" + group).start().waitFor();

        harness = new JobHarness(root);

        var end = harness.end(jobId);
        assertThat(end.status()).isEqualTo(JobStatus.INTERRUPTED);
        assertThat(end.error().orElseThrow()).contains("its result is unknown");
        assertThat(end.errorCode()).contains(ErrorCode.INTERRUPTED.reported());
    }

    private long wrapper(String jobId) throws IOException {
        var process = Files.readAllLines(root.resolve("state/jobs/" + jobId + "/steps/backup/process"));
        return Long.parseLong(process.get(1).split(" ")[0]);
    }
}
