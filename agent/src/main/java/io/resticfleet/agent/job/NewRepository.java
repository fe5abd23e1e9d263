package io.resticfleet.agent.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a new repository may be created in a directory of this machine. Not if it contains other files: the system
 * may need them, and restic may later delete them as its own.
 */
final class NewRepository {

    private static final String CONFIG = "config";

    /** Directories of an incomplete repository, which lacks {@code config}, and the one at the root of every disk. */
    private static final Set<String> HARMLESS = Set.of("data", "index", "keys", "locks", "snapshots", "lost+found");

    private NewRepository() {}

    /** Why not, for the operator; empty if it may, or if there is a repository already. */
    static Optional<String> problem(String path) {
        var directory = Path.of(path);
        if (!Files.isDirectory(directory) || Files.exists(directory.resolve(CONFIG))) {
            return Optional.empty(); // restic creates it, or reports the problem
        }
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                if (!HARMLESS.contains(file.getFileName().toString())) {
                    return Optional.of(path + " contains other files, such as " + file.getFileName()
                            + "; a repository is only created in an empty or new directory. Choose another, or create"
                            + " it yourself with restic init");
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(path + " cannot be listed: " + e.getMessage());
        }
    }
}
