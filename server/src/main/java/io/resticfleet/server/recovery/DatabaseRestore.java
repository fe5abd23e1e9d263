package io.resticfleet.server.recovery;

import io.resticfleet.server.db.DatabaseFile;
import io.resticfleet.server.db.Migrations;
import io.resticfleet.server.db.OperatorError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces the database with a copy, and keeps the replaced one. A crash leaves one or the other in place, never
 * neither.
 */
public final class DatabaseRestore {

    private static final Logger log = LoggerFactory.getLogger(DatabaseRestore.class);

    private DatabaseRestore() {}

    /**
     * A completed restore.
     *
     * @param aside where the replaced database is kept; absent if there was none
     * @param current whether the copy has this program's schema version; if not, the next start migrates it
     */
    public record Result(Optional<Path> aside, boolean current) {}

    /** Files that are restored together with the database, such as keys. */
    public interface Attachment {

        /**
         * Prepares the files without changing any that is in use.
         *
         * @param incoming the verified database, not yet in place
         * @throws OperatorError to stop the restore
         */
        void prepare(Path incoming) throws IOException;

        /** Deletes the prepared files; the database was not replaced. */
        void rollback();

        /** Puts the files in place; the database has just been replaced. */
        void commit() throws IOException;
    }

    /**
     * Verifies the copy, then puts it in place.
     *
     * @param directory data directory of a stopped server
     * @param copy is only read
     * @throws OperatorError if the server is running, or the copy is damaged, not a database of this program, or newer
     *     than this program; the directory is then unchanged
     */
    @SuppressWarnings("try") // the lock is held, never used
    public static Result run(Path directory, Path copy, InstantSource clock, Attachment attachment) {
        if (!Files.isRegularFile(copy)) {
            throw new OperatorError("there is no file " + copy);
        }
        try (var held = DatabaseFile.hold(directory)) {
            var present = DatabaseFile.in(directory);
            var incoming = present.resolveSibling("restic-fleet.db.restoring");
            remove(incoming);
            var result = replace(present, copy, incoming, clock, attachment);
            attachment.commit();
            flush(directory, StandardOpenOption.READ);
            return result;
        } catch (IOException e) {
            throw new OperatorError("cannot restore " + copy + ": " + e.getMessage(), e);
        }
    }

    /** Replaces the database, or changes nothing and leaves nothing behind. */
    private static Result replace(Path present, Path copy, Path incoming, InstantSource clock, Attachment attachment)
            throws IOException {
        try {
            boolean current = stage(copy, incoming, clock, attachment);
            var aside = setAside(present, clock);
            Files.move(incoming, present, StandardCopyOption.ATOMIC_MOVE);
            return new Result(aside, current);
        } catch (OperatorError e) {
            rollback(incoming, attachment);
            throw new OperatorError(
                    "nothing was restored: " + e.getMessage().replace(incoming.toString(), copy.toString()), e);
        } catch (IOException | RuntimeException e) {
            rollback(incoming, attachment);
            throw e;
        }
    }

    private static void rollback(Path incoming, Attachment attachment) throws IOException {
        attachment.rollback();
        remove(incoming);
    }

    /**
     * Verifies and marks a copy of the copy, as even reading a database may change its file.
     *
     * @return whether it has this program's schema version
     */
    private static boolean stage(Path copy, Path incoming, InstantSource clock, Attachment attachment)
            throws IOException {
        Files.copy(copy, incoming);
        Files.setPosixFilePermissions(incoming, PosixFilePermissions.fromString("rw-------"));
        Migrations.check(incoming);
        boolean current = new Migrations(incoming, clock).isCurrent();
        attachment.prepare(incoming);
        mark(incoming);
        flush(incoming, StandardOpenOption.WRITE);
        return current;
    }

    /** Marks the file itself, so that mark and file come into place together; the next start handles and clears it. */
    private static void mark(Path incoming) throws IOException {
        try (var connection = DatabaseFile.write(incoming);
                var statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS backup_envelope");
            statement.execute("PRAGMA user_version = 1");
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (SQLException e) {
            throw new IOException("the copy cannot be marked as restored: " + e.getMessage(), e);
        }
    }

    private static Optional<Path> setAside(Path present, InstantSource clock) throws IOException {
        if (!Files.exists(present)) {
            removeLogs(present);
            return Optional.empty();
        }
        checkpoint(present);
        var directory = DatabaseFile.backups(present.toAbsolutePath().getParent());
        var aside = directory.resolve("before-restore-" + Migrations.STAMP.format(clock.instant()) + ".db");
        Files.copy(present, aside, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        if (Files.exists(log(present))) {
            Files.copy(
                    log(present), log(aside), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
            flush(log(aside), StandardOpenOption.WRITE);
        }
        flush(aside, StandardOpenOption.WRITE);
        flush(directory, StandardOpenOption.READ); // before the replacement, or a power cut could lose this copy
        removeLogs(present); // SQLite would otherwise replay them into the restored database
        return Optional.of(aside);
    }

    /** Moves the content of the write-ahead log into the file. If the database is damaged, both files are kept. */
    private static void checkpoint(Path present) {
        try (var connection = DatabaseFile.write(present);
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (SQLException e) {
            log.warn(
                    "the present database is damaged; it is kept together with its write-ahead log database={}",
                    present);
        }
    }

    private static void remove(Path database) throws IOException {
        Files.deleteIfExists(database);
        removeLogs(database);
    }

    private static void removeLogs(Path database) throws IOException {
        Files.deleteIfExists(log(database));
        Files.deleteIfExists(database.resolveSibling(database.getFileName() + "-shm"));
    }

    private static Path log(Path database) {
        return database.resolveSibling(database.getFileName() + "-wal");
    }

    private static void flush(Path path, StandardOpenOption mode) throws IOException {
        try (var channel = FileChannel.open(path, mode)) {
            channel.force(true);
        }
    }
}
