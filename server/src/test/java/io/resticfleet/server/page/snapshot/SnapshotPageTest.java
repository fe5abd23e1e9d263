package io.resticfleet.server.page.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.page.PageClient;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The page of a host's snapshots. */
class SnapshotPageTest {

    @RegisterExtension
    final TestServer server = new TestServer();

    @Test
    void the_lines_that_restore_files_have_all_that_restic_needs_with_placeholders_for_secrets() throws Exception {
        assertThat(restoring("a", "rest:https://nas:8000/it's/", "web 1", "not-shown-4711"))
                .isEqualTo("export RESTIC_REPOSITORY='rest:https://web%201:SECRET@nas:8000/it'\\''s/'\n"
                        + "restic restore 40dc1520 --target /tmp/restored");
        assertThat(restoring("b", "s3:https://s3.example.org/bucket", "AKIA1", "not-shown-4711"))
                .isEqualTo("export RESTIC_REPOSITORY=s3:https://s3.example.org/bucket\n"
                        + "export AWS_ACCESS_KEY_ID=AKIA1\nexport AWS_SECRET_ACCESS_KEY=SECRET\n"
                        + "restic restore 40dc1520 --target /tmp/restored");
        assertThat(restoring("c", "b2:bucket:web", "id", "not-shown-4711"))
                .contains("export B2_ACCOUNT_ID=id\nexport B2_ACCOUNT_KEY=SECRET\n");
        assertThat(restoring("d", "sftp:backup@nas:/srv/web", "", ""))
                .isEqualTo("export RESTIC_REPOSITORY=sftp:backup@nas:/srv/web\n"
                        + "restic restore 40dc1520 --target /tmp/restored");
    }

    /** The lines on the page of a new host with a snapshot in this repository. */
    private String restoring(String name, String url, String username, String password) throws Exception {
        var repository = username.isEmpty()
                ? Map.of("url", url, "repo_password", "not-shown-4711")
                : Map.of("url", url, "username", username, "password", password, "repo_password", "not-shown-4711");
        var host = server.enrol(name, Map.of("repository", repository));
        host.connectInSync().sendAndDrain(new ToServer.SnapshotsReport(1, server.now(), List.of(snapshot())));
        var page = PageClient.signedIn(server).open("/hosts/" + host.hostId());
        assertThat(page.source()).doesNotContain("not-shown-4711");
        return page.only("#restore-line").wholeText();
    }

    private Snapshot snapshot() {
        return new Snapshot(
                "40dc1520".repeat(8),
                "40dc1520",
                server.now(),
                "web",
                "root",
                List.of("/etc"),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
