package io.resticfleet.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process with a clean environment whose output goes to a file. */
final class Program {

    private static final int TIMEOUT_SECONDS = 120;

    private final Process process;
    private final Path log;

    /** Exit status and output of a program. */
    record Ended(int status, String output) {}

    private Program(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts a program; its output is appended to the log.
     *
     * @param directory its working directory and its HOME
     * @param environment in addition to PATH, HOME, LANG and TZ, which are all it gets
     */
    static Program start(Path directory, Path log, Map<String, String> environment, List<String> command)
            throws IOException {
        var builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of(
                        "PATH", System.getenv("PATH"), "HOME", directory.toString(), "LANG", "C.UTF-8", "TZ", "UTC"));
        builder.environment().putAll(environment);
        return new Program(builder.start(), log);
    }

    /** Runs a program to its end. */
    static Ended run(Path directory, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        var log = Files.createTempFile(directory, "output", ".txt");
        return start(directory, log, environment, command).await();
    }

    /** The command line that runs one of the jars. */
    static List<String> java(Path jar, List<String> arguments) {
        return java(jar, ClassArchives.option(jar), arguments);
    }

    /** The same, with one more option of the JVM. */
    static List<String> java(Path jar, List<String> option, List<String> arguments) {
        if (!Files.isRegularFile(jar)) {
            throw new AssertionError("missing " + jar + "; run `make build` first");
        }
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m"));
        command.addAll(option);
        command.addAll(List.of("-jar", jar.toString()));
        command.addAll(arguments);
        return command;
    }

    /** A command line started through another program, which is replaced by it. */
    static List<String> startedBy(List<String> starter, List<String> command) {
        return Stream.concat(starter.stream(), command.stream()).toList();
    }

    Ended await() throws IOException, InterruptedException {
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            kill();
            throw new AssertionError("it did not end within " + TIMEOUT_SECONDS + " s: " + log());
        }
        return new Ended(process.exitValue(), log());
    }

    boolean alive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    String log() throws IOException {
        return new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
    }

    /** Kills it, like a power cut. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Ends it with TERM, like an operator. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            kill();
        }
    }
}
