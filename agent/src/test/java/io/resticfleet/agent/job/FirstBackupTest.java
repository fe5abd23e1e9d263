package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RepositoryUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first backup creates the repository, also where restic before 0.17 has other words for one that is not there. */
@Tag("slow")
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

        backsUp("sftp:web01@nas:" + root + "/repository", "*) export PATH=" + ssh.getParent() + ":$PATH;;");

        assertThat(root.resolve("repository/config")).exists();
    }

    @Test
    void in_an_s3_bucket_that_does_not_exist_yet_with_keys_that_are_in_no_environment() throws IOException {
        try (var s3 = new S3StandIn("key-id")) {
            backsUp(s3.url(), "*) env >>" + root + "/environment;;");
        }

        assertThat(root.resolve("environment")).content().contains("RESTIC_").doesNotContain("key-id", "secret/key");
    }

    @Test
    void at_a_url_that_an_earlier_version_stored_and_the_present_one_would_not_accept() throws IOException {
        try (var s3 = new S3StandIn("key-id")) {
            backsUp(s3.url().replace("http://", "http://some:one@") + "/x/../?a=b", "");

            assertThat(root.resolve("state/known-repositories.json"))
                    .content()
                    .contains("\"" + new RepositoryUrl(s3.url()) + "\"");
        }
    }

    /** Backs up with credentials that an earlier agent stored. */
    private void backsUp(String url, String cases) throws IOException {
        JobHarness.write(
                root.resolve("state/credentials.json"),
                ("{'type':'config.update','hostname':'web-01','repository':{'url':'" + url
                                + "','username':'key-id','password':'secret/key'," + "'repo_password':'"
                                + JobHarness.PASSWORD + "'},'repository_known':false}")
                        .replace('\'', '"'));
        var restic = JobHarness.resticBut(root, cases);
        try (var harness = new JobHarness(root, HookRule.LOCAL_ONLY, restic, JobHarness.LIMITS)) {
            assertThat(harness.credentials.repository().orElseThrow().url()).isEqualTo(new RepositoryUrl(url));
            var end = harness.run(harness.everything());

            assertThat(end.status()).as(end + harness.log(end.jobId().value())).isEqualTo(JobStatus.SUCCEEDED);
            assertThat(end.snapshotId()).isPresent();
            harness.finish();
        }
    }
}
