package io.resticfleet.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.HostPolicy;
import io.resticfleet.protocol.ReadingRules;
import io.resticfleet.protocol.RepositoryRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of the server's texts become commands. */
class HookCommandsTest {

    @TempDir
    Path root;

    Path hooks;
    Path script;

    @BeforeEach
    void makeScript() throws IOException {
        hooks = Files.createDirectory(root.resolve("hooks"));
        script = script("dump-db");
    }

    @Test
    void a_script_runs_by_its_name() throws DeniedByPolicy {
        assertThat(local("dump-db")).isEqualTo(List.of(script.toString()));
        assertThat(local(" dump-db\r\n")).isEqualTo(List.of(script.toString()));
    }

    @Test
    void a_shell_command_runs_if_the_owner_allows_it() throws DeniedByPolicy {
        var commands =
                HookCommands.of(policy(HookRule.FROM_SERVER), hooks("pg_dumpall >/srv/db.sql", "rm /srv/db.sql"));

        assertThat(commands.pre()).contains(List.of("/bin/sh", "-c", "pg_dumpall >/srv/db.sql"));
        assertThat(commands.post()).contains(List.of("/bin/sh", "-c", "rm /srv/db.sql"));
    }

    @Test
    void with_hooks_off_not_even_a_script_runs() {
        var refused = catchThrowableOfType(
                DeniedByPolicy.class, () -> HookCommands.of(policy(HookRule.OFF), hooks("dump-db", "")));

        assertThat(refused).hasMessageContaining("this machine's owner allows no hooks");
    }

    @Test
    void none_runs_if_one_is_not_allowed() {
        assertThat(catchThrowableOfType(
                        DeniedByPolicy.class,
                        () -> HookCommands.of(policy(HookRule.LOCAL_ONLY), hooks("dump-db", "; reboot"))))
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/bin/sh",
                "../outside",
                "./dump-db",
                "dump-db --all",
                "dump-db;reboot",
                "dump-db\nreboot",
                "dump-db\0",
                "$(reboot)",
                "`reboot`",
                "..",
                ".",
                "-c",
                ".hidden",
                "dump-db/",
                "sub/dump-db",
                "dump*",
                "dump\u00adb",
            })
    void anything_but_a_file_name_is_refused(String text) throws IOException {
        script("dump-db;reboot");
        script(".hidden");
        script("-c");
        Files.writeString(root.resolve("outside"), "#!/bin/sh\n");
        chmod(root.resolve("outside"), "rwxr-xr-x");

        assertThat(catchThrowableOfType(DeniedByPolicy.class, () -> local(text)))
                .hasMessageContaining("may only be the name of a script in " + hooks);
    }

    @Test
    void a_missing_or_not_executable_script_is_reported() throws IOException {
        assertThat(catchThrowableOfType(DeniedByPolicy.class, () -> local("dump-it")))
                .hasMessage("there is no script 'dump-it' in " + hooks + " on the machine");
        chmod(script, "rw-r--r--");
        assertThat(catchThrowableOfType(DeniedByPolicy.class, () -> local("dump-db")))
                .hasMessageContaining("chmod 755");
        Files.createDirectory(hooks.resolve("directory"));
        assertThat(catchThrowableOfType(DeniedByPolicy.class, () -> local("directory")))
                .isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"rwxrwxr-x, rwxr-xr-x", "rwxr-xrwx, rwxr-xr-x", "rwxr-xr-x, rwxrwxr-x", "rwxr-xr-x, rwxrwxrwx"})
    void a_script_that_others_can_write_does_not_run(String ofScript, String ofDirectory) throws IOException {
        chmod(script, ofScript);
        chmod(hooks, ofDirectory);

        assertThat(catchThrowableOfType(DeniedByPolicy.class, () -> local("dump-db")))
                .hasMessageContaining("can be changed by others");
    }

    @Test
    void a_link_is_as_safe_as_its_target() throws IOException, DeniedByPolicy {
        var writable = Files.createDirectory(root.resolve("open"));
        var there = Files.copy(script, writable.resolve("there"));
        chmod(there, "rwxr-xr-x");
        Files.createSymbolicLink(hooks.resolve("link"), there);
        assertThat(local("link")).isEqualTo(List.of(hooks.resolve("link").toString()));

        chmod(writable, "rwxrwxrwx");

        assertThat(catchThrowableOfType(DeniedByPolicy.class, () -> local("link")))
                .isNotNull();
    }

    private List<String> local(String text) throws DeniedByPolicy {
        return HookCommands.of(policy(HookRule.LOCAL_ONLY), hooks(text, ""))
                .pre()
                .orElseThrow();
    }

    private static Hooks hooks(String pre, String post) {
        return new Hooks(Optional.of(pre), Optional.of(post));
    }

    private HostPolicy policy(HookRule rule) {
        return new HostPolicy(
                "/etc/restic-fleet/policy.json",
                rule,
                hooks.toString(),
                List.of(),
                false,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                RepositoryRules.NONE,
                ReadingRules.NONE,
                Optional.empty());
    }

    private Path script(String name) throws IOException {
        var made = Files.writeString(hooks.resolve(name), "#!/bin/sh\n");
        chmod(made, "rwxr-xr-x");
        return made;
    }

    private static void chmod(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }
}
