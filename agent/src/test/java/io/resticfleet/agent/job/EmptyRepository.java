package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A repository without snapshots, created once for all tests, because creating one takes restic seconds. */
final class EmptyRepository {

    private static final Path PATH = make();

    private EmptyRepository() {}

    private static Path make() {
        try {
            var path = Files.createTempDirectory("repository");
            var builder = new ProcessBuilder("/usr/bin/restic", "-r", path.toString(), "init");
            builder.environment().put("RESTIC_PASSWORD", JobHarness.PASSWORD);
            builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.INHERIT);
            assertThat(builder.start().waitFor()).as("restic init").isZero();
            return path;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static void copyTo(Path place) {
        try (var made = Files.walk(PATH)) {
            for (var from : made.sorted().toList()) {
                Files.copy(from, place.resolve(PATH.relativize(from)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
