package io.resticfleet.agent.restic;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Violation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Patterns are refused if the real restic refuses them, or if it finds their mistake only when a name matches the rest. */
class ResticPatternTest {

    private static final List<String> PATTERNS = List.of(
            "*.tmp",
            "/home/*/.cache",
            "**",
            "/a/**/b",
            "a**b",
            "!keep",
            "!",
            "!!x",
            "?",
            "???",
            "-x",
            "--help",
            "a,b",
            "[abc]",
            "[a-z]",
            "[^a]",
            "[^a-z]x",
            "[]",
            "[]]",
            "[]a]",
            "[^]",
            "[^]]",
            "[^]a]",
            "[a",
            "[abc",
            "a[",
            "[",
            "]",
            "a]",
            "[a-",
            "[a-]",
            "[-]",
            "[-a]",
            "[a-]b]",
            "[a--]",
            "[a-b-c]",
            "[a-b-]",
            "[--a]",
            "[b-a]",
            "[!a]",
            "[!]",
            "\\",
            "a\\",
            "\\a",
            "\\[",
            "\\[a",
            "\\\\",
            "\\\\\\",
            "[\\]",
            "[\\]]",
            "[\\",
            "[a\\",
            "[a\\]",
            "[a\\]]",
            "[a-\\]]",
            "[a-\\z]",
            "[\\-]",
            "[\\-a]",
            "[*]",
            "[*",
            "*[",
            "*[a",
            "*[a]*[b]",
            "*[a]*[b",
            "[a*]",
            "[a]*[",
            "x[a]b[",
            "[[]",
            "[[a]]",
            "[[a]",
            "[a/b]",
            "a/[b",
            "[a/b",
            "a/[b/..",
            "[a/../b",
            "a/../[b",
            "[a/..",
            "/../[a/..",
            "./[a",
            "..",
            "/",
            "//[a]",
            "//[a//",
            "{a,b}",
            "{a",
            "$HOME",
            "~",
            "a b",
            "ä[ö-ü]",
            "ä[ö",
            "[😀]",
            "[😀-😁]",
            "[😀-",
            "[😀");

    /** restic warns of it at every such name, and does not exclude anything. */
    private static final List<String> FOUND_LATE = List.of("[a]*[");

    @TempDir
    Path root;

    @Test
    void of_an_exclude() throws Exception {
        var repository = root.resolve("repository").toString();
        restic(List.of("-r", repository, "init"));
        var command = new ArrayList<>(List.of("-r", repository, "backup", "--dry-run"));
        PATTERNS.forEach(pattern -> command.add("--exclude=" + pattern));
        command.addAll(List.of("--", root.toString()));

        var refused = restic(command)
                .lines()
                .dropWhile(line -> !line.contains("invalid pattern(s) provided:"))
                .skip(1)
                .filter(line -> !line.isEmpty())
                .toList();

        assertThat(refused).contains("[abc").doesNotContain("[abc]");
        assertThat(PATTERNS.stream()
                        .filter(pattern -> !violations(pattern).isEmpty())
                        .filter(pattern -> !FOUND_LATE.contains(pattern)))
                .containsExactlyElementsOf(refused);
        assertThat(Stream.of("[abc", "\\").flatMap(pattern -> violations(pattern).stream()))
                .extracting(Violation::code)
                .containsOnly("invalid_pattern");
    }

    private static List<Violation> violations(String exclude) {
        return new Schedule(
                        new ScheduleId("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
                        JobKind.BACKUP,
                        "x",
                        true,
                        true,
                        Optional.empty(),
                        Optional.empty(),
                        List.of("/etc"),
                        List.of(exclude),
                        List.of(),
                        RetentionPolicy.NONE,
                        BackupOptions.NONE,
                        Hooks.NONE,
                        CatchUp.RUN_ONCE,
                        0)
                .violations();
    }

    private String restic(List<String> arguments) throws Exception {
        var command = new ArrayList<>(List.of("/usr/bin/restic"));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("RESTIC_PASSWORD", "x");
        builder.environment().put("RESTIC_CACHE_DIR", root.resolve("cache").toString());
        return new String(builder.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
