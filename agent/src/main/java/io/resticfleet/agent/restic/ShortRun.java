package io.resticfleet.agent.restic;

import io.resticfleet.protocol.Limit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A program that ends within seconds and prints little. It inherits nothing, and does not outlive the call. */
final class ShortRun {

    private static final int MAX_BYTES = 32 * 1024; // less than the system keeps until it is read
    private static final long LOOK_MILLIS = 100;

    private ShortRun() {}

    /** @param messages its last ones, of what it printed to stderr */
    record Result(int exitCode, String output, List<String> messages) {}

    /**
     * Runs a program that has something to print.
     *
     * @return its output
     * @throws IOException if it is missing or fails, with the last of its messages
     */
    static String output(String searchPath, List<String> command, BooleanSupplier over)
            throws IOException, InterruptedException {
        var result = of(searchPath, command, over);
        if (result.exitCode() != 0) {
            var messages = result.messages();
            throw new IOException(command.get(0) + " failed"
                    + (messages.isEmpty() ? "" : ": " + Limit.cut(messages.get(messages.size() - 1), Limit.NAME)));
        }
        return result.output();
    }

    /**
     * Runs a program.
     *
     * @param searchPath directories separated by colons
     * @param command name and arguments
     * @param over asked ten times a second; true once the result is not needed any more: the program is killed
     * @throws IOException if it is missing, or not needed any more
     */
    static Result of(String searchPath, List<String> command, BooleanSupplier over)
            throws IOException, InterruptedException {
        var name = command.get(0);
        var file = Arrays.stream(searchPath.split(":"))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IOException(name + " is missing on this machine; install OpenSSH's client"));
        var line = new ArrayList<>(command);
        line.set(0, file.toString());
        return of(line, Map.of("PATH", searchPath, "LANG", "C.UTF-8"), over);
    }

    /**
     * Runs a program.
     *
     * @param command path and arguments
     * @param environment complete
     * @param over as above
     * @throws IOException if it is not needed any more
     */
    static Result of(List<String> command, Map<String, String> environment, BooleanSupplier over)
            throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        var process = builder.start();
        try {
            while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                if (over.getAsBoolean()) {
                    throw new IOException(command.get(0) + " did not end in time");
                }
            }
            return new Result(
                    process.exitValue(),
                    text(process.getInputStream()),
                    text(process.getErrorStream()).lines().toList());
        } finally {
            process.destroyForcibly();
        }
    }

    private static String text(InputStream stream) throws IOException {
        return new String(stream.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
    }
}
