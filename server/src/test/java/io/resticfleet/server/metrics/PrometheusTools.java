package io.resticfleet.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The programs of Prometheus, where they are installed. */
final class PrometheusTools {

    private PrometheusTools() {}

    /** Skips the test where a program is missing. */
    static void require(String program) {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin", program)),
                "no " + program + " on this machine: scripts/install-deps.sh test installs it");
    }

    /** Runs promtool with this input, and fails with its output unless it succeeds. */
    static String promtool(String input, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
