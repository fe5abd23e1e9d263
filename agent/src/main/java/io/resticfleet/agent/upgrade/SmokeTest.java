package io.resticfleet.agent.upgrade;

import io.resticfleet.protocol.WellFormedText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Starts the new jar with this machine's Java and checks the version it prints. */
final class SmokeTest {

    private static final long TIMEOUT_SECONDS = 60;

    private SmokeTest() {}

    /** @throws UpgradeFailed if it does not start, or is another version */
    static void run(Path jar, String version) throws UpgradeFailed, InterruptedException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var expected = "restic-fleet-agent " + version;
        var log = jar.resolveSibling(jar.getFileName() + ".output");
        try {
            var program = new ProcessBuilder(java, "-Xmx64m", "-jar", jar.toString(), "version")
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            boolean ended = program.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            program.destroyForcibly();
            var output = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).strip();
            if (!ended || program.exitValue() != 0) {
                throw new UpgradeFailed("the new jar does not start on this machine: " + lastLine(output));
            }
            if (output.lines().noneMatch(expected::equals)) {
                throw new UpgradeFailed("the new jar prints '" + lastLine(output) + "' instead of '" + expected + "'");
            }
        } catch (IOException | UncheckedIOException e) {
            throw new UpgradeFailed("the new jar cannot be started on this machine: " + e.getMessage());
        } finally {
            log.toFile().delete();
        }
    }

    private static String lastLine(String output) {
        var last = output.lines().reduce("(no output)", (before, line) -> line);
        return WellFormedText.prefix(last, 200);
    }
}
