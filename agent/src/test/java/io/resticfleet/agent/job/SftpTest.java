package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.resticfleet.agent.path.Fstab;
import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.question.LocalAnswers;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.SshAccess;
import io.resticfleet.protocol.SshHostKey;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
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
            assertThat(denied.errorCode()).as(denied.toString()).contains(ErrorCode.AUTH.reported());

            sshd.authorize(access.publicKey());
            configure(harness, List.of());
            var unconfirmed = harness.run(harness.everything());
            assertThat(unconfirmed.errorCode()).as(unconfirmed.toString()).contains(ErrorCode.HOST_KEY.reported());

            configure(harness, access.hostKeys());
            var confirmed = harness.run(harness.everything());
            assertThat(confirmed.status()).as(confirmed.toString()).isEqualTo(JobStatus.SUCCEEDED);

            sshd.changeKey();
            var changed = harness.run(harness.everything());
            assertThat(changed.errorCode()).as(changed.toString()).contains(ErrorCode.HOST_KEY_CHANGED.reported());
            assertThat(changed.error().orElseThrow())
                    .contains("shows another ssh host key than the confirmed one")
                    .contains("Host key for 127.0.0.1 has changed");
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

    private SshAccess access(JobHarness harness) {
        return (SshAccess) ask(harness, sshd.url());
    }

    private Reply ask(JobHarness harness, String url) {
        return new LocalAnswers(
                        new Fstab(root.resolve("fstab")),
                        harness.context.environment().ssh(),
                        harness.lockQuestion(),
                        new PolicyFile(root.resolve("policy.json"), HookRule.OFF),
                        System::nanoTime)
                .answer(new Ask.Ssh(new RepositoryUrl(url)), () -> false);
    }

    private void configure(JobHarness harness, List<SshHostKey> hostKeys) {
        harness.configure(new Repository(
                new RepositoryUrl(sshd.url()),
                Optional.empty(),
                Optional.empty(),
                JobHarness.PASSWORD,
                Map.of(),
                Optional.empty(),
                hostKeys));
    }
}
