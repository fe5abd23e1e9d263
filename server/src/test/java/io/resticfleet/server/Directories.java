package io.resticfleet.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** Copies and deletes what tests create. */
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

    /** Copies a directory with its contents to a place where nothing is yet. */
    public static void copy(Path directory, Path copy) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.toList()) {
                Files.copy(file, copy.resolve(directory.relativize(file).toString()));
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
