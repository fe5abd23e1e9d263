package io.resticfleet.agent.restic;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is stricter than restic: neither the check of a URL nor the attempt to reach its server. */
class RepositoryProbeTest {

    @Test
    void one_address_that_answers_is_enough() throws Exception {
        var first = InetAddress.getByName("127.0.0.1");
        var second = InetAddress.getByName("127.0.0.2");
        try (var listening = new ServerSocket(0, 1, second)) {
            var server = new RepositoryUrl.Server("nas", listening.getLocalPort());

            assertThat(RepositoryProbe.connect(server, first, second)).isEmpty();
            assertThat(RepositoryProbe.connect(server, second, first)).isEmpty();
            assertThat(RepositoryProbe.connect(server, first, first))
                    .hasValueSatisfying(problem -> assertThat(problem)
                            .startsWith("repository unreachable: nas:")
                            .contains("refused (127.0.0.1); ", "refused (127.0.0.1); check the backup server"));
        }
    }

    @Test
    void a_closed_port_and_an_unknown_name_are_reported() throws Exception {
        int closed;
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = server.getLocalPort();
        }

        assertThat(RepositoryProbe.problem(repository("rest:http://127.0.0.1:" + closed + "/")))
                .hasValueSatisfying(problem -> assertThat(problem)
                        .startsWith("repository unreachable: 127.0.0.1:" + closed + ": ")
                        .contains("refused"));
        assertThat(RepositoryProbe.problem(repository("rest:http://no_such_host.invalid/")))
                .hasValueSatisfying(problem -> assertThat(problem).contains("unknown host no_such_host.invalid"));
    }

    /** Without ssh and rclone on its path, restic gets as far as starting them. */
    @Test
    void restic_reads_every_form(@TempDir Path directory) throws Exception {
        for (var url : List.of(
                "/srv/x/",
                "local:/srv/a b",
                "rest:http://127.0.0.1:1/a b",
                "rest:HTTP://[::1]:1",
                "s3:127.0.0.1:1/bucket/100%",
                "s3://127.0.0.1:1/bucket",
                "s3:http://127.0.0.1:1/bucket",
                "sftp:root@nas:/volume1/my backups",
                "sftp:nas:",
                "sftp:root@[::1]:/srv/50%",
                "sftp://root@nas:22//srv",
                "sftp://DOM%5Cuser%40dom@nas:2222//srv",
                "rclone:my remote:path",
                "rclone:remote:",
                "b2:bucket",
                "b2:bucket:x",
                "azure:container",
                "gs:bucket:x",
                "swift:container:x")) {
            var file = Files.writeString(
                    directory.resolve("repository"), RepositoryUrl.typed(url).value());
            var restic = new ProcessBuilder(
                            "/usr/bin/restic", "--repository-file=" + file, "--no-cache", "cat", "config", "--no-lock")
                    .redirectErrorStream(true);
            restic.environment().clear();
            restic.environment().put("PATH", "/nowhere");
            restic.environment().put("RESTIC_PASSWORD", "x");
            var process = restic.start();

            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .as(url)
                    .isNotEmpty()
                    .doesNotContain("parsing repository location failed", "invalid");
        }
    }

    private static Repository repository(String url) {
        return new Repository(new RepositoryUrl(url), Optional.empty(), Optional.empty(), "x");
    }
}
