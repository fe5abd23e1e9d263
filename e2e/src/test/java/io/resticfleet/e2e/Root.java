package io.resticfleet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.server.Directories;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Commands that need root and certain kernel features; tests that need them are skipped with a message where they fail.
 */
final class Root {

    private Root() {}

    /** Skips the test unless these programs exist. */
    static void requirePrograms(String what, String... programs) {
        var missing =
                Stream.of(programs).filter(program -> find(program).isEmpty()).toList();
        skipUnless(missing.isEmpty(), what, "missing " + String.join(", ", missing));
    }

    /** Runs a command and skips the test if it fails. */
    static void runOrSkip(String what, String... command) throws Exception {
        var ended = attempt(command);
        skipUnless(ended.status() == 0, what, String.join(" ", command) + ": " + ended.output());
    }

    /** Skips the test. */
    static void skip(String what, String reason) {
        skipUnless(false, what, reason);
    }

    private static void skipUnless(boolean possible, String what, String reason) {
        if (!possible) {
            System.out.println("e2e: SKIPPED " + what + ", not available here: " + reason);
        }
        Assumptions.assumeTrue(possible, what + ": " + reason);
    }

    /** Runs a command that must succeed. */
    static void run(String... command) throws Exception {
        var ended = attempt(command);
        assertThat(ended.status())
                .as(String.join(" ", command) + ": " + ended.output())
                .isZero();
    }

    /** Runs a command that may fail. */
    static Program.Ended attempt(String... command) throws Exception {
        var directory = Files.createTempDirectory("root");
        try {
            var line = new ArrayList<>(List.of(command));
            line.set(0, file(command[0]));
            return Program.run(directory, Map.of(), line);
        } finally {
            Directories.delete(directory);
        }
    }

    /** The path of a program, which may be outside PATH. */
    static String file(String program) {
        return find(program)
                .orElseThrow(() -> new AssertionError("missing " + program))
                .toString();
    }

    private static Optional<Path> find(String program) {
        return Stream.of((System.getenv("PATH") + ":/usr/sbin:/sbin").split(":"))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
