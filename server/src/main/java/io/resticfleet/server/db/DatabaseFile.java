package io.resticfleet.server.db;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;

/** The database file: its path, its lock against other servers, connections to it, and copies of it. */
public final class DatabaseFile {

    private static final Logger log = LoggerFactory.getLogger(DatabaseFile.class);

    private static final int BUSY_TIMEOUT_MS = 10_000;

    /** Permissions of the server's directories: its own user only. */
    public static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private DatabaseFile() {}

    private static final Set<PosixFilePermission> OWNER_ONLY_FILE = PosixFilePermissions.fromString("rw-------");

    /** Adds data to a new copy. */
    public interface Addition {
        void to(Path copy) throws SQLException;
    }

    /**
     * Locks a directory against other servers until closed.
     *
     * @throws OperatorError if a server is using it
     */
    public static Closeable hold(Path directory) {
        try {
            Files.createDirectories(directory, OWNER_ONLY);
            return lock(directory.resolve("server.lock"));
        } catch (IOException e) {
            throw new OperatorError("cannot use " + directory + " for data: " + e.getMessage(), e);
        }
    }

    /**
     * Writes a consistent copy of a directory's database, even while a server uses it, and checks it.
     *
     * @param target must not exist; created readable by its owner only
     * @throws OperatorError if there is no database, or copying fails; a partial copy is deleted
     */
    public static void copy(Path directory, Path target) {
        copyFile(existingIn(directory), target);
    }

    /** Like {@link #copy(Path, Path)}, with data added to the copy before it is checked. */
    public static void copy(Path directory, Path target, Addition addition) {
        copyFile(existingIn(directory), target, addition);
    }

    static void copyFile(Path file, Path target) {
        copyFile(file, target, copied -> {});
    }

    private static void copyFile(Path file, Path target, Addition addition) {
        try {
            Files.createFile(target, PosixFilePermissions.asFileAttribute(OWNER_ONLY_FILE));
        } catch (FileAlreadyExistsException e) {
            throw new OperatorError(target + " already exists; name another file");
        } catch (IOException e) {
            throw new OperatorError("cannot write " + target + ": " + e.getMessage(), e);
        }
        try (var connection = connect(file, SQLiteConfig.TransactionMode.DEFERRED);
                var statement = connection.prepareStatement("VACUUM INTO ?")) {
            statement.setString(1, target.toAbsolutePath().toString());
            statement.execute();
            addition.to(target);
            Migrations.check(target);
            try (var written = FileChannel.open(target, StandardOpenOption.WRITE)) {
                written.force(true);
            }
        } catch (SQLException | IOException | OperatorError e) {
            target.toFile().delete();
            throw new OperatorError("the database could not be copied to " + target + ": " + e.getMessage(), e);
        }
    }

    /** Removes the rights of other users to the database, whose files SQLite creates as the process's umask says. */
    static void protect(Path directory) {
        protectFile(in(directory));
        protectFile(directory.resolve("server.lock"));
    }

    /** The same of one database file and those beside it. */
    static void protectFile(Path database) {
        for (var suffix : List.of("", "-wal", "-shm")) {
            var file = database.resolveSibling(database.getFileName() + suffix);
            try {
                if (Files.exists(file) && !Files.getPosixFilePermissions(file).equals(OWNER_ONLY_FILE)) {
                    Files.setPosixFilePermissions(file, OWNER_ONLY_FILE);
                }
            } catch (IOException | UnsupportedOperationException e) {
                log.warn("the permissions of {} cannot be changed: {}", file, e.getMessage()); // as on a CIFS share
            }
        }
    }

    /** The directory of the database's copies; created for its owner only if absent. */
    public static Path backups(Path directory) throws IOException {
        var backups = Files.createDirectories(directory.resolve("backups"), OWNER_ONLY);
        return backups;
    }

    /** Path of a directory's database, whether or not it exists. */
    public static Path in(Path directory) {
        return directory.resolve("restic-fleet.db");
    }

    static Path existingIn(Path directory) {
        var file = in(directory);
        if (!Files.exists(file)) {
            throw new OperatorError("there is no database in " + directory
                    + "; name the server's directory with RESTIC_FLEET_DATA_DIR or --data-dir");
        }
        return file;
    }

    /** Prevents two servers on one database: each assumes that no other writes. */
    private static FileChannel lock(Path path) throws IOException {
        var channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // locked by this process: same error
        }
        channel.close();
        throw new OperatorError("another restic-fleet server is using " + path.getParent() + "; stop it first");
    }

    /**
     * A connection for reading, whether or not a server uses the file.
     *
     * @throws SQLException if the file is missing, or not a database
     */
    public static Connection read(Path file) throws SQLException {
        return connect(file, SQLiteConfig.TransactionMode.DEFERRED);
    }

    /** A connection for writing to a file that no server uses. */
    public static Connection write(Path file) throws SQLException {
        return connect(file, SQLiteConfig.TransactionMode.IMMEDIATE);
    }

    static Connection connect(Path file, SQLiteConfig.TransactionMode mode) throws SQLException {
        var config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL); // NORMAL loses acknowledged commits at power loss
        config.enforceForeignKeys(true); // off by default, and per connection
        config.setBusyTimeout(BUSY_TIMEOUT_MS);
        config.setTransactionMode(mode); // a deferred read-then-write fails with BUSY regardless of the timeout
        return config.createConnection("jdbc:sqlite:" + file);
    }
}
