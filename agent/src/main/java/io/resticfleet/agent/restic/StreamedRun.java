package io.resticfleet.agent.restic;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A program whose output is read as it comes, and stored nowhere. It ends with this object, and with the agent. Its owner
 * reads; {@link #close} may be called by another thread.
 */
public final class StreamedRun implements AutoCloseable {

    private static final int MAX_ERROR_BYTES = 256 * 1024;

    private final Process process;
    private final Path errors;

    private StreamedRun(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
    }

    /** Receives the lines. */
    public interface Lines {
        void accept(String line) throws IOException;
    }

    /** How the program ended. */
    public record End(int exitCode, String stderr) {}

    /**
     * Starts a program.
     *
     * @param environment complete; nothing is inherited
     * @param errors file for what it prints to stderr
     */
    public static StreamedRun start(List<String> command, Map<String, String> environment, Path errors)
            throws IOException {
        var builder = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectError(errors.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return new StreamedRun(builder.start(), errors);
    }

    /** Passes on all lines, and waits for the program's end. */
    public End read(Lines lines) throws IOException, InterruptedException {
        try (var reader = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8), 64 * 1024)) {
            for (var line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.accept(line);
            }
        }
        int exitCode = process.waitFor();
        try (var in = Files.newInputStream(errors)) {
            return new End(exitCode, new String(in.readNBytes(MAX_ERROR_BYTES), StandardCharsets.UTF_8));
        }
    }

    /** Kills the program if it is still running. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
