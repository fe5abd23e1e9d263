package io.resticfleet.server.rule;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.restic.ResticFailure;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.job.JobSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What an alert says about a run that failed, from what restic wrote: the agent finds the cause, the server's rules the words.
 */
class AlertWordsTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final Path CAPTURES = Path.of("../agent/src/test/resources/captures");

    /** Output of the real restic 0.14.0, 0.18.0 and 0.19.1. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "backup_json_locked_exclusive | is locked exclusively by root on web02 | remove stale locks",
                "backup_json_wrong_password | the repository password is wrong | Correct the repository's password",
                "backup_json_missing_repo_local | there is no repository at the configured location | correct the location",
                "backup_json_repo_no_space | no space left | Free some space",
                "backup_json_no_password_stdin_null | the repository password is empty | Correct the repository's password",
                "backup_json_nonexistent_only | none of the paths exist | Correct the paths, or mount what is missing",
                "backup_json_repo_permission_denied | permission denied | lacks permission to read or write",
                "backup_json_cache_dir_unwritable | cannot use its cache directory | state directory is writable",
                "backup_json_unreadable | some files could not be read | The log names the files",
                "check_json_dmg_pack_read_data | the repository is damaged | a check that reads all data",
                "check_json_miss_pack | the repository is damaged | Stop prunes",
                "long_unreachable_snapshots_json | repository unreachable | Check that the backup server is running",
                "long_quota_507_backup_json | no space left | keep fewer snapshots and run a prune",
                "go_runtime_out_of_memory | restic crashed or ran out of memory | out of memory",
                "panic_short_snapshot | crashes at a file of the repository, snapshots/ | Move the named file out",
                "panic_short_index | crashes at a file of the repository, index/ | Move the named file out",
                "panic_short_config | crashes at a file of the repository, config | restored from a copy",
                "backup_json_sigkill | restic was killed | out of memory",
                "backup_json_sigint | stopped by a signal | what stopped it",
                "sftp_missing | there is no repository | correct the location",
                "sftp_auth | accepts no ssh key of this machine | authorized_keys",
                "sftp_host_key_unknown | does not know the backup server's host key | Confirm the key",
                "sftp_refused | repository unreachable | Check that the backup server is running",
                "s3_access_denied | the backup server forbids this (403) | full access",
                "s3_bad_key | refused the user name or password (401) | Correct the repository's password and credentials",
                "s3_missing_bucket | there is no repository | correct the location",
                "rest_401 | refused the user name or password (401) | Correct the repository's password and credentials",
                "rest_ao_forget_json | the backup server forbids this (403) | append-only server",
                "rest_x509 | certificate is not trusted | check the machine's clock",
                "rest_413_backup | refuses requests of this size (413) | client_max_body_size",
                "rest_429 | too many requests (429) | different times",
                "local_read_only | mounted read-only | mount it with write access",
                "init_read_only | mounted read-only | Check the disk",
            })
    void what_real_restics_write_becomes_cause_and_cure(String name, String cause, String cure) throws IOException {
        for (var version : new String[] {"0.14.0", "0.18.0", "0.19.1"}) {
            var file = CAPTURES.resolve(version).resolve(name + ".stderr");
            int exit = Integer.parseInt(
                    Files.readString(file.resolveSibling(name + ".exit")).strip());
            assertSays(version + " " + name, exit, Files.readString(file), cause, cure);
        }
    }

    /** Further exit codes and answers. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | Stat: Head \"https://nas/config\": dial tcp: lookup nas: no such host | repository unreachable | reach it",
                "1 | Head \"https://nas/config\": dial tcp 10.0.0.9:8000: i/o timeout | repository unreachable | reach it",
                "1 | Head \"https://nas/\": net/http: TLS handshake timeout | repository unreachable | reach it",
                "1 | Head \"https://nas/\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid:"
                        + " current time 2031-01-01T00:00:00Z is after 2027-01-01T00:00:00Z | not trusted | check the machine's clock",
                "1 | unexpected HTTP response (403): 403 Forbidden | forbids this (403) | full access",
                "1 | unexpected HTTP response (502): 502 Bad Gateway | repository unreachable | backup server is running",
                "1 | write /srv/r/data/00/x: disk quota exceeded | no space left | Free some space",
                "1 | write /srv/r/data/00/x: input/output error | input/output error | ''",
                "10 | repository does not exist | there is no repository | create it",
                "11 | repository is already locked by PID 7 on web by root (UID 0, GID 0) | is locked | remove stale locks",
                "12 | wrong password or no key found | password is wrong | Correct the repository's password",
                "130 | '' | stopped by a signal | what stopped it",
                "137 | '' | restic was killed | out of memory",
                "2 | panic: runtime error: index out of range | a fault of its own | newest restic",
                "1 | unknown flag: --no-such-flag | rejected its arguments | Correct the schedule's options",
            })
    void exit_codes_and_answers_become_cause_and_cure(int exit, String message, String cause, String cure) {
        var fatal = message.isEmpty() || exit == 2 ? message : "Fatal: unable to open config file: " + message;
        var text = exit == 11
                ? "unable to create lock in backend: " + message
                : message.startsWith("unknown") ? message : exit == 10 || exit == 12 ? "Fatal: " + message : fatal;
        assertSays(exit + " " + message, exit, text, cause, cure);
    }

    private static void assertSays(String name, int exit, String stderr, String cause, String cure) {
        var failure = ResticFailure.classify(exit, stderr);
        var job = new JobSummary(
                new JobId("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
                new HostId("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
                Optional.of(new ScheduleId("01ARZ3NDEKTSV4RRFFQ69G5FAV")),
                JobKind.BACKUP,
                failure.code() == ErrorCode.FILES_UNREADABLE ? JobStatus.PARTIAL : JobStatus.FAILED,
                NOON,
                Optional.of(NOON),
                Optional.of(failure.explain(stderr)),
                Optional.of(failure.code().reported()),
                Optional.empty());

        assertThat(RuleWords.cause(job)).as(name).contains(cause).doesNotContain("\n");
        assertThat(RuleWords.advice(job)).as(name).contains(cure);
    }
}
