package io.resticfleet.server.db;

import com.github.f4b6a3.ulid.UlidFactory;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.sqlite.SQLiteConfig;

/**
 * The server's SQLite database: one connection that writes, a few that read.
 *
 * <p>What {@link #write} has returned from is on disk (WAL with {@code synchronous=FULL}) and survives power loss. Safe
 * for use by many threads.
 */
public final class Database implements AutoCloseable {

    private static final int BUSY_TIMEOUT_MS = 10_000;
    static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path file;
    private final Closeable lock;
    private final InstantSource clock;
    private final UlidFactory ids = UlidFactory.newMonotonicInstance();
    private final WriterConnection writerConnection;
    private final ReaderConnections readerConnections;
    private final Jdbi writer;
    private final Jdbi readers;
    private final Storage storage;
    private volatile Runnable afterWrite = () -> {};
    private volatile Runnable afterTrouble = () -> {};

    private Database(Path file, Closeable lock, InstantSource clock, Connector connector) throws SQLException {
        this.file = file;
        this.lock = lock;
        this.clock = clock;
        this.storage = new Storage(new Reserve(file.toAbsolutePath().getParent()), clock);
        this.writerConnection =
                new WriterConnection(() -> connector.connect(file, SQLiteConfig.TransactionMode.IMMEDIATE));
        this.readerConnections =
                new ReaderConnections(() -> connector.connect(file, SQLiteConfig.TransactionMode.DEFERRED));
        this.writer = configure(Jdbi.create(writerConnection));
        this.readers = configure(Jdbi.create(readerConnections));
    }

    /**
     * Opens {@code restic-fleet.db} in a directory, making both if they are not there, and brings it up to date.
     *
     * @throws StartFailure if another server holds it, or it is newer than this program
     */
    public static Database open(Path directory, InstantSource clock) {
        return open(directory, clock, Database::connect);
    }

    /** @param connector opens what the server works with; for tests, which let it fail */
    static Database open(Path directory, InstantSource clock, Connector connector) {
        try {
            Files.createDirectories(directory, OWNER_ONLY);
            var lock = lock(directory.resolve("server.lock"));
            var file = fileIn(directory);
            try {
                var reserve = new Reserve(directory);
                if (reserve.exhausted()) {
                    reserve.giveUp(); // or the database could not be opened
                }
                new Migrations(file, clock).run();
                var db = new Database(file, lock, clock, connector);
                db.storage.keepRoom();
                return db;
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

    /**
     * Opens the database of a directory for a command, also while a server runs on it: without the server's lock, and
     * without changing the schema.
     *
     * @throws StartFailure if there is none, or not of exactly this program's version
     */
    public static Database openBeside(Path directory, InstantSource clock) {
        var file = existing(directory);
        if (!new Migrations(file, clock).isCurrent()) {
            throw new StartFailure("the database " + file
                    + " is of an older version; start the server once, which brings it up to date");
        }
        try {
            return new Database(file, () -> {}, clock, Database::connect);
        } catch (SQLException e) {
            throw new StartFailure("cannot open the database " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Keeps servers away from a directory until closed.
     *
     * @throws StartFailure if a server is using it
     */
    public static Closeable hold(Path directory) {
        try {
            Files.createDirectories(directory, OWNER_ONLY);
            return lock(directory.resolve("server.lock"));
        } catch (IOException e) {
            throw new StartFailure("cannot use " + directory + " for data: " + e.getMessage(), e);
        }
    }

    /**
     * Writes a copy of the whole database of a directory as it is now, also while a server runs on it, and checks it.
     *
     * @param target must not exist; readable by its owner only
     * @throws StartFailure if there is no database, or the copy cannot be made; nothing is then left of it
     */
    public static void copy(Path directory, Path target) {
        copyFile(existing(directory), target);
    }

    /** The same, with a sealed text that {@link Envelope#find} finds in it. */
    public static void copy(Path directory, Path target, String sealed) {
        copyFile(existing(directory), target, copied -> Envelope.put(copied, sealed));
    }

    /** Adds something to a copy that was just made. */
    private interface Addition {
        void to(Path copy) throws SQLException;
    }

    static void copyFile(Path file, Path target) {
        copyFile(file, target, copied -> {});
    }

    private static void copyFile(Path file, Path target, Addition addition) {
        try {
            Files.createFile(
                    target, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            throw new StartFailure(target + " exists already; name a file that does not");
        } catch (IOException e) {
            throw new StartFailure("cannot write " + target + ": " + e.getMessage(), e);
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
        } catch (SQLException | IOException | StartFailure e) {
            target.toFile().delete();
            throw new StartFailure("the database could not be copied to " + target + ": " + e.getMessage(), e);
        }
    }

    /** Where the database of a directory is, or will be. */
    public static Path fileIn(Path directory) {
        return directory.resolve("restic-fleet.db");
    }

    private static Path existing(Path directory) {
        var file = fileIn(directory);
        if (!Files.exists(file)) {
            throw new StartFailure("there is no database in " + directory
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

    static Jdbi configure(Jdbi jdbi) {
        return Daos.install(jdbi)
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

    /**
     * Runs on a connection that sees what is committed; must not write.
     *
     * @throws StorageRefused if the disk fails, or the database is damaged where it is read
     */
    public <T> T read(Function<Handle, T> query) {
        try {
            return readers.withHandle(query::apply);
        } catch (RuntimeException e) {
            throw storage.failedToRead(e);
        }
    }

    /**
     * Runs one transaction; waits while another runs. When it returns, what it did is durable.
     *
     * @throws StorageRefused if the disk did not take it, or nothing can be stored at present; what failed in its very
     *     last step may be found stored all the same
     */
    public <T> T write(Function<Handle, T> change) {
        storage.admit();
        return transact(change);
    }

    /** Like {@link #write}, for what is large and can wait: refused in any trouble, so that there is room for the rest. */
    public <T> T writeBulk(Function<Handle, T> change) {
        storage.admitBulk();
        return transact(change);
    }

    /** Like {@link #change}, for what is only of interest: left out while nothing can be stored. */
    public void note(Consumer<Handle> change) {
        try {
            writeBulk(tx -> {
                change.accept(tx);
                return true;
            });
        } catch (StorageRefused e) {
            // known, and shown
        }
    }

    private <T> T transact(Function<Handle, T> change) {
        T result;
        try {
            result = writer.withHandle(handle -> {
                try {
                    return handle.inTransaction(change::apply);
                } catch (RuntimeException e) {
                    if (SqliteFault.isIn(e)) {
                        writerConnection.doubt();
                    }
                    throw e;
                }
            });
        } catch (RuntimeException e) {
            var failure = storage.failedToWrite(e);
            afterWrite.run(); // pages show the trouble
            throw failure;
        }
        afterWrite.run();
        return result;
    }

    /** Looks whether the database is damaged, quickly: for a gigabyte, two seconds on a good disk. See {@link #trouble}. */
    public void checkQuickly() {
        note(firstRow("PRAGMA quick_check(1)").filter(row -> !row.equals("ok")));
    }

    /** The same with every index and reference, which takes four times as long; if all is well, damage is forgotten. */
    public void checkFully() {
        var wrong = firstRow("PRAGMA integrity_check(1)")
                .filter(row -> !row.equals("ok"))
                .or(() -> firstRow("PRAGMA foreign_key_check").map(table -> "rows without their parent in " + table));
        note(wrong);
        if (wrong.isEmpty()) {
            storage.whole();
        }
    }

    private Optional<String> firstRow(String pragma) {
        return read(handle -> handle.createQuery(pragma).mapTo(String.class).findFirst());
    }

    private void note(Optional<String> damage) {
        damage.ifPresent(storage::damaged);
        afterWrite.run(); // pages show it
    }

    /** What is wrong with storing, or with what is stored; empty if nothing is known to be. */
    public Optional<StorageTrouble> trouble() {
        return storage.trouble();
    }

    /** In trouble, tries whether writing works again. To be called every 10 s or so. */
    public void probe() {
        if (storage.trouble().filter(StorageTrouble::stopsChanges).isEmpty()) {
            storage.keepRoom();
            return;
        }
        try {
            transact(Database::tryOut);
        } catch (StorageRefused e) {
            return; // still
        }
        if (storage.worked()) {
            afterTrouble.run();
        }
        afterWrite.run();
    }

    /** Needs pages of its own, and the flush of a commit; leaves nothing. */
    private static boolean tryOut(Handle tx) {
        tx.execute("CREATE TABLE probe (filling BLOB) STRICT");
        tx.execute("INSERT INTO probe VALUES (zeroblob(65536))");
        tx.execute("DROP TABLE probe");
        return true;
    }

    /** @param listener called when there is room again for what was refused; must be quick, and not throw */
    public void afterTrouble(Runnable listener) {
        afterTrouble = listener;
    }

    /** Like {@link #write}, with nothing to return. */
    public void change(Consumer<Handle> change) {
        write(tx -> {
            change.accept(tx);
            return true;
        });
    }

    /** @param listener called after every transaction that was committed, on its thread; must be quick, and not throw */
    public void afterWrite(Runnable listener) {
        afterWrite = listener;
    }

    /** A new ULID: higher than each that was made before it here, also within a millisecond. */
    public String newId() {
        return ids.create(clock.millis()).toString();
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
