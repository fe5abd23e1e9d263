package io.resticfleet.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A server in a process of its own with the flags of the installed one, of which the heap is 256 MiB. */
final class InstalledServer implements AutoCloseable {

    private static final Path UNIT = Path.of("src/main/dist/restic-fleet.service");

    private final Process process;
    private final String url;

    private InstalledServer(Process process) throws IOException {
        this.process = process;
        this.url = listening();
    }

    /** Returns when it listens. */
    static InstalledServer start(Path data, String... options) throws IOException {
        var command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flagsOfTheUnit());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.resticfleet.server.Main"));
        command.addAll(List.of("--data-dir", data.toString(), "--listen", "127.0.0.1:0"));
        command.addAll(List.of(options));
        return new InstalledServer(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    String url() {
        return url;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    private static List<String> flagsOfTheUnit() throws IOException {
        var unit = Files.readString(UNIT).lines().filter(line -> line.contains("-Xmx") || line.contains("OutOfMemory"));
        return unit.flatMap(line -> Stream.of(line.strip().split(" ")))
                .filter(word -> word.startsWith("-X"))
                .toList();
    }

    private String listening() throws IOException {
        var output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (var line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("listening on ")) {
                return line.substring("listening on ".length()).strip();
            }
        }
        throw new AssertionError("the server did not start");
    }
}
