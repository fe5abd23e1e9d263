package io.resticfleet.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.LeastKept;
import io.resticfleet.protocol.OnOff;
import io.resticfleet.protocol.PolicyDuration;
import io.resticfleet.protocol.ReadingRules;
import io.resticfleet.protocol.RepositoryRules;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.RetentionRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Contents of a policy file, and the effect of one that cannot be used. */
class PolicyFileTest {

    @TempDir
    Path root;

    Path file;

    @BeforeEach
    void open() {
        file = root.resolve("policy.json");
    }

    @Test
    void without_a_file_hooks_are_local_and_nothing_can_be_restored() {
        var policy = policy();

        assertThat(policy.hooks()).isEqualTo(HookRule.LOCAL_ONLY);
        assertThat(policy.hookDirectory()).isEqualTo("/etc/restic-fleet/hooks");
        assertThat(policy.restoreRoots()).isEmpty();
        assertThat(policy.restoreInPlace()).isFalse();
        assertThat(policy.repositories()).isEqualTo(RepositoryUrl.BACKENDS);
        assertThat(policy.longestRun()).isEmpty();
        assertThat(policy.questions()).contains(OnOff.ON);
        assertThat(policy.rules()).isEqualTo(RepositoryRules.DEFAULT);
        assertThat(policy.reading()).isEqualTo(ReadingRules.DEFAULT);
        assertThat(policy.problem()).isEmpty();
    }

    @Test
    void how_the_owner_is_told_stays_on_the_machine() throws IOException {
        write("{\"alert_url\": \"https://ntfy.example/secret-topic\", \"alert_command\": [\"/bin/tell\", \"a b\"]}");

        var alarm = new PolicyFile(file, HookRule.LOCAL_ONLY).alarm().orElseThrow();
        assertThat(alarm.command()).containsExactly("/bin/tell", "a b");
        assertThat(alarm.url()).hasToString("Optional[https://ntfy.example/secret-topic]");
        assertThat(alarm.after().duration()).isEqualTo(Duration.ofHours(24));
        assertThat(alarm).hasToString("runs /bin/tell posts to ntfy.example after 24h without the server");
        assertThat(policy().problem()).isEmpty();
        assertThat(policy().toString()).doesNotContain("secret-topic");
        write("{\"hooks\": \"off\"}");
        assertThat(new PolicyFile(file, HookRule.LOCAL_ONLY).alarm()).isEmpty();
    }

    @Test
    void every_field_is_read() throws IOException {
        write("""
                {"hooks": "off", "hook_directory": "/opt/hooks/", "restore_roots": ["/srv/restore", "/srv/a/../b"],
                 "restore_in_place": true, "repositories": ["rest", "s3"], "longest_run": "12h", "questions": "off"}
                """);

        var policy = policy();

        assertThat(policy.hooks()).isEqualTo(HookRule.OFF);
        assertThat(policy.hookDirectory()).isEqualTo("/opt/hooks");
        assertThat(policy.restoreRoots()).containsExactly("/srv/restore", "/srv/b");
        assertThat(policy.restoreInPlace()).isTrue();
        assertThat(policy.repositories()).containsExactly("rest", "s3");
        assertThat(policy.longestRun().map(PolicyDuration::duration)).contains(Duration.ofHours(12));
        assertThat(policy.questions()).contains(OnOff.OFF);
        assertThat(policy.problem()).isEmpty();
    }

    @Test
    void the_rules_about_repositories_are_read() throws IOException {
        write("""
                {"retention": "local-only", "retention_policy": {"keep_daily": 7, "keep_within": "1m"},
                 "least_kept": {"count": 5, "age": "14d"}, "prune": "off", "insecure_tls": "on", "cloud_role": "on"}
                """);

        var rules = policy().rules();

        assertThat(policy().problem()).isEmpty();
        assertThat(rules.retention()).contains(RetentionRule.LOCAL_ONLY);
        assertThat(rules.retentionPolicy()).contains(new RetentionPolicy(0, 0, 7, 0, 0, 0, Optional.of("1m")));
        assertThat(rules.leastKept()).contains(new LeastKept(5, new PolicyDuration("14d")));
        assertThat(rules.allowsPrune()).isFalse();
        assertThat(rules.allowsInsecureTls()).isTrue();
        assertThat(rules.allowsCloudRole()).isTrue();
    }

    @Test
    void the_rules_about_reading_snapshots_are_read() throws IOException {
        write("{\"index\": \"off\"}");
        assertThat(policy().reading().allowsIndex()).isFalse();
        assertThat(policy().reading().allowsDownload()).isTrue();

        write("{\"download\": \"off\"}");
        assertThat(policy().reading().allowsIndex()).isTrue();
        assertThat(policy().reading().allowsDownload()).isFalse();

        write("nonsense");
        assertThat(policy().reading()).isEqualTo(ReadingRules.STRICTEST);
    }

    @Test
    void missing_fields_have_the_same_defaults_as_a_missing_file() throws IOException {
        write("{}");

        assertThat(policy()).isEqualTo(new PolicyFile(root.resolve("policy.json"), HookRule.LOCAL_ONLY).current());
        assertThat(policy().hooks()).isEqualTo(HookRule.LOCAL_ONLY);
        assertThat(policy().problem()).isEmpty();
    }

    @Test
    void a_change_takes_effect_at_the_next_read() throws IOException {
        var opened = new PolicyFile(file, HookRule.LOCAL_ONLY);
        write("{\"hooks\":\"from-server\"}");
        var before = opened.current();
        write("{\"hooks\":\"off\"}");
        var after = opened.current();
        Files.delete(file);

        assertThat(before.hooks()).isEqualTo(HookRule.FROM_SERVER);
        assertThat(after.hooks()).isEqualTo(HookRule.OFF);
        assertThat(opened.current().hooks()).isEqualTo(HookRule.LOCAL_ONLY);
    }

    @Test
    void the_file_overrides_the_agents_option_for_hooks() throws IOException {
        var started = new PolicyFile(file, HookRule.FROM_SERVER);

        assertThat(started.current().hooks()).isEqualTo(HookRule.FROM_SERVER);
        write("{\"longest_run\":\"2d\"}");
        assertThat(started.current().hooks()).isEqualTo(HookRule.FROM_SERVER);
        write("{\"hooks\":\"local-only\"}");
        assertThat(started.current().hooks()).isEqualTo(HookRule.LOCAL_ONLY);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', quoteCharacter = '`', textBlock = """
            ``                                          > must be one JSON object
            nonsense                                    > not JSON
            {"hooks":"off"                              > not JSON
            {"hooks":"off"} {}                          > not JSON
            {"hooks":"off","hooks":"from-server"}       > not JSON
            []                                          > must be one JSON object
            {"hook":"off"}                              > 'hook' is not a field
            {"hooks":"Off"}                             > hooks must be off, local-only or from-server but is 'Off'
            {"hooks":true}                              > hooks must be a string
            {"hooks":null}                              > hooks must be a string
            {"questions":"none"}                        > questions must be on or off but is 'none'
            {"questions":false}                         > questions must be a string
            {"retention":"on"}                          > retention must be off, local-only or from-server but is 'on'
            {"retention":"local-only"}                  > retention local-only needs a retention_policy
            {"retention_policy":{}}                     > retention_policy keeps nothing
            {"retention_policy":7}                      > retention_policy must be an object in braces
            {"retention_policy":{"keep_day":7}}         > 'retention_policy.keep_day' is not a field
            {"retention_policy":{"keep_last":-1}}       > retention_policy.keep_last must be a whole number from 0
            {"retention_policy":{"keep_last":1.5}}      > retention_policy.keep_last must be a whole number from 0
            {"retention_policy":{"keep_within":"7"}}    > retention_policy.keep_within must be a duration
            {"least_kept":3}                            > least_kept must be an object in braces
            {"least_kept":{"count":3}}                  > least_kept.age must be a string
            {"least_kept":{"age":"7d"}}                 > least_kept needs a count
            {"least_kept":{"age":"7d","count":99999}}   > least_kept.count must be at most 10000
            {"prune":"never"}                           > prune must be on or off
            {"insecure_tls":true}                       > insecure_tls must be a string
            {"cloud_role":"yes"}                        > cloud_role must be on or off
            {"alert_command":["tell"]}                  > alert_command must begin with the absolute path
            {"alert_command":[]}                        > alert_command must begin with the absolute path
            {"alert_command":"/bin/tell"}               > alert_command must be a list in brackets
            {"alert_url":"ftp://x/secret"}              > alert_url must be an address that begins with https:// or http://
            {"alert_url":"https://x/se cret"}           > alert_url must be an address that begins with https:// or http://
            {"alert_after":"soon"}                      > alert_after must be a time
            {"index":"no"}                              > index must be on or off but is 'no'
            {"download":false}                          > download must be a string
            {"hook_directory":"hooks"}                  > hook_directory must be an absolute path
            {"hook_directory":"/a\\u0000b"}             > hook_directory must be an absolute path
            {"restore_roots":"/srv"}                    > restore_roots must be a list
            {"restore_roots":["srv"]}                   > restore_roots[0] must be an absolute path
            {"restore_in_place":"false"}                > restore_in_place must be true or false
            {"repositories":["ftp"]}                    > repositories[0] must be one of local, rest, sftp
            {"repositories":{"rest":true}}              > repositories must be a list
            {"longest_run":43200}                       > longest_run must be a string
            {"longest_run":"0h"}                        > longest_run must be a time such as 90m, 12h or 2d
            {"hooks":"no","longest_run":"12 h"}         > hooks must be off, local-only or from-server but is 'no'; longest_run must
            """)
    void an_invalid_file_stops_hooks_but_not_backups(String text, String words) throws IOException {
        write(text);

        var policy = new PolicyFile(file, HookRule.FROM_SERVER).current();

        assertThat(policy.problem().orElseThrow()).contains(words).doesNotContain("com.fasterxml", "StreamReadFeature");
        assertStrictest(policy);
    }

    @Test
    void invalid_utf_8_and_files_that_are_too_long_are_reported() throws IOException {
        Files.write(file, new byte[] {'"', (byte) 0xff, '"'});
        assertThat(policy().problem().orElseThrow()).contains("UTF-8");
        assertStrictest(policy());

        write("{}" + " ".repeat(64 * 1024));
        assertThat(policy().problem().orElseThrow()).contains("64 KiB");
        assertStrictest(policy());
    }

    @Test
    void a_directory_or_a_pipe_in_its_place_is_not_read() throws Exception {
        Files.createDirectory(file);
        assertThat(policy().problem().orElseThrow()).contains("not a file");
        Files.delete(file);

        assertThat(new ProcessBuilder("mkfifo", "-m", "600", file.toString())
                        .start()
                        .waitFor())
                .isZero();
        assertThat(policy().problem().orElseThrow()).contains("not a file");
        assertStrictest(policy());
    }

    @Test
    void a_link_is_followed_unless_it_is_broken() throws IOException {
        var real = Files.createDirectory(root.resolve("real")).resolve("policy.json");
        Files.createSymbolicLink(file, real);
        assertThat(policy().problem().orElseThrow()).contains("a symbolic link to nothing");
        assertStrictest(policy());

        Files.writeString(real, "{\"hooks\":\"from-server\"}");
        assertThat(policy().hooks()).isEqualTo(HookRule.FROM_SERVER);
    }

    @ParameterizedTest
    @CsvSource({"rw-rw-r--, rwxr-xr-x", "rw-r--rw-, rwxr-xr-x", "rw-r--r--, rwxrwxr-x", "rw-r--r--, rwxr-xrwx"})
    void a_file_that_others_can_write_is_not_trusted(String ofFile, String ofDirectory) throws IOException {
        var directory = Files.createDirectory(root.resolve("etc"));
        file = directory.resolve("policy.json");
        write("{\"hooks\":\"from-server\"}");
        assertThat(policy().hooks()).isEqualTo(HookRule.FROM_SERVER);

        chmod(file, ofFile);
        chmod(directory, ofDirectory);

        assertThat(policy().problem().orElseThrow()).contains("can be changed by others; run chmod go-w ");
        assertStrictest(policy());
    }

    @Test
    void a_link_in_a_directory_that_others_can_write_is_not_trusted() throws IOException {
        var writable = Files.createDirectory(root.resolve("open"));
        var real = Files.writeString(root.resolve("real.json"), "{\"hooks\":\"from-server\"}");
        file = Files.createSymbolicLink(writable.resolve("policy.json"), real);
        assertThat(policy().hooks()).isEqualTo(HookRule.FROM_SERVER);

        chmod(writable, "rwxrwxrwx");

        assertStrictest(policy());
    }

    private HostPolicy policy() {
        return new PolicyFile(file, HookRule.LOCAL_ONLY).current();
    }

    private static void assertStrictest(HostPolicy policy) {
        assertThat(policy.rules()).isEqualTo(RepositoryRules.STRICTEST);
        assertThat(policy.hooks()).isEqualTo(HookRule.OFF);
        assertThat(policy.restoreRoots()).isEmpty();
        assertThat(policy.restoreInPlace()).isFalse();
        assertThat(policy.repositories()).isEqualTo(RepositoryUrl.BACKENDS);
        assertThat(policy.problem()).isPresent();
    }

    private void write(String text) throws IOException {
        Files.writeString(file, text);
        chmod(file, "rw-r--r--");
    }

    private static void chmod(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }
}
