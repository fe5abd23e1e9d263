package io.resticfleet.server.db;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;

/**
 * A database file beside the server's, with content that can be made again: it may be deleted, is in no copy, and a power loss may undo its
 * last changes. If it is damaged, or of another version, it is replaced by an empty one. Safe for use by many threads.
 */
public final class SideDatabase implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SideDatabase.class);
    private static final int BUSY_TIMEOUT_MS = 10_000;
    private static final int WAL_BYTES = 32 * 1024 * 1024;
    private static final String INSTANCE = "CREATE TABLE instance (id TEXT NOT NULL) STRICT";

    private final Path file;
    private final int version;
    private final List<String> schema;
    private volatile Opened opened;
    private volatile boolean damaged;

    private record Opened(
            WriterConnection writerConnection,
            ReaderConnections readerConnections,
            Jdbi writer,
            Jdbi readers,
            String instance) {}

    /** A read or write that failed because of the disk or the file. */
    public static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private SideDatabase(Path file, int version, List<String> schema) {
        this.file = file;
        this.version = version;
        this.schema = List.copyOf(schema);
    }

    /**
     * Opens a file, creating it if it is missing.
     *
     * @param version of the schema, from 1; a file of another version is replaced
     * @param schema statements for an empty file
     * @throws OperatorError if it can be neither opened nor created
     */
    public static SideDatabase open(Path file, int version, List<String> schema) {
        var db = new SideDatabase(file, version, schema);
        try {
            db.opened = db.isCurrent() ? db.connect() : db.create();
            return db;
        } catch (SQLException | IOException e) {
            throw new OperatorError("cannot use " + file + ": " + e.getMessage(), e);
        }
    }

    private boolean isCurrent() {
        if (!Files.exists(file)) {
            return false;
        }
        try (var connection = connect(SQLiteConfig.TransactionMode.DEFERRED);
                var statement = connection.createStatement()) {
            int found;
            try (var row = statement.executeQuery("PRAGMA user_version")) {
                found = row.getInt(1);
            }
            if (found == version) {
                return true;
            }
            log.info("{} has version {} and is replaced by an empty one of version {}", file, found, version);
        } catch (SQLException e) {
            log.warn("{} is replaced by an empty one: {}", file, e.getMessage());
        }
        return false;
    }

    private Opened create() throws SQLException, IOException {
        for (var suffix : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
        }
        var id = new byte[16];
        new SecureRandom().nextBytes(id);
        try (var connection = connect(SQLiteConfig.TransactionMode.IMMEDIATE);
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(INSTANCE);
            statement.execute("INSERT INTO instance VALUES ('" + HexFormat.of().formatHex(id) + "')");
            for (var each : schema) {
                statement.execute(each);
            }
            statement.execute("PRAGMA user_version = " + version);
            connection.commit();
        }
        var connected = connect();
        DatabaseFile.protectFile(file);
        return connected;
    }

    private Opened connect() throws SQLException {
        var writer = new WriterConnection(() -> connect(SQLiteConfig.TransactionMode.IMMEDIATE));
        var readers = new ReaderConnections(() -> connect(SQLiteConfig.TransactionMode.DEFERRED));
        var jdbi = ColumnTypes.register(Jdbi.create(writer));
        var instance = jdbi.withHandle(handle -> handle.createQuery("SELECT id FROM instance")
                .mapTo(String.class)
                .one());
        return new Opened(writer, readers, jdbi, ColumnTypes.register(Jdbi.create(readers)), instance);
    }

    private Connection connect(SQLiteConfig.TransactionMode mode) throws SQLException {
        var config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL); // the last changes may be lost, not the file
        config.setBusyTimeout(BUSY_TIMEOUT_MS);
        config.setTransactionMode(mode);
        config.setJournalSizeLimit(WAL_BYTES);
        return config.createConnection("jdbc:sqlite:" + file);
    }

    /**
     * Runs queries that see one state of the data.
     *
     * @throws Failed if the disk or the file does not work
     */
    public <T> T read(Function<Handle, T> query) {
        try {
            return opened.readers.withHandle(handle -> handle.inTransaction(query::apply));
        } catch (RuntimeException e) {
            throw failure(e);
        }
    }

    /**
     * Runs one transaction, waiting for any other to end.
     *
     * @throws Failed if the disk or the file does not work
     */
    public <T> T write(Function<Handle, T> change) {
        var now = opened;
        try {
            return now.writer.withHandle(handle -> {
                try {
                    return handle.inTransaction(change::apply);
                } catch (RuntimeException e) {
                    if (SqliteFault.isIn(e)) {
                        now.writerConnection.markBroken();
                    }
                    throw e;
                }
            });
        } catch (RuntimeException e) {
            throw failure(e);
        }
    }

    /** Like {@link #write}, with nothing to return. */
    public void change(Consumer<Handle> change) {
        write(tx -> {
            change.accept(tx);
            return true;
        });
    }

    private RuntimeException failure(RuntimeException e) {
        if (!SqliteFault.isIn(e)) {
            return e;
        }
        if (SqliteFault.cause(e).filter(StorageTrouble.Cause.DAMAGED::equals).isPresent()) {
            damaged = true;
        }
        return new Failed(file.getFileName() + ": " + SqliteFault.message(e), e);
    }

    /** Size of what is stored; pages that can be used again do not count. */
    public long bytes() {
        return read(handle -> handle.createQuery("""
                        SELECT (p.page_count - f.freelist_count) * s.page_size
                          FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s
                        """).mapTo(long.class).one());
    }

    /** Space that is left on its disk. */
    public long freeBytes() {
        try {
            return Files.getFileStore(file).getUsableSpace();
        } catch (IOException e) {
            throw new Failed("the free space for " + file.getFileName() + " cannot be read", e);
        }
    }

    /** Random, of this content: another one once it was made again. */
    public String instance() {
        return opened.instance;
    }

    /** Marks the content as unusable, so that {@link #replaceIfDamaged} replaces it. */
    public void markDamaged() {
        damaged = true;
    }

    /** Replaces a damaged file by an empty one. Returns whether it did. */
    public synchronized boolean replaceIfDamaged() {
        if (!damaged) {
            return false;
        }
        log.warn("{} cannot be used and is replaced by an empty one", file);
        try {
            closeConnections();
            opened = create();
            damaged = false;
            return true;
        } catch (SQLException | IOException e) {
            log.error("{} cannot be replaced: {}", file, e.getMessage());
            return false;
        }
    }

    private void closeConnections() throws SQLException {
        opened.readerConnections.close();
        opened.writerConnection.close();
    }

    @Override
    public synchronized void close() {
        try {
            closeConnections();
        } catch (SQLException e) {
            log.warn("{} cannot be closed: {}", file, e.getMessage());
        }
    }
}
