package io.resticfleet.server.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.ConnectionFactory;
import org.sqlite.SQLiteConnection;

/** The only connection that writes. Threads wait for it in Java, where waiting is visible, unlike inside SQLite. */
final class WriterConnection implements ConnectionFactory {

    private final ReaderConnections.Opener opener;
    private final ReentrantLock turn = new ReentrantLock(true);
    private final LongAdder writes = new LongAdder();
    private final LongAdder waits = new LongAdder();
    private Connection connection;
    private boolean broken;
    private long seenVersion;

    WriterConnection(ReaderConnections.Opener opener) throws SQLException {
        this.opener = opener;
        this.connection = opener.open();
    }

    @Override
    public Connection openConnection() throws SQLException {
        if (turn.isHeldByCurrentThread()) {
            throw new IllegalStateException("nested write: pass the handle on instead");
        }
        if (turn.isLocked()) {
            waits.increment();
        }
        turn.lock();
        writes.increment();
        try {
            if (broken) {
                discard();
                connection = opener.open();
                broken = false;
            }
            return connection;
        } catch (SQLException | RuntimeException e) {
            turn.unlock();
            throw e;
        }
    }

    @Override
    public void closeConnection(Connection used) {
        turn.unlock();
    }

    /**
     * Marks the connection for replacement, after a commit or rollback that may have failed: it may still be inside a
     * transaction, or cache pages that are not on disk. Called by the thread that uses the connection.
     */
    void markBroken() {
        broken = true;
    }

    /**
     * Whether another program has, or may have, changed the database since the last call. Does not wait: during a write it
     * returns false, and the next call finds the change.
     */
    boolean changedElsewhere() {
        if (!turn.tryLock()) {
            return false;
        }
        try (var statement = connection.unwrap(SQLiteConnection.class).createStatement();
                var row = statement.executeQuery("PRAGMA data_version")) {
            long before = seenVersion;
            seenVersion = row.getLong(1);
            return seenVersion != before;
        } catch (SQLException e) {
            return true;
        } finally {
            turn.unlock();
        }
    }

    WriterLoad load() {
        return new WriterLoad(writes.sum(), waits.sum(), turn.getQueueLength());
    }

    /** Closes the broken connection, and with it its locks and its transaction. */
    private void discard() {
        try {
            connection.close();
        } catch (SQLException e) {
            // it is broken already
        }
    }

    void close() throws SQLException {
        turn.lock();
        try {
            connection.close();
        } finally {
            turn.unlock();
        }
    }
}
