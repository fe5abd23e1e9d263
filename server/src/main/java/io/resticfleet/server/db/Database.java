package io.resticfleet.server.db;

import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.sqlobject.SqlObjectPlugin;
import org.sqlite.SQLiteConfig;

/**
 * The server's SQLite database: one connection that writes, a few that read.
 *
 * <p>What {@link #write} has returned from is on disk (WAL with {@code synchronous=FULL}) and survives power loss. Safe
 * for use by many threads.
 */
public final class Database implements AutoCloseable {

    private static final int BUSY_TIMEOUT_MS = 10_000;

    private final Path file;
    private final FileChannel lock;
    private final WriterConnection writerConnection;
    private final ReaderConnections readerConnections;
    private final Jdbi writer;
    private final Jdbi readers;

    private Database(Path file, FileChannel lock) throws SQLException {
        this.file = file;
        this.lock = lock;
        this.writerConnection = new WriterConnection(connect(file, SQLiteConfig.TransactionMode.IMMEDIATE));
        this.readerConnections = new ReaderConnections(() -> connect(file, SQLiteConfig.TransactionMode.DEFERRED));
        this.writer = configure(Jdbi.create(writerConnection));
        this.readers = configure(Jdbi.create(readerConnections));
    }

    /**
     * Opens {@code restic-fleet.db} in a directory, making both if they are not there, and brings it up to date.
     *
     * @throws StartFailure if another server holds it, or it is newer than this program
     */
    public static Database open(Path directory, InstantSource clock) {
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            var lock = lock(directory.resolve("server.lock"));
            var file = directory.resolve("restic-fleet.db");
            try {
                new Migrations(file, clock).run();
                return new Database(file, lock);
            } catch (SQLException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new StartFailure("cannot use " + directory + " for data: " + e.getMessage(), e);
        } catch (SQLException e) {
            throw new StartFailure("cannot open the database in " + directory + ": " + e.getMessage(), e);
        }
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
        throw new StartFailure("another restic-fleet server is using " + path.getParent() + "; stop it first");
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

    private static Jdbi configure(Jdbi jdbi) {
        return jdbi.installPlugin(new SqlObjectPlugin())
                .registerArgument(new InstantArgument())
                .registerColumnMapper(Instant.class, (row, column, context) -> {
                    long millis = row.getLong(column);
                    return row.wasNull() ? null : Instant.ofEpochMilli(millis);
                })
                .registerArgument(new WordArgument())
                .registerColumnMapper(JobKind.class, (row, column, context) -> JobKind.of(row.getString(column)))
                .registerColumnMapper(JobStatus.class, (row, column, context) -> JobStatus.of(row.getString(column)))
                .registerColumnMapper(JobTrigger.class, (row, column, context) -> JobTrigger.of(row.getString(column)));
    }

    /** Runs on a connection that sees what is committed; must not write. */
    public <T> T read(Function<Handle, T> query) {
        return readers.withHandle(query::apply);
    }

    /** Runs one transaction; waits while another runs. When it returns, what it did is durable. */
    public <T> T write(Function<Handle, T> change) {
        return writer.inTransaction(change::apply);
    }

    /** Like {@link #write}, with nothing to return. */
    public void change(Consumer<Handle> change) {
        writer.useTransaction(change::accept);
    }

    /**
     * Writes a copy of the whole database as it is now, while the server goes on.
     *
     * @param target must not exist
     */
    public void copyTo(Path target) {
        read(handle -> handle.execute("VACUUM INTO ?", target.toString()));
    }

    public Path file() {
        return file;
    }

    @Override
    public void close() {
        try {
            readerConnections.close();
            writerConnection.close();
            lock.close();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot close the database", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
