package io.resticfleet.agent.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.policy.PolicyFile;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.Overwrite;
import io.resticfleet.protocol.PermissionReport.Answer;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.RestoreTarget;
import io.resticfleet.protocol.SnapshotPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent answers about a restore, and what an approval is good for. */
class RestoresTest {

    private static final JobId JOB = new JobId("01J00000000000000000000001");
    private static final JobId OTHER_JOB = new JobId("01J00000000000000000000002");
    private static final long GIB = 1L << 30;

    @TempDir
    Path root;

    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private PolicyFile policy;
    private StateDirectory state;

    @BeforeEach
    void open() {
        state = StateDirectory.open(root.resolve("state"));
        policy = new PolicyFile(root.resolve("policy.json"), HookRule.OFF);
    }

    private Restores restores(long capabilities) {
        return new Restores(
                policy,
                new Approvals(state, () -> now),
                FreeSpace.OF_SYSTEM,
                state.root(),
                new Capabilities(capabilities));
    }

    private RestoreRequest request(RestoreTarget target, Overwrite overwrite) {
        return new RestoreRequest(
                Optional.of(new RepositoryId("01R00000000000000000000001")),
                new Restore(
                        "c0ffee00".repeat(8),
                        List.of(SnapshotPath.of("/etc/hosts")),
                        target,
                        overwrite,
                        false,
                        false,
                        false));
    }

    @Test
    void an_approval_is_used_by_one_job_which_may_resume() {
        var restores = restores(-1);
        var wanted = request(RestoreTarget.IN_PLACE, Overwrite.NEVER);
        var code = restores.permission(wanted, "x").approveCode().orElseThrow();

        assertThat(restores.admit(wanted, JOB, policy.look()))
                .hasValueSatisfying(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.RESTORE_NOT_ALLOWED));
        restores.approvals().approve(restores.approvals().find(code).orElseThrow());

        assertThat(restores.admit(request(RestoreTarget.IN_PLACE, Overwrite.ALWAYS), JOB, policy.look()))
                .isPresent();
        assertThat(restores.admit(wanted, JOB, policy.look())).isEmpty();
        now = now.plus(Duration.ofMinutes(50));
        assertThat(restores(-1).admit(wanted, JOB, policy.look())).as("resumed").isEmpty();
        assertThat(restores.admit(wanted, OTHER_JOB, policy.look())).isPresent();
        assertThat(restores.approvals().find(code)).isEmpty();
        now = now.plus(Duration.ofMinutes(11));
        assertThat(restores(-1).admit(wanted, JOB, policy.look()))
                .as("the same job, which the journal forgot")
                .isPresent();
    }

    @Test
    void nothing_is_deleted_that_has_the_policy_in_it_by_its_own_path_or_by_a_link() throws Exception {
        Files.createDirectories(root.resolve("real"));
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(root.resolve("real/policy.json"), "{\"restore_in_place\":true}");
        Files.createSymbolicLink(root.resolve("etc/policy.json"), root.resolve("real/policy.json"));
        policy = new PolicyFile(root.resolve("etc/policy.json"), HookRule.OFF);

        for (var place : List.of("etc", "real", "real/policy.json")) {
            var deleting = new RestoreRequest(
                    Optional.empty(),
                    new Restore(
                            "c0ffee00".repeat(8),
                            List.of(SnapshotPath.of(root.resolve(place).toString())),
                            RestoreTarget.IN_PLACE,
                            Overwrite.ALWAYS,
                            true,
                            false,
                            false));
            assertThat(restores(-1).admit(deleting, JOB, policy.look()))
                    .as(place)
                    .hasValueSatisfying(refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.UNSAFE_TARGET));
        }
    }

    @Test
    void an_approval_is_of_no_use_after_an_hour_nor_with_a_clock_that_was_set_back() {
        var restores = restores(-1);
        var wanted = request(RestoreTarget.IN_PLACE, Overwrite.NEVER);
        var code = restores.permission(wanted, "x").approveCode().orElseThrow();
        restores.approvals().approve(restores.approvals().find(code).orElseThrow());

        now = now.plus(Duration.ofMinutes(61));
        assertThat(restores.admit(wanted, JOB, policy.look())).isPresent();
        now = now.minus(Duration.ofHours(3));
        assertThat(restores.admit(wanted, JOB, policy.look())).isPresent();
    }

    @Test
    void an_agent_without_the_right_to_change_owners_says_so_beforehand() throws Exception {
        Files.writeString(root.resolve("policy.json"), "{\"restore_in_place\":true}");

        var report = restores(0).permission(request(RestoreTarget.IN_PLACE, Overwrite.NEVER), "x");

        assertThat(report.remarks()).anyMatch(remark -> remark.contains("may not change the owner of files"));
        assertThat(restores(-1)
                        .permission(request(RestoreTarget.IN_PLACE, Overwrite.NEVER), "x")
                        .remarks())
                .isEmpty();
    }

    @Test
    void a_policy_that_cannot_be_used_allows_a_new_folder_only() throws Exception {
        Files.writeString(root.resolve("policy.json"), "{\"restore_in_place\":true");
        var restores = restores(-1);
        var inPlace = restores.permission(request(RestoreTarget.IN_PLACE, Overwrite.NEVER), "x");

        assertThat(inPlace.permission()).isEqualTo(Answer.NEEDS_APPROVAL);
        assertThat(inPlace.reason().orElseThrow()).contains("cannot be used");
        assertThat(restores.permission(request(RestoreTarget.NEW_FOLDER, Overwrite.NEVER), "x")
                        .permission())
                .isEqualTo(Answer.ALLOWED);
        var dry = new RestoreRequest(
                Optional.empty(),
                new Restore(
                        "c0ffee00".repeat(8),
                        List.of(SnapshotPath.of("/etc/hosts")),
                        RestoreTarget.IN_PLACE,
                        Overwrite.NEVER,
                        false,
                        true,
                        false));
        assertThat(restores.admit(dry, JOB, policy.look())).isPresent();
        Files.delete(root.resolve("policy.json"));
        assertThat(restores.admit(dry, JOB, policy.look())).isEmpty();
    }

    @Test
    void some_space_stays_free_on_disks_of_every_size() {
        assertThat(new FreeSpace.Space(0, GIB / 2).floor()).isEqualTo(GIB / 20);
        assertThat(new FreeSpace.Space(0, 20 * GIB).floor()).isEqualTo(GIB);
        assertThat(new FreeSpace.Space(0, 100 * GIB).floor()).isEqualTo(5 * GIB);
        assertThat(new FreeSpace.Space(0, 10_000 * GIB).floor()).isEqualTo(16 * GIB);
    }
}
