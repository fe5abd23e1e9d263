package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong in a job, and how that is said. */
class JobTroubleTest {

    private static final String UNREADABLE = "{\"message_type\":\"error\",\"error\":{\"message\":"
            + "\"permission denied\"},\"during\":\"archival\",\"item\":\"/etc/shadow\"}";

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
    void a_missing_path_makes_the_backup_partial() {
        bench.giveRepository();
        var end = bench.run(JobBench.backupOf(bench.files.toString(), root + "/nothing"));

        assertThat(end.status()).isEqualTo(JobStatus.PARTIAL);
        assertThat(end.error().orElseThrow()).contains("do not exist").contains(root + "/nothing");
        assertThat(end.errorCode()).contains("path_missing");
        assertThat(end.snapshotId()).isPresent();
    }

    @Test
    void without_any_of_its_paths_a_backup_fails() {
        var end = bench.run(JobBench.backupOf(root + "/nothing"));

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).contains("none of the paths exist");
        assertThat(end.errorCode()).contains("path_missing");
    }

    @Test
    void of_several_problems_the_first_has_the_code() throws IOException {
        bench.giveRepository();
        bench.close();
        var shy = JobBench.resticBut(
                root, "*' backup '*) /usr/bin/restic \"$@\"; echo '" + UNREADABLE + "' >&2; exit 3;;");
        bench = new JobBench(root, HookRule.LOCAL_ONLY, shy, JobBench.LIMITS);

        var unreadable = bench.run(bench.everything());
        var both = bench.run(JobBench.backupOf(bench.files.toString(), root + "/nothing"));

        assertThat(unreadable.status()).as(unreadable.toString()).isEqualTo(JobStatus.PARTIAL);
        assertThat(unreadable.error().orElseThrow()).contains("1 files could not be read: /etc/shadow");
        assertThat(unreadable.errorCode()).contains("files_unreadable");
        assertThat(both.error().orElseThrow()).contains("do not exist").contains("could not be read");
        assertThat(both.errorCode()).contains("path_missing");
    }

    @Test
    void a_disk_that_is_filled_up_under_restics_cache_costs_no_backup() throws IOException {
        bench.giveRepository();
        bench.run(bench.everything());
        bench.close();
        var full = JobBench.resticBut(
                root,
                "*' backup '*) if mkdir " + root + "/once; then"
                        + " echo \"unable to save snapshot: write $RESTIC_CACHE_DIR/1/data/tmp: no space left on device\" >&2;"
                        + " exit 1; fi;;");
        bench = new JobBench(root, HookRule.LOCAL_ONLY, full, JobBench.LIMITS);

        var end = bench.run(bench.everything());

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(bench.log(end.jobId())).contains("cannot use its cache").contains("trying again without it");
    }

    @Test
    void a_repository_on_a_full_disk_is_not_blamed_on_the_cache() throws IOException {
        bench.giveRepository();
        bench.run(bench.everything());
        bench.close();
        var full = JobBench.resticBut(
                root,
                "*' backup '*) echo \"write " + root + "/repository/data/x: no space left on device\" >&2; exit 1;;");
        bench = new JobBench(root, HookRule.LOCAL_ONLY, full, JobBench.LIMITS);

        var end = bench.run(bench.everything());

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(bench.log(end.jobId())).doesNotContain("trying again");
    }

    @Test
    void a_wrong_password_is_said_in_words() {
        bench.giveRepository();
        bench.configure(bench.repository.toString(), "not-the-password");

        var end = bench.run(bench.everything());

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).contains("repository password is wrong");
        assertThat(end.errorCode()).contains("wrong_password");
        assertThat(bench.log(end.jobId())).doesNotContain("not-the-password");
    }

    @Test
    void a_repository_that_was_there_is_not_created_anew() throws IOException {
        bench.run(bench.everything());
        Files.move(bench.repository, root.resolve("elsewhere"));

        var end = bench.run(bench.everything());

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).contains("was there before").contains("is the disk mounted?");
        assertThat(end.errorCode()).contains("repository_gone");
        assertThat(bench.repository).doesNotExist();
    }

    @Test
    void no_repository_is_created_when_it_is_not_known_which_were_there_before() throws IOException {
        bench.run(bench.everything());
        bench.close();
        Files.move(bench.repository, root.resolve("elsewhere"));
        Files.writeString(root.resolve("state/known-repositories.json"), "");
        bench = new JobBench(root);
        bench.close();
        bench = new JobBench(root); // it was set aside, and is remembered

        var end = bench.run(bench.everything());
        assertThat(end.error().orElseThrow())
                .contains("may have been there before")
                .contains("Is the disk mounted?");
        assertThat(bench.repository).doesNotExist();

        Files.move(root.resolve("elsewhere"), bench.repository);
        assertThat(bench.run(bench.everything()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void an_unreachable_server_fails_at_once_and_creates_nothing() throws IOException {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        bench.configure("rest:http://127.0.0.1:" + port + "/web-01/", JobBench.PASSWORD);

        var end = bench.run(bench.everything());

        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.error().orElseThrow()).startsWith("repository unreachable");
        assertThat(end.errorCode()).contains("network");
        assertThat(bench.said(ToServer.JobFinished.class)).hasSize(1);
    }

    @Test
    void a_missing_restic_fails_the_job_and_not_the_agent() {
        bench.close();
        bench = new JobBench(root, HookRule.LOCAL_ONLY, "/nowhere/restic", JobBench.LIMITS);

        var end = bench.run(bench.everything());

        assertThat(end.error().orElseThrow()).contains("restic was not found");
        assertThat(end.errorCode()).contains("restic_missing");
        assertThat(bench.run(bench.everything()).status()).isEqualTo(JobStatus.FAILED);
    }

    @Test
    void a_locked_repository_fails_saying_who_holds_it() throws Exception {
        bench.giveRepository();
        var other = new ProcessBuilder(
                        "/usr/bin/restic",
                        "-r",
                        bench.repository.toString(),
                        "backup",
                        "--limit-upload=1",
                        bench.big(20).toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        other.environment().put("RESTIC_PASSWORD", JobBench.PASSWORD);
        var holder = other.start();
        try {
            bench.awaitLock();

            var end = bench.end(bench.submit(JobKind.PRUNE));

            assertThat(end.status()).isEqualTo(JobStatus.FAILED);
            assertThat(end.error().orElseThrow()).contains("is locked").contains("pid " + holder.pid());
            assertThat(end.errorCode()).contains("locked");
            assertThat(bench.log(end.jobId())).contains("trying again");
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }

    @Test
    void a_killed_restic_fails_the_job_and_its_lock_goes() throws Exception {
        bench.giveRepository();
        var jobId = bench.submit(bench.slow());
        bench.awaitLock();

        ProcessHandle.of(wrapper(jobId)).orElseThrow().children().forEach(ProcessHandle::destroyForcibly);

        var end = bench.end(jobId);
        assertThat(end.status()).isEqualTo(JobStatus.FAILED);
        assertThat(end.exitCode()).contains(137);
        assertThat(end.error().orElseThrow()).contains("was killed");
        assertThat(end.errorCode()).contains("killed");
        eventually(() -> assertThat(root.resolve("repository/locks")).isEmptyDirectory());
    }

    @Test
    void a_restic_that_ended_unseen_is_interrupted() throws Exception {
        bench.giveRepository();
        var jobId = bench.submit(bench.slow());
        bench.awaitLock();
        var group = wrapper(jobId);
        bench.close();
        new ProcessBuilder("/bin/sh", "-c", "kill -s KILL -- -" + group).start().waitFor();

        bench = new JobBench(root);

        var end = bench.end(jobId);
        assertThat(end.status()).isEqualTo(JobStatus.INTERRUPTED);
        assertThat(end.error().orElseThrow()).contains("cannot be known");
        assertThat(end.errorCode()).contains("interrupted");
    }

    private long wrapper(String jobId) throws IOException {
        var process = Files.readAllLines(root.resolve("state/jobs/" + jobId + "/steps/backup/process"));
        return Long.parseLong(process.get(1).split(" ")[0]);
    }
}
