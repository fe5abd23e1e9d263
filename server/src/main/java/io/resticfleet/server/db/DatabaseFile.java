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
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import org.sqlite.SQLiteConfig;

/** The database as a file: where it is, the lock that keeps other servers away, connections to it, copies of it. */
public final class DatabaseFile {

    private static final int BUSY_TIMEOUT_MS = 10_000;

    /** Directories of the server are for its own user. */
    public static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private DatabaseFile() {}

    /** Adds something to a copy that was just made. */
    public interface Addition {
        void to(Path copy) throws SQLException;
    }

    /**
     * Keeps servers away from a directory until closed.
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
     * Writes a copy of the whole database of a directory as it is now, also while a server runs on it, and checks it.
     *
     * @param target must not exist; readable by its owner only
     * @throws OperatorError if there is no database, or the copy cannot be made; nothing is then left of it
     */
    public static void copy(Path directory, Path target) {
        copyFile(existingIn(directory), target);
    }

    /** The same, with something added to the copy before it is checked. */
    public static void copy(Path directory, Path target, Addition addition) {
        copyFile(existingIn(directory), target, addition);
    }

    static void copyFile(Path file, Path target) {
        copyFile(file, target, copied -> {});
    }

    private static void copyFile(Path file, Path target, Addition addition) {
        try {
            Files.createFile(
                    target, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            throw new OperatorError(target + " exists already; name a file that does not");
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

    /** Where the database of a directory is, or will be. */
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

    /** Two servers over one database would each believe that they alone write. */
    private static FileChannel lock(Path path) throws IOException {
        var channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // held by this very process: the same answer
        }
        channel.close();
        throw new OperatorError("another restic-fleet server is using " + path.getParent() + "; stop it first");
    }

    /**
     * A connection for one look, whether or not a server uses the file.
     *
     * @throws SQLException if there is no such file, or it is no database
     */
    public static Connection read(Path file) throws SQLException {
        return connect(file, SQLiteConfig.TransactionMode.DEFERRED);
    }

    /** A connection that writes; for files that no server uses. */
    public static Connection write(Path file) throws SQLException {
        return connect(file, SQLiteConfig.TransactionMode.IMMEDIATE);
    }

    static Connection connect(Path file, SQLiteConfig.TransactionMode mode) throws SQLException {
        var config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL); // NORMAL loses what was acknowledged at power loss
        config.enforceForeignKeys(true); // off by default, and per connection
        config.setBusyTimeout(BUSY_TIMEOUT_MS);
        config.setTransactionMode(mode); // a deferred read-then-write fails with BUSY whatever the time-out
        return config.createConnection("jdbc:sqlite:" + file);
    }
}
