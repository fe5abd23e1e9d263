package io.resticfleet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** A restic that records its arguments and variables, and prints what an agent expects of a success. */
final class RecordedRestic {

    /** All options that restic may be called with. */
    private static final String OPTION = "--(json|quiet|no-lock|dry-run|one-file-system|exclude-caches|remove-all)"
            + "|--limit-upload=[1-9][0-9]*|--group-by=host(,tags)?|--keep-(last|hourly|daily|weekly|monthly|yearly)=[1-9][0-9]*"
            + "|--keep-within=([0-9]+[hdmy])+|--snapshot=[0-9a-f]{64}|--archive=(zip|tar)|(?s)--(host|tag|exclude)=.*";

    private static final Set<List<String>> COMMANDS = Set.of(
            List.of("backup"),
            List.of("forget"),
            List.of("prune"),
            List.of("check"),
            List.of("init"),
            List.of("unlock"),
            List.of("snapshots"),
            List.of("list", "locks"),
            List.of("list", "keys"),
            List.of("key", "list"),
            List.of("cat", "lock"),
            List.of("cat", "snapshot"),
            List.of("cat", "blob"),
            List.of("find"),
            List.of("ls"),
            List.of("dump"),
            List.of("version"));

    /** Variables set by the agent, or by the shell that records them. */
    private static final Set<String> VARIABLES = Set.of(
            "PATH",
            "HOME",
            "LANG",
            "TZ",
            "TMPDIR",
            "RESTIC_CACHE_DIR",
            "RESTIC_PROGRESS_FPS",
            "RESTIC_REPOSITORY_FILE",
            "RESTIC_PASSWORD_FILE",
            "AWS_SHARED_CREDENTIALS_FILE",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "B2_ACCOUNT_ID",
            "B2_ACCOUNT_KEY",
            "PWD",
            "OLDPWD",
            "SHLVL",
            "_");

    private final Path calls;
    private final Path program;

    /** @param root gets the program, and a directory with its records */
    RecordedRestic(Path root) throws IOException {
        calls = Files.createDirectories(root.resolve("calls"));
        program = root.resolve("restic");
        Files.writeString(program, """
                #!/bin/sh
                n=$(mktemp "%1$s/calls/XXXXXXXX")
                { for word; do printf '%%s\\0' "$word"; done; } >"$n.argv"
                env -0 >"$n.env"
                rm "$n"
                case "$2" in
                backup) echo '{"message_type":"summary","total_files_processed":1,"snapshot_id":"abcd1234"}';;
                forget) echo '[{"host":"web","tags":null,"keep":[{"id":"1"}],"remove":[{"id":"2"}]}]';;
                snapshots) echo '[]';;
                list) test "$3" = keys && echo 0123456789abcdef;;
                cat) test "$3" = snapshot && echo '{"tree":"%2$s"}';;
                ls) echo '{"struct_type":"node","type":"file"}';;
                esac
                case "$1" in version) echo 'restic 0.16.4 compiled with go1.21 on linux/amd64';; esac
                """.formatted(root, "7e".repeat(32)));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    Path program() {
        return program;
    }

    /** The directory with its records. */
    Path calls() {
        return calls;
    }

    /**
     * Checks that it was called, only with allowed arguments, and with no variables but those that an agent sets.
     *
     * @param state the agent's state directory, where the files that these variables name must be
     */
    void assertOnlyAllowedCalls(Path state) {
        assertThat(recorded(".argv")).isNotEmpty().allSatisfy(RecordedRestic::assertAllowed);
        assertThat(recorded(".env")).allSatisfy(variables -> assertOwn(variables, state + "/"));
    }

    private static void assertAllowed(List<String> words) {
        int end = words.contains("--") ? words.indexOf("--") : words.size();
        var options = words.subList(0, end).stream()
                .filter(word -> word.startsWith("-"))
                .toList();
        var command = words.subList(0, end).stream()
                .filter(word -> !word.startsWith("-"))
                .toList();
        assertThat(command).isIn(COMMANDS);
        assertThat(options).allMatch(option -> option.matches(OPTION));
        assertThat(words.subList(Math.min(end + 1, words.size()), words.size()))
                .allMatch(path -> path.startsWith("/") || path.matches("[0-9a-f]{63,64}|\\*"));
    }

    private static void assertOwn(List<String> variables, String state) {
        for (var variable : variables) {
            var name = variable.split("=", 2)[0];
            assertThat(name).isIn(VARIABLES);
            if (!variable.equals("HOME=/nonexistent")
                    && name.matches("HOME|RESTIC_(CACHE_DIR|REPOSITORY_FILE|PASSWORD_FILE)")) {
                assertThat(variable.split("=", 2)[1]).startsWith(state);
            }
        }
        assertThat(variables).contains("PATH=/usr/bin:/bin", "LANG=C.UTF-8");
    }

    private List<List<String>> recorded(String kind) {
        try (var files = Files.list(calls)) {
            return files.filter(file -> file.toString().endsWith(kind))
                    .map(file -> Arrays.asList(read(file).split("\0")))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
