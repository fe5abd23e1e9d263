package io.resticfleet.agent.restic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        "panic_short_snapshot, BAD_FILE, snapshots/98ea6e4f21…; the others are not affected (restic: panic: runtime",
        "panic_snapshot_without_tree, BAD_FILE, nil pointer dereference",
        "panic_short_index, BAD_FILE, index/98ea6e4f21…",
        "panic_short_lock, BAD_FILE, locks/98ea6e4f21…",
        "panic_short_config, BAD_FILE, config; the",
        "backup_json_sigkill, KILLED, was killed",
        "backup_json_sigint, STOPPED, stopped by a signal",
        "sftp_missing, REPO_NOT_FOUND, there is no repository",
        "s3_missing_key, REPO_NOT_FOUND, there is no repository",
        "s3_access_denied, FORBIDDEN, Access Denied",
        "rest_401, AUTH, 401 Unauthorized",
        "sftp_auth, SSH_KEY_REFUSED, Permission denied (publickey",
        "sftp_host_key_unknown, HOST_KEY, Host key verification failed",
        "sftp_refused, NETWORK, Connection refused",
        "init_read_only, READ_ONLY, read-only file system",
        "s3_missing_bucket, REPO_NOT_FOUND, The specified bucket does not exist",
        "s3_bad_key, AUTH, Access Key Id",
        "rest_x509, CERTIFICATE, signed by unknown authority",
        "rest_413_backup, TOO_LARGE, 413 Request Entity Too Large",
        "backup_json_cache_dir_unwritable, CACHE_DIR, cannot use its cache directory",
        "rest_429, THROTTLED, 429 Too Many Requests",
        "local_read_only, READ_ONLY, read-only file system",
    })
    void failures_are_recognised_in_the_output_of_each_version(String name, ResticFailure failure, String words) {
        for (var version : Capture.VERSIONS) {
            assertRecognised(new Capture(version, name), failure, words);
        }
    }

    private static void assertRecognised(Capture capture, ResticFailure failure, String words) {
        var found = ResticFailure.classify(capture.exitCode(), capture.stderr());

        assertThat(found).as(capture.toString()).isEqualTo(failure);
        assertThat(found.explain(capture.stderr()))
                .as(capture.toString())
                .contains(words)
                .doesNotContain("\n");
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
                        "ssh_key_refused",
                        "forbidden",
                        "certificate",
                        "host_key_changed",
                        "host_key",
                        "wrong_region",
                        "program_missing",
                        "backend_missing",
                        "remote_missing",
                        "read_only",
                        "too_large",
                        "throttled",
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
                        "panic",
                        "bad_file",
                        "killed",
                        "unknown");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Fatal: unable to open repository at rclone:nas:x: exec: \"rclone\": executable file not found in $PATH"
                        + " | PROGRAM_MISSING | is missing on the machine",
                "rclone: 2026/11/30 13:31:27 Failed to create file system for \"nope:x\": didn't find section in config file"
                        + " | REMOTE_MISSING | no remote of this name",
                "subprocess ssh: Host key for nas has changed and you have requested strict checking."
                        + " | HOST_KEY_CHANGED | another ssh host key",
                "subprocess ssh: ssh: Could not resolve hostname nas: Name or service not known | NETWORK | Could not resolve",
                "subprocess ssh: Received disconnect from 127.0.0.1 port 22:2: Too many authentication failures"
                        + " | SSH_KEY_REFUSED | Too many",
                "subprocess ssh: Connection timed out during banner exchange | NETWORK | timed out",
                "'subprocess ssh: Only for staff!\nsubprocess ssh: Connection closed by 127.0.0.1 port 22'"
                        + " | NETWORK | closed by 127.0.0.1",
                "subprocess ssh: subsystem request failed on channel 0 | NETWORK | subsystem request failed",
                "Fatal: unable to open config file: Stat: Forbidden | FORBIDDEN | Forbidden",
                "Fatal: unable to open config file: Stat: The specified bucket does not exist."
                        + " | REPO_NOT_FOUND | bucket does not exist",
                "Fatal: unable to open config file: Stat: The request signature we calculated does not match the signature you"
                        + " provided. Check your key and signing method. | AUTH | signature",
                "Fatal: create repository at azure:c:/x failed: Fatal: parsing repository location failed: invalid backend"
                        + " | BACKEND_MISSING | built without",
                "Fatal: unable to open config file: blob.GetProperties: storage: service returned error: StatusCode=403,"
                        + " ErrorCode=403 Server failed to authenticate the request. Make sure the value | AUTH | 403",
                "Fatal: unable to open repository at azure:c:/x: NewSharedKeyCredential: decode account key: illegal base64 data"
                        + " at input byte 2 | AUTH | decode account key",
                "Fatal: unable to open config file: Stat: Get \"https://nas/b/\": dial tcp: lookup nas: no such host"
                        + " | NETWORK | no such host",
            })
    void the_reasons_of_each_kind_of_server_have_codes_and_words(String stderr, ResticFailure failure, String words) {
        var ended = stderr.startsWith("Fatal")
                ? stderr
                : stderr + "\nFatal: unable to open repository at x: unable to start the sftp session, error: EOF";
        var found = ResticFailure.classify(1, ended);

        assertThat(found).isEqualTo(failure);
        assertThat(found.explain(ended)).contains(words);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "403 Server failed to authenticate the request. Make sure the value is right. | AUTH",
                "403 This request is not authorized to perform this operation using this permission. | FORBIDDEN",
                "404 The specified container does not exist. | REPO_NOT_FOUND",
            })
    void the_answer_of_azure_is_some_lines_below(String answer, ResticFailure failure) {
        var stderr = "{\"message_type\":\"exit_error\",\"code\":1,\"message\":\"Fatal: unable to open config file:"
                + " blob.GetProperties: HEAD https://fleet.blob.core.windows.net/c/config\\n-----\\nRESPONSE 403: "
                + answer
                + "\\nERROR CODE: X\\n-----\\nResponse contained no body\"}";

        assertThat(ResticFailure.classify(1, stderr)).isEqualTo(failure);
        assertThat(failure.explain(stderr)).contains(answer);
    }

    @ParameterizedTest
    @CsvSource({"0.14.0, 3adf52b2f7", "0.18.0, c8f8561090", "0.19.1, 73475c2b1e"})
    void a_crash_names_the_snapshot_that_restic_was_handling(String version, String id) {
        var stderr = new Capture(version, "panic_snapshot_without_tree").stderr();

        assertThat(ResticFailure.BAD_FILE.explain(stderr))
                .contains("a file of the repository, snapshots/" + id + "…; ");
        assertThat(ResticFailure.classify(2, stderr.replace(".ForAllSnapshots.", ".elsewhere.")))
                .isEqualTo(ResticFailure.PANIC);
    }

    @ParameterizedTest
    @CsvSource({"0.14.0", "0.19.1"})
    void an_append_only_server_forbids_forget(String version) {
        var capture = new Capture(version, "rest_ao_forget_json");

        assertThat(ResticFailure.classify(capture.exitCode(), capture.stderr())).isEqualTo(ResticFailure.FORBIDDEN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Fatal: unable to save snapshot: server response unexpected: 413 Request Entity Too Large (413)",
                "{\"message_type\":\"exit_error\",\"code\":1,\"message\":\"Fatal: unable to save snapshot: unexpected HTTP"
                        + " response (413): 413 Request Entity Too Large\"}"
            })
    void names_of_files_do_not_decide_the_code(String last) {
        var lines = Stream.of(
                        "401 Unauthorized.html",
                        "x: 401 Unauthorized",
                        "repository is already locked by PID 1",
                        "wrong password or no key found",
                        "x: no space left on device")
                .map(name -> "{\"message_type\":\"error\",\"error\":{\"message\":\"open /srv/" + name
                        + ": permission denied\"},\"during\":\"archival\",\"item\":\"/srv/" + name + "\"}\n"
                        + "/srv/" + name + " does not exist, skipping\n")
                .collect(Collectors.joining());

        assertThat(ResticFailure.classify(1, lines + last)).isEqualTo(ResticFailure.TOO_LARGE);
        assertThat(ResticFailure.classify(3, lines.replace("401 Unauthorized", "403 Forbidden")))
                .isEqualTo(ResticFailure.FILES_UNREADABLE);
        assertThat(ResticFailure.classify(1, lines)).isEqualTo(ResticFailure.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource({
        "/srv/x: 401 Unauthorized/config, permission denied, PERMISSION_DENIED",
        "/srv/x509: bad/data/00, no space left on device, NO_SPACE",
        "/srv/read-only file system, input/output error, UNKNOWN",
    })
    void the_path_of_a_repository_does_not_decide_the_code(String path, String reason, ResticFailure failure) {
        assertThat(ResticFailure.classify(1, "Fatal: unable to save snapshot: open " + path + ": " + reason))
                .isEqualTo(failure);
    }

    /** Words of the libraries that restic 0.14 uses, read in its source. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<config/> does not exist",
                "Stat: config: not found",
                "Stat: b2_download_file_by_name: 404: File with such name does not exist.",
                "blob.GetProperties: storage: service returned error: StatusCode=404, ErrorCode=404 The specified blob does not"
                        + " exist., ErrorMessage=no response body was available for error status code",
                "service.Objects.Get: storage: object doesn't exist",
                "conn.Object: Object Not Found",
                "conn.Object: Container Not Found",
            })
    void a_missing_repository_is_recognised_in_the_words_of_each_backend(String words) {
        var stderr =
                "Fatal: unable to open config file: " + words + "\nIs there a repository at the following location?";

        assertThat(ResticFailure.classify(1, stderr)).isEqualTo(ResticFailure.REPO_NOT_FOUND);
    }
}
