package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.restic.ListedFile;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Snapshots that nobody but a forger makes, by what restic lists of them. */
class NameCheckTest {

    /** @param entries each a type and a path */
    private static Optional<String> problem(String... entries) throws IOException {
        var check = new NameCheck();
        for (var entry : entries) {
            var parts = entry.split(" ", 2);
            var line = "{\"name\":\"x\",\"type\":\"" + parts[0] + "\",\"path\":\"" + parts[1]
                    + "\",\"size\":1,\"mtime\":\"2026-01-01T00:00:00Z\",\"ctime\":\"2026-01-01T00:00:00Z\","
                    + "\"struct_type\":\"node\"}";
            var node = ListedFile.parse(line).orElseThrow();
            check.add(node.path(), node.type());
        }
        return check.problem();
    }

    private static void assertForged(String... entries) throws IOException {
        assertThat(problem(entries)).as(String.join(", ", entries)).isPresent();
    }

    @Test
    void a_name_that_is_twice_in_a_directory_is_found_in_every_order() throws IOException {
        assertThat(problem("dir /d", "file /d/a", "symlink /d/b", "dir /d/b", "file /d/b/x"))
                .hasValueSatisfying(why -> assertThat(why).contains("a directory with a name twice, /d/b"));
        assertForged("dir /d", "file /d/a", "dir /d/b", "file /d/b/x", "symlink /d/b");
        assertForged("dir /d", "dir /d/b", "dir /d/b/c", "file /d/b/c/x", "file /d/z", "symlink /d/b");
        assertForged("dir /d", "file /d/b", "file /d/b");
        assertForged("symlink /b", "dir /b");
        assertForged("symlink /d/b", "dir /d/b");
        assertForged("dir /d", "dir /d/b\uFFFD", "file /d/b\uFFFD/x", "symlink /d/b\uFFFD");
        assertForged("dir /d\uFFFD", "symlink /d\uFFFD/b", "dir /d\uFFFD", "dir /d\uFFFD/b");
    }

    @Test
    void a_list_that_comes_back_to_a_directory_is_refused() throws IOException {
        assertForged("symlink /d/c/x", "file /d/e", "dir /d/c/x");
        assertForged("dir /d", "symlink /d/b", "file /z", "dir /d/b");
        assertForged("dir /d/b", "symlink /d/b/x", "file /z", "dir /d/b/x");
        assertForged("dir /d", "symlink /d/b", "file /d/b/x");
        assertForged("dir /d", "file /d/b/x");
        assertForged("dir /d", "file /d/../x");
        assertForged("dir /d/");
    }

    @Test
    void names_in_different_directories_and_those_that_only_look_the_same_are_fine() throws IOException {
        assertThat(problem(
                        "dir /b", "dir /b/b", "symlink /b/b/b", "symlink /b/c", "file /b.txt", "dir /c", "file /c/b"))
                .isEmpty();
        assertThat(problem("file /d/b", "dir /d/e/f", "file /d/e/f/g", "file /d/h", "file /k/h"))
                .isEmpty();
        assertThat(problem("dir /d", "file /d/b\uFFFD", "file /d/b\uFFFD", "dir /d/\uFFFD", "file /d/\uFFFD/b"))
                .isEmpty();
        assertThat(problem("dir /d", "file /d/\uFFFD", "file /d/b")).isEmpty();
        var many = new NameCheck();
        for (int i = 0; i < 100_000; i++) {
            many.add("/" + i, "file");
        }
        assertThat(many.problem()).isEmpty();
        many.add("/77777", "symlink");
        assertThat(many.problem()).isPresent();
    }
}
