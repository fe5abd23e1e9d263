package io.resticfleet.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The policy of a machine before its agent first runs. */
class NewPolicyTest {

    @TempDir
    Path root;

    private PolicyFile policy;
    private NewPolicy fresh;

    @BeforeEach
    void choose() throws IOException {
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        policy = new PolicyFile(root.resolve("etc/restic-fleet/policy.json"), HookRule.FROM_SERVER);
        fresh = new NewPolicy(policy);
    }

    @Test
    void the_strictest_allows_what_a_policy_that_cannot_be_used_does() throws Exception {
        fresh.writeStrictest();
        var strictest = policy.look();
        Files.writeString(root.resolve("etc/restic-fleet/policy.json"), "no policy");

        assertThat(strictest.problem()).isEmpty();
        assertThat(allowed(strictest)).isEqualTo(allowed(policy.look()));
        assertThat(strictest.hooks()).isEqualTo(HookRule.OFF);
        assertThat(strictest.rules().allowsPrune()).isFalse();
        assertThat(strictest.repositories()).contains("local", "rest", "s3");
        assertThat(strictest.longestRun()).isEmpty();
    }

    @Test
    void only_its_owner_can_read_and_change_it_and_it_is_complete_or_absent() throws Exception {
        fresh.writeStrictest();

        try (var files = Files.list(root.resolve("etc/restic-fleet"))) {
            assertThat(files)
                    .singleElement()
                    .satisfies(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"));
        }
    }

    @Test
    void the_owners_file_is_checked_and_copied_and_replaces_no_other() throws Exception {
        var own = Files.writeString(root.resolve("own.json"), "{\"hooks\": \"local-only\", \"prune\": \"off\"}");
        assertThat(fresh.exists()).isFalse();

        fresh.copy(own);
        fresh.copy(own);

        assertThat(policy.look().hooks()).isEqualTo(HookRule.LOCAL_ONLY);
        Files.writeString(own, "{}");
        assertThatThrownBy(() -> fresh.copy(own)).hasMessageContaining("another policy is in");
        assertThat(policy.look().rules().allowsPrune()).isFalse();
    }

    @Test
    void what_is_no_policy_is_not_copied() throws Exception {
        var own = Files.writeString(root.resolve("own.json"), "{\"hoks\": \"off\"}");

        assertThatThrownBy(() -> fresh.copy(own)).hasMessageContaining("'hoks' is not a field of a policy");
        assertThatThrownBy(() -> fresh.copy(root.resolve("none"))).hasMessageContaining("there is no file");
        assertThatThrownBy(() -> fresh.copy(root)).hasMessageContaining("not a file of at most 64 KiB");
        assertThat(fresh.exists()).isFalse();
    }

    @Test
    void a_link_to_nothing_counts_as_a_policy_that_is_there() throws Exception {
        Files.createDirectories(root.resolve("etc/restic-fleet"));
        Files.createSymbolicLink(root.resolve("etc/restic-fleet/policy.json"), Path.of("nowhere"));

        assertThat(fresh.exists()).isTrue();
    }

    private static String allowed(HostPolicy policy) throws IOException {
        var fields = (com.fasterxml.jackson.databind.node.ObjectNode) Json.LENIENT.valueToTree(policy);
        fields.remove("problem");
        return fields.toPrettyString();
    }
}
