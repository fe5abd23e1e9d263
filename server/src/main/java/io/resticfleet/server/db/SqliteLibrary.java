package io.resticfleet.server.db;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sqlite.SQLiteJDBCLoader;

/**
 * The native library of SQLite, which the driver unpacks into a directory before it loads it. A server that is killed leaves its
 * copy behind, of about 1 MB.
 *
 * @see <a href="https://github.com/xerial/sqlite-jdbc/blob/master/USAGE.md">sqlite-jdbc: org.sqlite.tmpdir</a>
 */
final class SqliteLibrary {

    private static final String DIRECTORY = "org.sqlite.tmpdir";

    private SqliteLibrary() {}

    /**
     * Loads the library from a directory that only this server uses, and deletes what former servers left there. Has no effect if
     * the operator chose another directory, or if nothing can be executed in this one.
     */
    static void load(Path directory) throws IOException {
        if (System.getProperty(DIRECTORY) != null) {
            return;
        }
        Files.createDirectories(directory, DatabaseFile.OWNER_ONLY);
        try (var left = Files.list(directory)) {
            for (var file : left.toList()) {
                Files.delete(file);
            }
        }
        System.setProperty(DIRECTORY, directory.toAbsolutePath().toString());
        try {
            SQLiteJDBCLoader.initialize();
        } catch (Exception e) {
            // mounted noexec: the driver tries again in the system's directory for temporary files, and reports the
            // error there
        } finally {
            System.clearProperty(DIRECTORY);
        }
    }
}
