package io.resticfleet.agent.restic;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Violation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Patterns are refused if the real restic refuses them, or if it finds their mistake only when a name matches the rest. */
@Tag("slow")
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

    @Test
    void that_leaves_out_a_whole_path() throws Exception {
        var data = Files.createDirectories(root.resolve("srv/web site/data"));
        Files.writeString(data.resolve("file"), "x");
        var repository = root.resolve("repository").toString();
        restic(List.of("-r", repository, "init"));
        var path = data + "/";
        for (var pattern : List.of(
                "data",
                "web site",
                "*",
                "d*",
                "d?ta",
                "d?",
                "file",
                "site/data",
                "web site/data",
                "web*/d*",
                "*/file",
                data.toString(),
                data + "/",
                data + "/file",
                root + "//srv/.",
                root + "/*",
                root + "/*/*",
                root + "/*.x",
                "/data",
                "./data",
                "a.b",
                "..",
                "DATA")) {
            var output = restic(
                    List.of("-r", repository, "backup", "--dry-run", "--json", "--exclude=" + pattern, "--", path));
            var summary = Json.LENIENT.readTree(output.lines()
                    .filter(line -> line.contains("\"summary\""))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(output)));
            var files = summary.path("total_files_processed").asInt();
            var excluded = files == 0 && !pattern.contains("file");

            assertThat(!Schedule.excludedPaths(List.of(path), List.of(pattern)).isEmpty())
                    .as(pattern + " " + summary)
                    .isEqualTo(excluded);
        }
        assertThat(Schedule.excludedPaths(List.of("/a"), List.of("/a", "!/a"))).isEmpty();
        assertThat(Schedule.excludedPaths(List.of("/a"), List.of("[a]", "\\a", "/a/**", "**/a", "../a", "", "/", ".")))
                .isEmpty();
    }

    private static List<Violation> violations(String exclude) {
        return schedule("/etc", exclude).violations();
    }

    private static Schedule schedule(String path, String... excludes) {
        return new Schedule(
                new ScheduleId("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
                JobKind.BACKUP,
                "x",
                true,
                true,
                Optional.empty(),
                Optional.empty(),
                List.of(path),
                List.of(excludes),
                List.of(),
                RetentionPolicy.NONE,
                BackupOptions.NONE,
                Hooks.NONE,
                CatchUp.RUN_ONCE,
                0,
                Optional.empty());
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
