package io.resticfleet.agent.restic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResticFailureTest {

    @ParameterizedTest
    @CsvSource({
        "backup_json_locked_exclusive, LOCKED, is locked exclusively by root on web02 (pid",
        "backup_json_wrong_password, WRONG_PASSWORD, repository password is wrong",
        "backup_json_missing_repo_local, REPO_NOT_FOUND, there is no repository",
        "backup_json_repo_no_space, NO_SPACE, no space left",
        "backup_json_no_password_stdin_null, PASSWORD_MISSING, password is empty",
        "backup_json_nonexistent_only, PATH_MISSING, none of the paths exist",
        "backup_json_repo_permission_denied, PERMISSION_DENIED, permission denied",
        "init_json_already_initialised, REPO_EXISTS, already exists",
        "check_json_dmg_pack_read_data, DAMAGED, is damaged",
        "check_json_miss_pack, DAMAGED, is damaged",
        "long_unreachable_snapshots_json, NETWORK, repository unreachable",
        "long_quota_507_backup_json, NO_SPACE, no space left",
        "go_runtime_out_of_memory, CRASHED, ran out of memory",
        "backup_json_sigkill, KILLED, was killed",
        "backup_json_sigint, STOPPED, stopped by a signal",
    })
    void failures_are_recognised_in_the_output_of_each_version(String name, ResticFailure failure, String words) {
        for (var version : Capture.VERSIONS) {
            var capture = new Capture(version, name);

            var found = ResticFailure.classify(capture.exitCode(), capture.stderr());

            assertThat(found).as(capture.toString()).isEqualTo(failure);
            assertThat(found.explain(capture.stderr()))
                    .as(capture.toString())
                    .contains(words)
                    .doesNotContain("\n");
        }
    }

    @Test
    void the_codes_on_the_wire_stay_the_same() {
        assertThat(ResticFailure.values())
                .extracting(failure -> failure.code().word())
                .containsExactly(
                        "locked",
                        "wrong_password",
                        "password_missing",
                        "auth",
                        "forbidden",
                        "no_space",
                        "repo_exists",
                        "repo_not_found",
                        "network",
                        "stopped",
                        "cache_dir",
                        "damaged",
                        "snapshot_not_found",
                        "path_missing",
                        "permission_denied",
                        "usage",
                        "local_file",
                        "files_unreadable",
                        "crashed",
                        "killed",
                        "unknown");
    }

    @ParameterizedTest
    @CsvSource({"0.14.0", "0.19.1"})
    void an_append_only_server_forbids_forget(String version) {
        var capture = new Capture(version, "rest_ao_forget_json");

        assertThat(ResticFailure.classify(capture.exitCode(), capture.stderr())).isEqualTo(ResticFailure.FORBIDDEN);
    }
}
