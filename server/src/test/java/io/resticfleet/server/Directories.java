package io.resticfleet.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** Deletes what tests create. */
public final class Directories {

    private Directories() {}

    /** Deletes a directory with its contents. */
    public static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Deletes a directory when this JVM ends. */
    public static void deleteAtExit(Path directory) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                delete(directory);
            } catch (IOException e) {
                System.err.println("left behind: " + e.getMessage());
            }
        }));
    }
}
