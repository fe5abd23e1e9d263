package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryTls;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.ToServer;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Repositories at real servers: what is needed to open one, and the words if it cannot be opened. */
@Tag("slow")
class BackendsTest {

    @TempDir
    Path root;

    static Stream<Path> restics() {
        return Tools.restics();
    }

    @Test
    void a_rest_server_with_a_private_ca_needs_that_ca() throws Exception {
        var programs = Tools.find("rest-server-", "rest-server");
        assumeThat(programs).as("scripts/newer-restic.sh fetches rest-server").isNotEmpty();
        var own = certificate("own");
        var other = certificate("other");
        try (var server = RunningServer.start(
                        root.resolve("log"),
                        port -> List.of(
                                programs.get(programs.size() - 1).toString(),
                                "--path",
                                root.resolve("data").toString(),
                                "--listen",
                                "127.0.0.1:" + port,
                                "--no-auth",
                                "--tls",
                                "--tls-cert",
                                own.toString(),
                                "--tls-key",
                                root.resolve("own.key").toString()));
                var harness = harness(newest())) {
            var url = "rest:https://127.0.0.1:" + server.port() + "/web/";

            var unknown = run(harness, url, Optional.empty());
            assertThat(unknown.errorCode()).as(unknown.toString()).contains(ErrorCode.CERTIFICATE.reported());
            assertThat(unknown.error().orElseThrow()).contains("certificate is not trusted by this machine");

            var wrong = run(harness, url, Optional.of(new RepositoryTls(Optional.of(Files.readString(other)), false)));
            assertThat(wrong.errorCode()).as(wrong.toString()).contains(ErrorCode.CERTIFICATE.reported());

            var right = run(harness, url, Optional.of(new RepositoryTls(Optional.of(Files.readString(own)), false)));
            assertThat(right.status()).as(right.toString()).isEqualTo(JobStatus.SUCCEEDED);

            var unchecked = Optional.of(new RepositoryTls(Optional.empty(), true));
            var denied = run(harness, url, unchecked);
            assertThat(denied.errorCode()).as(denied.toString()).contains(ErrorCode.POLICY_REPOSITORY.reported());
            assertThat(denied.error().orElseThrow()).contains("insecure_tls in " + root + "/policy.json");

            JobHarness.write(root.resolve("policy.json"), "{\"insecure_tls\":\"on\"}");
            var allowed = run(harness, url, unchecked);
            assertThat(allowed.status()).as(allowed.toString()).isEqualTo(JobStatus.SUCCEEDED);
        }
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_bucket_at_s3proxy_is_opened(Path restic) throws Exception {
        var jars = Tools.find("s3proxy-", "s3proxy-2.6.0.jar");
        assumeThat(jars).as("scripts/s3proxy.sh fetches S3Proxy").isNotEmpty();
        try (var server = s3proxy(jars.get(0).getParent());
                var harness = harness(restic)) {
            var endpoint = "s3:http://127.0.0.1:" + server.port();
            var elsewhere = run(harness, s3(endpoint + "/fleet-bucket/web", "key-id", "secret/key", "mars-1"));
            assertThat(elsewhere.errorCode()).as(elsewhere.toString()).contains(ErrorCode.WRONG_REGION.reported());
            opensAndFails(harness, endpoint, "us-east-1");
        }
    }

    /** It has users and their rights; needs Go, so that only some machines have it: {@code make versitygw}. */
    @ParameterizedTest
    @MethodSource("restics")
    void a_bucket_at_versitygw_is_opened(Path restic) throws Exception {
        var programs = Tools.find("versitygw-", "versitygw");
        assumeThat(programs).as("make versitygw builds it").isNotEmpty();
        Files.createDirectories(root.resolve("users"));
        Files.createDirectories(root.resolve("buckets"));
        try (var server = RunningServer.start(
                        root.resolve("log"),
                        port -> List.of(
                                programs.get(0).toString(),
                                "--port",
                                "127.0.0.1:" + port,
                                "--access",
                                "key-id",
                                "--secret",
                                "secret/key",
                                "--region",
                                "eu-north-1",
                                "--iam-dir",
                                root.resolve("users").toString(),
                                "posix",
                                root.resolve("buckets").toString()));
                var harness = harness(restic)) {
            opensAndFails(harness, "s3:http://127.0.0.1:" + server.port(), "eu-north-1");
        }
    }

    /** restic since 0.17 repeats each of these failures for 15 minutes. */
    private static void opensAndFails(JobHarness harness, String endpoint, String region) {
        var bucket = endpoint + "/fleet-bucket/web";
        var opened = run(harness, s3(bucket, "key-id", "secret/key", region));
        assertThat(opened.status()).as(opened.toString()).isEqualTo(JobStatus.SUCCEEDED);

        var wrongSecret = run(harness, s3(bucket, "key-id", "hunter2", region));
        assertThat(wrongSecret.errorCode().orElseThrow())
                .as(wrongSecret.toString())
                .isIn(ErrorCode.AUTH.reported(), ErrorCode.FORBIDDEN.reported());
        var wrongId = run(harness, s3(bucket, "nobody", "secret/key", region));
        assertThat(wrongId.errorCode().orElseThrow())
                .as(wrongId.toString())
                .isIn(ErrorCode.AUTH.reported(), ErrorCode.FORBIDDEN.reported());

        harness.configure(s3(endpoint + "/no-such-bucket/web", "key-id", "secret/key", region));
        var missing = harness.end(harness.submit(JobKind.CHECK));
        assertThat(missing.errorCode()).as(missing.toString()).contains(ErrorCode.REPO_NOT_FOUND.reported());

        var incomplete =
                run(harness, new Repository(new RepositoryUrl(bucket), Optional.empty(), Optional.empty(), "x"));
        assertThat(incomplete.errorCode()).contains(ErrorCode.POLICY_REPOSITORY.reported());
        assertThat(incomplete.error().orElseThrow()).contains("own role in the cloud (cloud_role in ");
    }

    @Test
    void an_endpoint_of_s3_that_does_not_answer_is_named_at_once() {
        try (var harness = harness(newest())) {
            var unknown = run(harness, s3("s3:https://no-such-host.invalid/bucket", "a", "b", "x"));
            assertThat(unknown.errorCode()).contains(ErrorCode.NETWORK.reported());
            assertThat(unknown.error().orElseThrow()).contains("unknown host no-such-host.invalid");
            var refused = run(harness, s3("s3:http://127.0.0.1:1/bucket", "a", "b", "x"));
            assertThat(refused.errorCode()).contains(ErrorCode.NETWORK.reported());
            assertThat(refused.error().orElseThrow()).contains("127.0.0.1:1: Connection refused");
        }
    }

    @Test
    void a_remote_of_rclone_is_one_that_the_machine_has() throws Exception {
        var restic = newest();
        var programs = Tools.find("rclone-", "rclone");
        assumeThat(programs).as("scripts/newer-restic.sh fetches rclone").isNotEmpty();
        try (var harness = harness(restic)) {
            harness.configure("rclone:nas:" + root + "/data", JobHarness.PASSWORD);
            var without = harness.run(harness.everything());
            assertThat(without.errorCode()).as(without.toString()).contains(ErrorCode.PROGRAM_MISSING.reported());
        }
        var wrapper = Files.writeString(
                root.resolve("restic-with-rclone"),
                "#!/bin/sh\nPATH=" + programs.get(0).getParent() + ":$PATH exec " + restic + " \"$@\"\n");
        assertThat(wrapper.toFile().setExecutable(true)).isTrue();
        try (var harness = harness(wrapper)) {
            JobHarness.write(root.resolve("state/home/.config/rclone/rclone.conf"), "[nas]\ntype = local\n");
            var there = harness.run(harness.everything());
            assertThat(there.status()).as(there.toString()).isEqualTo(JobStatus.SUCCEEDED);

            harness.configure("rclone:other:" + root + "/data", JobHarness.PASSWORD);
            var other = harness.run(harness.everything());
            assertThat(other.errorCode()).as(other.toString()).contains(ErrorCode.REMOTE_MISSING.reported());
        }
    }

    /** There is no free server of most of these kinds to test with; this is what restic is given. */
    @Test
    void cloud_storage_gets_its_credentials_in_variables_or_files_and_nothing_of_the_machines_own() throws Exception {
        var restic = JobHarness.resticBut(root, "*' --json '*) env | sort >" + root + "/environment; exit 1;;");
        try (var harness = harness(Path.of(restic))) {
            var google = "{\"type\":\"service_account\",\"private_key\":\"hunter2\"}";
            assertThat(given(harness, "gs:bucket:/", "project", google, Map.of("HTTPS_PROXY", "http://proxy:3128")))
                    .contains("GOOGLE_PROJECT_ID=project", "HTTPS_PROXY=http://proxy:3128")
                    .contains("GOOGLE_APPLICATION_CREDENTIALS=" + root + "/state/restic/google-credentials")
                    .noneMatch(line -> line.contains("hunter2"));
            assertThat(root.resolve("state/restic/google-credentials")).hasContent(google);
            assertThat(Files.getPosixFilePermissions(root.resolve("state/restic/google-credentials")))
                    .hasSize(2); // the owner's

            assertThat(given(harness, "azure:container:/", "account", "key", Map.of("AZURE_ENDPOINT_SUFFIX", "x.cn")))
                    .contains("AZURE_ACCOUNT_NAME=account", "AZURE_ACCOUNT_KEY=key", "AZURE_ENDPOINT_SUFFIX=x.cn");
            assertThat(given(harness, "b2:bucket:/", "id", "key", Map.of()))
                    .contains("B2_ACCOUNT_ID=id", "B2_ACCOUNT_KEY=key");
            assertThat(given(
                            harness,
                            "swift:container:/",
                            "user",
                            "secret",
                            Map.of("OS_AUTH_URL", "https://keystone/v3")))
                    .contains("OS_USERNAME=user", "OS_PASSWORD=secret", "OS_AUTH_URL=https://keystone/v3");
            assertThat(given(
                            harness,
                            "s3:https://127.0.0.1:1/b",
                            "id",
                            "key",
                            Map.of("AWS_SESSION_TOKEN", "token", "HTTPS_PROXY", "http://proxy:3128")))
                    .contains("AWS_SHARED_CREDENTIALS_FILE=" + root + "/state/restic/s3-credentials")
                    .noneMatch(line -> line.contains("token"));
            assertThat(root.resolve("state/restic/s3-credentials")).content().contains("aws_session_token = token");
        }
    }

    private List<String> given(
            JobHarness harness, String url, String username, String password, Map<String, String> env)
            throws Exception {
        Files.deleteIfExists(root.resolve("environment"));
        var ended = run(
                harness,
                new Repository(
                        new RepositoryUrl(url),
                        Optional.of(username),
                        Optional.of(password),
                        JobHarness.PASSWORD,
                        env,
                        Optional.empty(),
                        List.of()));
        assertThat(root.resolve("environment")).as(ended.toString()).exists();
        return Files.readAllLines(root.resolve("environment"));
    }

    private static Path newest() {
        return Tools.restics().reduce((first, second) -> second).orElseThrow();
    }

    private JobHarness harness(Path restic) {
        return new JobHarness(root, HookRule.LOCAL_ONLY, restic.toString(), JobHarness.LIMITS);
    }

    private static ToServer.JobFinished run(JobHarness harness, Repository repository) {
        harness.configure(repository);
        return harness.run(harness.everything());
    }

    private static ToServer.JobFinished run(JobHarness harness, String url, Optional<RepositoryTls> tls) {
        return run(
                harness,
                new Repository(
                        new RepositoryUrl(url),
                        Optional.empty(),
                        Optional.empty(),
                        JobHarness.PASSWORD,
                        Map.of(),
                        tls,
                        List.of()));
    }

    private static Repository s3(String url, String id, String secret, String region) {
        return new Repository(
                new RepositoryUrl(url),
                Optional.of(id),
                Optional.of(secret),
                JobHarness.PASSWORD,
                Map.of("AWS_DEFAULT_REGION", region),
                Optional.empty(),
                List.of());
    }

    private RunningServer s3proxy(Path jars) throws Exception {
        Files.writeString(root.resolve("logback.xml"), "<configuration><root level=\"WARN\"/></configuration>");
        return RunningServer.start(root.resolve("log"), port -> {
            JobHarness.write(
                    root.resolve("s3proxy.conf"),
                    String.join(
                            "\n",
                            "s3proxy.endpoint=http://127.0.0.1:" + port,
                            "s3proxy.authorization=aws-v2-or-v4",
                            "s3proxy.identity=key-id",
                            "s3proxy.credential=secret/key",
                            "jclouds.provider=transient",
                            "jclouds.identity=x",
                            "jclouds.credential=x"));
            return List.of(
                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                    "-Xmx64m",
                    "-XX:TieredStopAtLevel=1",
                    "-Dlogback.configurationFile=" + root.resolve("logback.xml"),
                    "-cp",
                    jars + File.separator + "*",
                    "org.gaul.s3proxy.Main",
                    "--properties",
                    root.resolve("s3proxy.conf").toString());
        });
    }

    /** A certificate of its own for 127.0.0.1, with its key beside it. */
    private Path certificate(String name) throws Exception {
        var file = root.resolve(name + ".pem");
        var command = new ArrayList<>(List.of(("openssl req -x509 -nodes -days 2 -subj /CN=" + name
                        + " -addext subjectAltName=IP:127.0.0.1 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -keyout "
                        + root.resolve(name + ".key") + " -out " + file)
                .split(" ")));
        assertThat(new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor())
                .isZero();
        return file;
    }
}
