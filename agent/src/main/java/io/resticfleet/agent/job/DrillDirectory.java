package io.resticfleet.agent.job;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.JobId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Where a drill restores to; below it everything is temporary. */
record DrillDirectory(StateDirectory state, JobId jobId) {

    private static final System.Logger log = System.getLogger(DrillDirectory.class.getName());
    private static final String ALL = "drills";

    /** Creates it, if absent. */
    Path create() {
        return state.directory(ALL + "/" + jobId);
    }

    /** Where restic restores to. */
    Path target() {
        return path().resolve("files");
    }

    /** What restic printed to stderr while it listed files. */
    Path listingErrors() {
        return path().resolve("listing-errors");
    }

    /** The files that were chosen, so that a job that is resumed does not choose others. */
    Path choice() {
        return path().resolve("choice.json");
    }

    private Path path() {
        return state.root().resolve(ALL).resolve(jobId.value());
    }

    /** Removes it; what cannot be removed is logged, and tried again by the next drill. */
    void remove() {
        remove(path());
    }

    /** Removes the directories of drills that have ended, as after a crash. */
    static void removeLeft(StateDirectory state, Predicate<String> ended) {
        var all = state.root().resolve(ALL);
        for (var directory : list(all)) {
            if (ended.test(directory.getFileName().toString())) {
                remove(directory);
            }
        }
    }

    private static List<Path> list(Path all) {
        try (var files = Files.isDirectory(all) ? Files.list(all) : Stream.<Path>empty()) {
            return files.toList();
        } catch (IOException e) {
            log.log(Level.WARNING, "cannot list " + all + ": " + e.getMessage());
            return List.of();
        }
    }

    private static void remove(Path directory) {
        try {
            if (Files.exists(directory)) {
                Files.walkFileTree(directory, new Removal());
            }
        } catch (IOException | UncheckedIOException e) {
            log.log(Level.WARNING, "cannot remove what a drill has restored: " + e.getMessage());
        }
    }

    /** Restored directories have the permissions they were saved with, which may forbid their removal. */
    private static final class Removal extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
            var permissions = Files.getFileAttributeView(directory, PosixFileAttributeView.class);
            if (permissions != null) {
                permissions.setPermissions(PosixFilePermissions.fromString("rwx------"));
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
            if (e != null) {
                throw e;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
