package io.resticfleet.server.db;

import com.github.f4b6a3.ulid.UlidFactory;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.sqlite.SQLiteConfig;

/**
 * The server's SQLite database: one connection that writes, a few that read.
 *
 * <p>A change is on disk when {@link #write} returns (WAL with {@code synchronous=FULL}), and survives power loss. Safe
 * for use by many threads.
 */
public final class Database implements AutoCloseable {

    private final Path file;
    private final Closeable lock;
    private final InstantSource clock;
    private final UlidFactory ids = UlidFactory.newMonotonicInstance();
    private final WriterConnection writerConnection;
    private final ReaderConnections readerConnections;
    private final Jdbi writer;
    private final Jdbi readers;
    private final StorageHealth health;
    private final ChangedRows changedRows = new ChangedRows();
    private final ChangeLog changeLog = new ChangeLog();
    private volatile Consumer<Set<Change>> onChange = changes -> {};

    private Database(Path file, Closeable lock, InstantSource clock, Connector connector) throws SQLException {
        this.file = file;
        this.lock = lock;
        this.clock = clock;
        this.health = new StorageHealth(new DiskReserve(file.toAbsolutePath().getParent()), clock);
        this.writerConnection = new WriterConnection(
                () -> changedRows.watch(connector.connect(file, SQLiteConfig.TransactionMode.IMMEDIATE)));
        this.readerConnections =
                new ReaderConnections(() -> connector.connect(file, SQLiteConfig.TransactionMode.DEFERRED));
        this.writer = ColumnTypes.register(Jdbi.create(writerConnection));
        this.readers = ColumnTypes.register(Jdbi.create(readerConnections));
    }

    /**
     * Opens {@code restic-fleet.db} in a directory, creating both if missing, and migrates it to the current schema.
     *
     * @throws OperatorError if another server uses it, or it is newer than this program
     */
    public static Database open(Path directory, InstantSource clock) {
        return open(directory, clock, DatabaseFile::connect);
    }

    /** @param connector opens the connections; tests inject faults here */
    static Database open(Path directory, InstantSource clock, Connector connector) {
        try {
            var lock = DatabaseFile.hold(directory);
            var file = DatabaseFile.in(directory);
            try {
                var reserve = new DiskReserve(directory);
                if (reserve.exhausted()) {
                    reserve.release(); // otherwise the database may not open
                }
                DatabaseFile.protect(directory);
                SqliteLibrary.load(directory.resolve("native"));
                new Migrations(file, clock).run();
                var db = new Database(file, lock, clock, connector);
                DatabaseFile.protect(directory);
                db.health.keepReserve();
                return db;
            } catch (SQLException | IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new OperatorError("cannot use " + directory + " for data: " + e.getMessage(), e);
        } catch (SQLException e) {
            throw new OperatorError("cannot open the database in " + directory + ": " + e.getMessage(), e);
        }
    }

    /**
     * Opens the database of a directory for a command, even while a server uses it: without the server's lock, and
     * without migrating it.
     *
     * @throws OperatorError if there is none, or its schema version is not this program's
     */
    public static Database openBeside(Path directory, InstantSource clock) {
        var file = DatabaseFile.existingIn(directory);
        if (!new Migrations(file, clock).isCurrent()) {
            throw new OperatorError(
                    "the database " + file + " has an older schema; start the server once to upgrade it");
        }
        try {
            return new Database(file, () -> {}, clock, DatabaseFile::connect);
        } catch (SQLException e) {
            throw new OperatorError("cannot open the database " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Runs a query that sees committed data; must not write.
     *
     * @throws StorageRefused if the disk fails, or the data read is damaged
     */
    public <T> T read(Function<Handle, T> query) {
        try {
            return readers.withHandle(query::apply);
        } catch (RuntimeException e) {
            throw health.failedToRead(e);
        }
    }

    /**
     * Runs one transaction, waiting for any other to end. Its changes are durable when this returns.
     *
     * @throws StorageRefused if writing failed, or is refused at present; after a failed commit, the changes may be
     *     stored nevertheless
     */
    public <T> T write(Function<Handle, T> change) {
        health.admit();
        return transact(change);
    }

    /**
     * Like {@link #write}, for bulk that can wait: refused during any storage trouble, to leave room for other writes.
     */
    public <T> T writeBulk(Function<Handle, T> change) {
        health.admitBulk();
        return transact(change);
    }

    /** Like {@link #change}, for data that may be lost: skipped during storage trouble. */
    public void note(Consumer<Handle> change) {
        try {
            writeBulk(tx -> {
                change.accept(tx);
                return true;
            });
        } catch (StorageRefused e) {
            // already logged and shown
        }
    }

    private <T> T transact(Function<Handle, T> change) {
        var changed = new HashSet<Change>();
        T result;
        try {
            result = writer.withHandle(handle -> commit(handle, change, changed));
        } catch (RuntimeException e) {
            var failure = health.failedToWrite(e);
            if (SqliteFault.isIn(e)) {
                onChange.accept(Set.of(Change.STORAGE));
            }
            throw failure;
        }
        if (!changed.isEmpty()) {
            onChange.accept(changed);
        }
        return result;
    }

    /** @param changed receives the changes of the transaction */
    private <T> T commit(Handle handle, Function<Handle, T> change, Set<Change> changed) {
        changedRows.clear();
        try {
            var result = handle.inTransaction(tx -> {
                var done = change.apply(tx);
                changed.addAll(changedRows.get());
                changeLog.add(changed);
                return done;
            });
            changeLog.add(changed);
            return result;
        } catch (RuntimeException e) {
            if (SqliteFault.isIn(e)) {
                writerConnection.markBroken();
                changeLog.addEverything(); // the commit may have succeeded
            }
            throw e;
        }
    }

    /**
     * The changes since an earlier call. Call this before reading the changed rows again.
     *
     * @param after {@link Changes#last} of that call; 0 for the first
     */
    public Changes changesSince(long after) {
        if (writerConnection.changedElsewhere()) {
            changeLog.addEverything();
        }
        return changeLog.since(after);
    }

    /** Checks quickly for damage, in two seconds per gigabyte on a fast disk. Sets {@link #trouble}. */
    public void checkQuickly() {
        note(firstRow("PRAGMA quick_check(1)").filter(row -> !row.equals("ok")));
    }

    /** Checks also all indexes and foreign keys, in four times the time. Clears earlier damage if it finds none. */
    public void checkFully() {
        var damage = firstRow("PRAGMA integrity_check(1)")
                .filter(row -> !row.equals("ok"))
                .or(() -> firstRow("PRAGMA foreign_key_check").map(table -> "foreign key violation in table " + table));
        note(damage);
        if (damage.isEmpty()) {
            health.undamaged();
        }
    }

    private Optional<String> firstRow(String pragma) {
        return read(handle -> handle.createQuery(pragma).mapTo(String.class).findFirst());
    }

    private void note(Optional<String> damage) {
        damage.ifPresent(health::damaged);
        onChange.accept(Set.of(Change.STORAGE));
    }

    /** The present storage trouble or damage; empty if none is known. */
    public Optional<StorageTrouble> trouble() {
        return health.trouble();
    }

    /**
     * During storage trouble, tries whether writing works again. Called about every 10 s.
     *
     * @return whether writes are accepted now that were refused before
     */
    public boolean probe() {
        if (health.trouble().filter(StorageTrouble::stopsChanges).isEmpty()) {
            health.keepReserve();
            return false;
        }
        try {
            transact(Database::testWrite);
        } catch (StorageRefused e) {
            return false; // still failing
        }
        boolean more = health.worked();
        onChange.accept(Set.of(Change.STORAGE));
        return more;
    }

    /** Allocates pages and flushes a commit; leaves nothing behind. */
    private static boolean testWrite(Handle tx) {
        tx.execute("CREATE TABLE probe (filling BLOB) STRICT");
        tx.execute("INSERT INTO probe VALUES (zeroblob(65536))");
        tx.execute("DROP TABLE probe");
        return true;
    }

    /** Like {@link #write}, with nothing to return. */
    public void change(Consumer<Handle> change) {
        write(tx -> {
            change.accept(tx);
            return true;
        });
    }

    /**
     * @param listener called with the changes of a transaction, after its commit, on its thread; must be quick, and
     *     must not throw
     */
    public void onChange(Consumer<Set<Change>> listener) {
        onChange = listener;
    }

    /** A new ULID, higher than every earlier one of this object, even within a millisecond. */
    public String newId() {
        return ids.create(clock.millis()).toString();
    }

    /** How busy the only connection is that writes. */
    public WriterLoad writerLoad() {
        return writerConnection.load();
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
