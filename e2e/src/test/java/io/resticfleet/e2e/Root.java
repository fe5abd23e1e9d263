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

/** What only root may do, and not everywhere: tests that need it are skipped, and say so, where it cannot be done. */
final class Root {

    private Root() {}

    /** Skips the test unless these programs are there. */
    static void need(String what, String... programs) {
        var missing =
                Stream.of(programs).filter(program -> find(program).isEmpty()).toList();
        skipUnless(missing.isEmpty(), what, "there is no " + String.join(", ", missing));
    }

    /** Skips the test unless the command succeeds. */
    static void may(String what, String... command) throws Exception {
        var ended = attempt(command);
        skipUnless(ended.status() == 0, what, String.join(" ", command) + ": " + ended.output());
    }

    /** Skips the test. */
    static void skip(String what, String reason) {
        skipUnless(false, what, reason);
    }

    private static void skipUnless(boolean possible, String what, String reason) {
        if (!possible) {
            System.out.println("e2e: SKIPPED " + what + ", which cannot be had here: " + reason);
        }
        Assumptions.assumeTrue(possible, what + ": " + reason);
    }

    /** Runs what has to succeed. */
    static void run(String... command) throws Exception {
        var ended = attempt(command);
        assertThat(ended.status())
                .as(String.join(" ", command) + ": " + ended.output())
                .isZero();
    }

    /** Runs what may fail. */
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

    /** Where a program is that may not be on the PATH. */
    static String file(String program) {
        return find(program)
                .orElseThrow(() -> new AssertionError("there is no " + program))
                .toString();
    }

    private static Optional<Path> find(String program) {
        return Stream.of((System.getenv("PATH") + ":/usr/sbin:/sbin").split(":"))
                .map(place -> Path.of(place, program))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
