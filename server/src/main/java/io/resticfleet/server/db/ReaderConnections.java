package io.resticfleet.server.db;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jdbi.v3.core.ConnectionFactory;

/** A pool of connections for reading: opening one costs as much as twenty queries. */
final class ReaderConnections implements ConnectionFactory {

    /** Opens another connection. */
    interface Opener {
        Connection open() throws SQLException;
    }

    private static final int MAX_IDLE = 8;

    private final Opener opener;
    private final ConcurrentLinkedQueue<Connection> idle = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    ReaderConnections(Opener opener) {
        this.opener = opener;
    }

    @Override
    public Connection openConnection() throws SQLException {
        var kept = idle.poll();
        return kept != null ? kept : opener.open();
    }

    @Override
    public void closeConnection(Connection connection) throws SQLException {
        if (closed || idle.size() >= MAX_IDLE) {
            connection.close();
        } else {
            idle.add(connection);
        }
    }

    void close() throws SQLException {
        closed = true;
        for (var connection = idle.poll(); connection != null; connection = idle.poll()) {
            connection.close();
        }
    }
}
