package io.resticfleet.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.HostPolicy;
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

/** Which texts of a server's become programs. */
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
    void a_script_is_run_by_its_name_alone() throws DeniedByPolicy {
        assertThat(local("dump-db")).isEqualTo(List.of(script.toString()));
        assertThat(local(" dump-db\r\n")).isEqualTo(List.of(script.toString()));
    }

    @Test
    void a_command_is_for_the_shell_where_the_owner_allows_it() throws DeniedByPolicy {
        var commands =
                HookCommands.of(policy(HookRule.FROM_SERVER), hooks("pg_dumpall >/srv/db.sql", "rm /srv/db.sql"));

        assertThat(commands.pre()).contains(List.of("/bin/sh", "-c", "pg_dumpall >/srv/db.sql"));
        assertThat(commands.post()).contains(List.of("/bin/sh", "-c", "rm /srv/db.sql"));
    }

    @Test
    void where_hooks_are_off_not_even_a_script_runs() {
        var refused = catchThrowableOfType(
                DeniedByPolicy.class, () -> HookCommands.of(policy(HookRule.OFF), hooks("dump-db", "")));

        assertThat(refused).hasMessageContaining("this machine's owner allows none");
    }

    @Test
    void none_runs_if_one_of_them_may_not() {
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
    void what_is_not_just_a_name_is_refused(String text) throws IOException {
        script("dump-db;reboot");
        script(".hidden");
        script("-c");
        Files.writeString(root.resolve("outside"), "#!/bin/sh\n");
        chmod(root.resolve("outside"), "rwxr-xr-x");

        assertThat(catchThrowableOfType(DeniedByPolicy.class, () -> local(text)))
                .hasMessageContaining("may only be the name of a script in " + hooks);
    }

    @Test
    void a_script_that_is_not_there_or_cannot_be_run_is_told_of() throws IOException {
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
    void a_script_that_others_could_have_written_is_not_run(String ofScript, String ofDirectory) throws IOException {
        chmod(script, ofScript);
        chmod(hooks, ofDirectory);

        assertThat(catchThrowableOfType(DeniedByPolicy.class, () -> local("dump-db")))
                .hasMessageContaining("can be changed by others");
    }

    @Test
    void a_link_out_of_the_directory_is_as_safe_as_where_it_leads() throws IOException, DeniedByPolicy {
        var open = Files.createDirectory(root.resolve("open"));
        var there = Files.copy(script, open.resolve("there"));
        chmod(there, "rwxr-xr-x");
        Files.createSymbolicLink(hooks.resolve("link"), there);
        assertThat(local("link")).isEqualTo(List.of(hooks.resolve("link").toString()));

        chmod(open, "rwxrwxrwx");

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
