package io.resticfleet.server.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.ConnectionFactory;
import org.sqlite.SQLiteConnection;

/** The one connection that writes. Whoever wants it waits in Java: a thread that waits inside SQLite cannot be seen. */
final class WriterConnection implements ConnectionFactory {

    private final ReaderConnections.Opener opener;
    private final ReentrantLock turn = new ReentrantLock(true);
    private Connection connection;
    private boolean doubtful;
    private long seenVersion;

    WriterConnection(ReaderConnections.Opener opener) throws SQLException {
        this.opener = opener;
        this.connection = opener.open();
    }

    @Override
    public Connection openConnection() throws SQLException {
        if (turn.isHeldByCurrentThread()) {
            throw new IllegalStateException("a write inside a write: pass the handle on instead");
        }
        turn.lock();
        try {
            if (doubtful) {
                abandon();
                connection = opener.open();
                doubtful = false;
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
     * To be called by who has the connection, when a commit or a rollback may have gone wrong: it may be inside a
     * transaction still, and what it believes to be on disk may not be. The next one gets another.
     */
    void doubt() {
        doubtful = true;
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

    /** Takes its locks and the rest of its transaction with it, whatever it says. */
    private void abandon() {
        try {
            connection.close();
        } catch (SQLException e) {
            // it was in doubt already
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
