package io.resticfleet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.restore.Approvals;
import io.resticfleet.agent.restore.Capabilities;
import io.resticfleet.agent.restore.FreeSpace;
import io.resticfleet.agent.restore.RestoreRequest;
import io.resticfleet.agent.restore.Restores;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Overwrite;
import io.resticfleet.protocol.PermissionReport;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.RestoreTarget;
import io.resticfleet.protocol.SnapshotPath;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command with which the owner of a machine allows a restore. */
class ApproveTest {

    @TempDir
    Path root;

    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void the_owner_sees_a_restore_before_allowing_it_and_a_wrong_code_or_answer_allows_nothing() throws Exception {
        var state = StateDirectory.open(root.resolve("state"));
        var approvals = new Approvals(state, InstantSource.system());
        var restores = new Restores(
                new PolicyFile(root.resolve("policy.json"), HookRule.OFF),
                approvals,
                FreeSpace.OF_SYSTEM,
                state.root(),
                Capabilities.own());
        var request = new RestoreRequest(
                Optional.of(new RepositoryId("01R00000000000000000000001")),
                new Restore(
                        "c0ffee00".repeat(8),
                        Stream.concat(
                                        Stream.of("/etc/a\u001b[31m", "/root"),
                                        IntStream.range(0, 100).mapToObj(i -> "/srv/" + i))
                                .map(SnapshotPath::of)
                                .toList(),
                        RestoreTarget.IN_PLACE,
                        Overwrite.ALWAYS,
                        true,
                        false,
                        false));
        var code = restores.permission(request, "web-01, 1 March").approveCode().orElseThrow();

        assertThat(approve("yes", "ABCD-EFGH")).isEqualTo(1);
        assertThat(approve("no", code)).isEqualTo(1);
        assertThat(approve("", code)).isEqualTo(1);
        assertThat(restores.permission(request, "").permission()).isEqualTo(PermissionReport.Answer.NEEDS_APPROVAL);
        out.reset();
        assertThat(approve("yes", code.toLowerCase(Locale.ROOT)))
                .as(err::toString)
                .isZero();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("snapshot c0ffee00", "web-01, 1 March", "/etc/a\\x1b[31m", "/root", "OVERWRITTEN", "DELETED")
                .contains("where they were, on this machine", "/srv/99", "102 paths in all")
                .doesNotContain("DRY RUN")
                .doesNotContain("\u001b");
        assertThat(restores.permission(request, "").permission()).isEqualTo(PermissionReport.Answer.ALLOWED);
        assertThat(main("approve", "--state-dir", root + "/state")).isEqualTo(2);
    }

    private int approve(String answer, String code) {
        var stdin = System.in;
        System.setIn(new ByteArrayInputStream((answer + "\n").getBytes(StandardCharsets.UTF_8)));
        try {
            return main("approve", code, "--state-dir", root + "/state");
        } finally {
            System.setIn(stdin);
        }
    }

    private int main(String... arguments) {
        return Main.command(
                List.of(arguments),
                Map.of("PATH", "/usr/bin:/bin"),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }
}
