package io.resticfleet.agent.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a new repository may be made in a directory of this machine. Not among other files: they may matter to the system,
 * and what restic later removes from a repository it takes for its own.
 */
final class NewRepository {

    private static final String MADE = "config";

    /** What restic makes, which is there without {@code config} if it was broken off, and what any disk has at its top. */
    private static final Set<String> HARMLESS = Set.of("data", "index", "keys", "locks", "snapshots", "lost+found");

    private NewRepository() {}

    /** Why not, in words for the operator; empty if it may, or if there is one already. */
    static Optional<String> problem(String path) {
        var directory = Path.of(path);
        if (!Files.isDirectory(directory) || Files.exists(directory.resolve(MADE))) {
            return Optional.empty(); // restic makes it, or says what is wrong
        }
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                if (!HARMLESS.contains(file.getFileName().toString())) {
                    return Optional.of(path + " holds other files, such as " + file.getFileName()
                            + "; a repository is only made in an empty directory or a new one. Name another, or make it"
                            + " yourself with restic init");
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(path + " cannot be looked into: " + e.getMessage());
        }
    }
}
