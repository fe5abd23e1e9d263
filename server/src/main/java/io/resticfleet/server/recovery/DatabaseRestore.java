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
 * Puts a copy of a database in the place of the present one, which is kept. A crash on the way leaves the present one
 * or the copy, never none.
 */
public final class DatabaseRestore {

    private static final Logger log = LoggerFactory.getLogger(DatabaseRestore.class);

    private DatabaseRestore() {}

    /**
     * What was done.
     *
     * @param aside where the database that was there is kept; absent if there was none
     * @param current whether the copy is of this program's version; if not, the next start brings it up to date
     */
    public record Done(Optional<Path> aside, boolean current) {}

    /** What comes back with a database: keys, for instance. */
    public interface Company {

        /**
         * Makes ready what comes with it, and changes nothing that is in use.
         *
         * @param incoming the checked database, before it comes into place
         * @throws OperatorError if nothing shall be restored
         */
        void prepare(Path incoming) throws IOException;

        /** Removes what was made ready: the database did not come into place. */
        void abandon();

        /** Puts it in place; the database has just come there. */
        void place() throws IOException;
    }

    /**
     * Checks the copy, then puts it in place.
     *
     * @param directory of a server that does not run
     * @param copy is only read
     * @throws OperatorError if a server runs, or the copy is damaged, not of this program, or newer than it; the
     *     directory is then as it was
     */
    @SuppressWarnings("try") // the lock is held, not looked at
    public static Done run(Path directory, Path copy, InstantSource clock, Company company) {
        if (!Files.isRegularFile(copy)) {
            throw new OperatorError("there is no file " + copy);
        }
        try (var held = DatabaseFile.hold(directory)) {
            var present = DatabaseFile.in(directory);
            var incoming = present.resolveSibling("restic-fleet.db.restoring");
            remove(incoming);
            var done = exchange(present, copy, incoming, clock, company);
            company.place();
            flush(directory, StandardOpenOption.READ);
            return done;
        } catch (IOException e) {
            throw new OperatorError("cannot restore " + copy + ": " + e.getMessage(), e);
        }
    }

    /** The present one goes aside and the copy comes in; or nothing is changed, and nothing left behind. */
    private static Done exchange(Path present, Path copy, Path incoming, InstantSource clock, Company company)
            throws IOException {
        try {
            boolean current = takeIn(copy, incoming, clock, company);
            var aside = setAside(present, clock);
            Files.move(incoming, present, StandardCopyOption.ATOMIC_MOVE);
            return new Done(aside, current);
        } catch (OperatorError e) {
            abandon(incoming, company);
            throw new OperatorError(
                    "nothing was restored: " + e.getMessage().replace(incoming.toString(), copy.toString()), e);
        } catch (IOException | RuntimeException e) {
            abandon(incoming, company);
            throw e;
        }
    }

    private static void abandon(Path incoming, Company company) throws IOException {
        company.abandon();
        remove(incoming);
    }

    /** A copy of the copy, for looking into a database may change its file. Returns whether it is current. */
    private static boolean takeIn(Path copy, Path incoming, InstantSource clock, Company company) throws IOException {
        Files.copy(copy, incoming);
        Files.setPosixFilePermissions(incoming, PosixFilePermissions.fromString("rw-------"));
        Migrations.check(incoming);
        boolean current = new Migrations(incoming, clock).isCurrent();
        company.prepare(incoming);
        mark(incoming);
        flush(incoming, StandardOpenOption.WRITE);
        return current;
    }

    /** In the file itself, so that it comes into place with it; the next start takes note of it and clears it. */
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
        foldIn(present);
        var directory = Files.createDirectories(present.resolveSibling("backups"));
        var aside = directory.resolve("before-restore-" + Migrations.STAMP.format(clock.instant()) + ".db");
        Files.copy(present, aside, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        if (Files.exists(log(present))) {
            Files.copy(log(present), log(aside), StandardCopyOption.REPLACE_EXISTING);
            flush(log(aside), StandardOpenOption.WRITE);
        }
        flush(aside, StandardOpenOption.WRITE);
        flush(directory, StandardOpenOption.READ); // or a power cut could leave the copy in place and none of this
        removeLogs(present); // else SQLite would play them into the copy
        return Optional.of(aside);
    }

    /** What a killed server left in its log goes into the file itself; of a damaged database, both are kept. */
    private static void foldIn(Path present) {
        try (var connection = DatabaseFile.write(present);
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (SQLException e) {
            log.warn("the present database is damaged; it is kept with its log database={}", present);
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
