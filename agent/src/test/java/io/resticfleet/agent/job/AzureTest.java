package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.BackupResult;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryTls;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.ToServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Repositories at Azurite, Microsoft's emulator of Azure's storage; needs npm, so that only some machines have it: {@code make
 * azurite}. As in the cloud, restic opens {@code https://fleet.blob.core.windows.net}: through a proxy that leads to Azurite,
 * with a private CA.
 *
 * @see <a href="https://github.com/Azure/Azurite">Azurite</a>
 */
@Tag("slow")
class AzureTest {

    private static final String KEY = base64("key of the account, 32 bytes long");

    @TempDir
    Path root;

    private RunningServer azurite;
    private TunnelProxy proxy;

    /** Debian's restic since 13 has no azure. */
    static Stream<Path> restics() {
        return Stream.concat(Stream.of(Path.of("/usr/bin/restic")), Tools.find("upstream-restic-", "restic").stream());
    }

    @BeforeEach
    void start() throws Exception {
        var programs = Tools.find("azurite-", "azurite-blob");
        assumeThat(programs).as("make azurite fetches it").isNotEmpty();
        var made = new ProcessBuilder(("openssl req -x509 -nodes -days 2 -subj /CN=azure -addext"
                                + " subjectAltName=DNS:*.blob.core.windows.net,DNS:*.blob.core.example -newkey ec"
                                + " -pkeyopt ec_paramgen_curve:prime256v1 -keyout " + root + "/key.pem -out " + root
                                + "/ca.pem")
                        .split(" "))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(made.waitFor()).isZero();
        azurite = RunningServer.start(
                root.resolve("log"),
                port -> List.of(
                        "/usr/bin/env",
                        "AZURITE_ACCOUNTS=fleet:" + KEY,
                        programs.get(programs.size() - 1).toString(),
                        "--blobHost",
                        "127.0.0.1",
                        "--blobPort",
                        "" + port,
                        "--cert",
                        root + "/ca.pem",
                        "--key",
                        root + "/key.pem",
                        "--inMemoryPersistence",
                        "--disableTelemetry",
                        "--skipApiVersionCheck",
                        "--silent"));
        proxy = new TunnelProxy(azurite.port());
    }

    @AfterEach
    void stop() {
        if (proxy != null) {
            proxy.close();
            azurite.close();
        }
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_container_is_created_backed_up_to_and_pruned_with_the_accounts_key(Path restic) throws Exception {
        try (var harness = harness(restic)) {
            var first = run(harness, withKey("container", KEY));
            assertThat(first.status()).as(first.toString()).isEqualTo(JobStatus.SUCCEEDED);
            var second = run(harness, withKey("container", KEY));
            assertThat(second.stats())
                    .isInstanceOfSatisfying(
                            BackupResult.class,
                            result -> assertThat(result.snapshotsRemoved())
                                    .as(second.toString())
                                    .contains(1L));
            for (var kind : List.of(JobKind.CHECK, JobKind.PRUNE)) {
                var end = harness.end(harness.submit(kind));
                assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
            }
            assertThat(proxy.asked()).containsExactly("fleet.blob.core.windows.net:443");

            var wrong = run(harness, withKey("container", base64("another key")));
            assertThat(wrong.errorCode()).as(wrong.toString()).contains(ErrorCode.AUTH.reported());
            harness.configure(withKey("no-container", KEY));
            var missing = harness.end(harness.submit(JobKind.CHECK));
            assertThat(missing.errorCode()).as(missing.toString()).contains(ErrorCode.REPO_NOT_FOUND.reported());
        }
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_signature_for_a_container_opens_a_repository_but_does_not_create_one(Path restic) throws Exception {
        try (var harness = harness(restic)) {
            var creating = run(harness, withSignature("container", "racwdl"));
            assertThat(creating.errorCode()).as(creating.toString()).contains(ErrorCode.FORBIDDEN.reported());

            run(harness, withKey("container", KEY));
            var opening = run(harness, withSignature("container", "racwdl"));
            assertThat(opening.status()).as(opening.toString()).isEqualTo(JobStatus.SUCCEEDED);
        }
    }

    private JobHarness harness(Path restic) throws Exception {
        var options = new ProcessBuilder(restic.toString(), "options").start();
        assumeThat(new String(options.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .as("backends of " + restic)
                .contains("azure.");
        return new JobHarness(root, HookRule.LOCAL_ONLY, program(restic).toString(), JobHarness.LIMITS);
    }

    /** With an access tier, as Azurite refuses the empty one that later versions send; the cloud accepts it. */
    private Path program(Path restic) throws Exception {
        if (restic.startsWith("/usr")) {
            return restic;
        }
        var wrapper = Files.writeString(
                root.resolve("restic-with-tier"),
                "#!/bin/sh\n[ \"$1\" = version ] || set -- -o azure.access-tier=Hot \"$@\"\nexec " + restic
                        + " \"$@\"\n");
        assertThat(wrapper.toFile().setExecutable(true)).isTrue();
        return wrapper;
    }

    private static ToServer.JobFinished run(JobHarness harness, Repository repository) {
        harness.configure(repository);
        return harness.run(JobHarness.backupOf(
                List.of(harness.files.toString()),
                new RetentionPolicy(1, 0, 0, 0, 0, 0, Optional.empty()),
                BackupOptions.NONE));
    }

    private Repository withKey(String container, String key) throws Exception {
        return repository(container, Optional.of(key), Map.of());
    }

    /** @param permissions one letter each, such as {@code r} to read */
    private Repository withSignature(String container, String permissions) throws Exception {
        return repository(container, Optional.empty(), Map.of("AZURE_ACCOUNT_SAS", signature(container, permissions)));
    }

    private Repository repository(String container, Optional<String> key, Map<String, String> env) throws Exception {
        var variables = new HashMap<>(env);
        variables.put("HTTPS_PROXY", proxy.url());
        return new Repository(
                new RepositoryUrl("azure:" + container + ":/web"),
                Optional.of("fleet"),
                key,
                JobHarness.PASSWORD,
                variables,
                Optional.of(new RepositoryTls(Optional.of(Files.readString(root.resolve("ca.pem"))), false)),
                List.of());
    }

    /**
     * A shared access signature of a container.
     *
     * @see <a href="https://learn.microsoft.com/rest/api/storageservices/create-service-sas">Azure: service SAS</a>
     */
    private static String signature(String container, String permissions) throws Exception {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(KEY), "HmacSHA256"));
        var signed = permissions + "\n\n2099-01-01T00:00:00Z\n/blob/fleet/" + container
                + "\n\n\nhttps\n2018-11-09\nc\n\n\n\n\n\n";
        var signature = Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        return "sv=2018-11-09&sr=c&sp=" + permissions + "&se=2099-01-01T00:00:00Z&spr=https&sig="
                + URLEncoder.encode(signature, StandardCharsets.UTF_8);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
