package io.resticfleet.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The processes of this machine, as {@code ps} shows them. */
final class Processes {

    private Processes() {}

    /** All processes with this directory in their environment. */
    static List<ProcessHandle> using(Path directory) {
        return ProcessHandle.allProcesses()
                .filter(process -> read(process.pid(), "environ").contains(directory.toString()))
                .toList();
    }

    /** Their command lines, arguments separated by spaces. */
    static List<String> commandLines(Path directory) {
        return using(directory).stream()
                .map(process -> read(process.pid(), "cmdline").replace('\0', ' '))
                .toList();
    }

    /** Those that are restic. */
    static List<ProcessHandle> restics(Path directory) {
        return using(directory).stream()
                .filter(process -> process.info()
                        .command()
                        .filter(command -> command.endsWith("/restic"))
                        .isPresent())
                .toList();
    }

    static void signal(ProcessHandle process, String signal) throws IOException, InterruptedException {
        new ProcessBuilder("/bin/kill", "-s", signal, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    private static String read(long pid, String file) {
        try {
            return new String(Files.readAllBytes(Path.of("/proc", Long.toString(pid), file)), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // it has ended, or belongs to another user
        }
    }
}
