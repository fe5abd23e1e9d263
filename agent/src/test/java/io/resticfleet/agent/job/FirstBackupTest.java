package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first backup creates the repository, also where restic before 0.17 has other words for one that is not there. */
class FirstBackupTest {

    private static final Path SFTP_SERVER = Path.of("/usr/lib/openssh/sftp-server");

    @TempDir
    Path root;

    @Test
    void at_an_sftp_server() throws IOException {
        assumeThat(SFTP_SERVER).as("install openssh-sftp-server").isExecutable();
        var ssh = Files.createDirectories(root.resolve("bin")).resolve("ssh");
        Files.writeString(ssh, "#!/bin/sh\nexec " + SFTP_SERVER + "\n");
        Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwxr-xr-x"));

        backsUp("sftp:web01@nas:" + root + "/repository", "PATH=" + ssh.getParent() + ":$PATH");

        assertThat(root.resolve("repository/config")).exists();
    }

    @Test
    void in_an_s3_bucket_that_does_not_exist_yet() throws IOException {
        try (var s3 = new S3StandIn()) {
            backsUp(s3.url(), "AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b");
        }
    }

    private void backsUp(String url, String environment) throws IOException {
        var restic = JobHarness.resticBut(root, "*) export " + environment + ";;");
        try (var harness = new JobHarness(root, HookRule.LOCAL_ONLY, restic, JobHarness.LIMITS)) {
            harness.configure(url, JobHarness.PASSWORD);

            var end = harness.run(harness.everything());

            assertThat(end.status()).as(end + harness.log(end.jobId().value())).isEqualTo(JobStatus.SUCCEEDED);
            assertThat(end.snapshotId()).isPresent();
        }
    }
}
