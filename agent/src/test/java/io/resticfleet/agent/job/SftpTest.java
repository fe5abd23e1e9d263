package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.resticfleet.agent.cli.Doctor;
import io.resticfleet.agent.config.AgentConfig;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.SshAccess;
import io.resticfleet.protocol.SshHostKey;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Repositories at a real OpenSSH server. */
@Tag("slow")
class SftpTest {

    @TempDir
    Path root;

    private Sshd sshd;

    @BeforeEach
    void start() throws Exception {
        assumeThat(Sshd.PROGRAM).as("install openssh-server").exists();
        sshd = new Sshd(root.resolve("sshd"));
    }

    @AfterEach
    void stop() throws Exception {
        if (sshd != null) {
            sshd.close();
        }
    }

    static Stream<Path> restics() {
        return Tools.restics();
    }

    @ParameterizedTest
    @MethodSource("restics")
    void the_agents_own_key_and_a_confirmed_host_key_open_it_and_another_host_key_does_not(Path restic)
            throws Exception {
        try (var harness = new JobHarness(root, HookRule.LOCAL_ONLY, restic.toString(), JobHarness.LIMITS)) {
            var access = access(harness);
            assertThat(access.publicKey()).startsWith("ssh-ed25519 AAAA").endsWith(" restic-fleet");
            assertThat(access.hostKeys()).extracting(SshHostKey::fingerprint).containsExactly(sshd.fingerprint());
            assertThat(access(harness).publicKey()).isEqualTo(access.publicKey());
            assertThat(Files.getPosixFilePermissions(root.resolve("state/ssh/id_ed25519")))
                    .hasSize(2); // the owner's

            configure(harness, access.hostKeys());
            var denied = harness.run(harness.everything());
            assertThat(denied.errorCode()).as(denied.toString()).contains(ErrorCode.SSH_KEY_REFUSED.reported());
            assertThat(doctor(restic))
                    .contains("accepts no ssh key of this machine", "Permission denied (publickey", "authorized_keys");

            sshd.authorize(access.publicKey());
            configure(harness, List.of());
            var unconfirmed = harness.run(harness.everything());
            assertThat(unconfirmed.errorCode()).as(unconfirmed.toString()).contains(ErrorCode.HOST_KEY.reported());
            assertThat(doctor(restic)).contains("does not know the backup server's host key", "Confirm the key");

            configure(harness, access.hostKeys());
            var confirmed = harness.run(harness.everything());
            assertThat(confirmed.status()).as(confirmed.toString()).isEqualTo(JobStatus.SUCCEEDED);

            assertThat(doctor(restic)).contains("OK       repository: " + sshd.url() + " can be opened");

            sshd.changeKey();
            var changed = harness.run(harness.everything());
            assertThat(changed.errorCode()).as(changed.toString()).contains(ErrorCode.HOST_KEY_CHANGED.reported());
            assertThat(changed.error().orElseThrow())
                    .contains("shows another ssh host key than the confirmed one")
                    .contains("Host key for 127.0.0.1 has changed");
            assertThat(doctor(restic)).contains("Host key for 127.0.0.1 has changed", "ssh-keygen -lf");

            sshd.close();
            assertThat(probe(harness)).contains("Connection refused");
            assertThat(doctor(restic)).contains("repository unreachable", "Connection refused");
            configure(harness, sshd.url().replace("127.0.0.1", "no-such-host.invalid"), List.of());
            assertThat(probe(harness)).contains("Could not resolve hostname no-such-host.invalid");
            assertThat(doctor(restic)).contains("Could not resolve hostname no-such-host.invalid");
        }
    }

    @Test
    void a_server_that_does_not_answer_or_a_machine_that_does_not_allow_it_is_named_in_words() throws Exception {
        try (var harness = new JobHarness(root)) {
            int closed;
            try (var server = new ServerSocket(0)) {
                closed = server.getLocalPort();
            }
            assertThat(ask(harness, "sftp://nas@127.0.0.1:" + closed + "//srv"))
                    .isEqualTo(new Reply.Failure(
                            "unreachable",
                            "repository unreachable: 127.0.0.1:" + closed
                                    + ": Connection refused; check the backup server and the network"));
            assertThat(ask(harness, "sftp:nas@no-such-host.invalid:/srv"))
                    .isInstanceOfSatisfying(
                            Reply.Failure.class,
                            failure -> assertThat(failure.detail()).contains("unknown host no-such-host.invalid"));

            JobHarness.write(root.resolve("policy.json"), "{\"repositories\":[\"rest\"]}");
            assertThat(ask(harness, sshd.url()))
                    .isInstanceOfSatisfying(
                            Reply.Failure.class,
                            failure -> assertThat(failure.code()).isEqualTo("policy_repository"));
        }
    }

    /** What the doctor prints of the agent's repository. */
    private String doctor(Path restic) throws InterruptedException {
        var out = new ByteArrayOutputStream();
        var config = AgentConfig.read(
                "doctor",
                Map.of("--state-dir", root.resolve("state").toString()),
                Map.of("RESTIC_FLEET_RESTIC", restic.toString(), "PATH", "/usr/bin:/bin"));
        new Doctor(
                        config,
                        Map.of(),
                        InstantSource.system(),
                        System::nanoTime,
                        new PrintStream(out, true, StandardCharsets.UTF_8))
                .examine();
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Why the test of the repository fails. */
    private static String probe(JobHarness harness) {
        var candidate = harness.credentials.repository().orElseThrow();
        return harness.end(harness.submit(new JobSpec.Probe(candidate, false)))
                .error()
                .orElseThrow();
    }

    private SshAccess access(JobHarness harness) {
        return (SshAccess) ask(harness, sshd.url());
    }

    private Reply ask(JobHarness harness, String url) {
        return HarnessAnswers.of(harness, root, new PolicyFile(root.resolve("policy.json"), HookRule.OFF))
                .answer(new Ask.Ssh(new RepositoryUrl(url)), () -> false);
    }

    private void configure(JobHarness harness, List<SshHostKey> hostKeys) {
        configure(harness, sshd.url(), hostKeys);
    }

    private static void configure(JobHarness harness, String url, List<SshHostKey> hostKeys) {
        harness.configure(new Repository(
                new RepositoryUrl(url),
                Optional.empty(),
                Optional.empty(),
                JobHarness.PASSWORD,
                Map.of(),
                Optional.empty(),
                hostKeys));
    }
}
