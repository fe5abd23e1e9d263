package io.resticfleet.server.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.ConnectionFactory;

/** The one connection that writes. Whoever wants it waits in Java: a thread that waits inside SQLite cannot be seen. */
final class WriterConnection implements ConnectionFactory {

    private final Connection connection;
    private final ReentrantLock turn = new ReentrantLock(true);

    WriterConnection(Connection connection) {
        this.connection = connection;
    }

    @Override
    public Connection openConnection() {
        if (turn.isHeldByCurrentThread()) {
            throw new IllegalStateException("a write inside a write: pass the handle on instead");
        }
        turn.lock();
        return connection;
    }

    @Override
    public void closeConnection(Connection used) {
        turn.unlock();
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
