package io.resticfleet.server.tree;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * The {@code blocks} and {@code block_keys} tables. A tree has tens of thousands of rows, which are read and written without
 * JDBI's mappers, as these take longer than SQLite.
 */
final class BlockDao implements BlockSource {

    private final Connection connection;

    private BlockDao(Connection connection) {
        this.connection = connection;
    }

    static BlockDao of(Handle handle) {
        return new BlockDao(handle.getConnection());
    }

    /** A new block. */
    record Row(long id, long refs, int hash, byte[] content) {}

    /** A failure of the disk or of a file, which {@code SideDatabase} recognizes by its cause. */
    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Broken(SQLException cause) {
            super(cause);
        }
    }

    private interface Work<T> {
        T with(PreparedStatement statement) throws SQLException;
    }

    private <T> T run(String sql, Work<T> work) {
        try (var statement = connection.prepareStatement(sql)) {
            return work.with(statement);
        } catch (SQLException e) {
            throw new Broken(e);
        }
    }

    /** @throws IllegalStateException if there is none */
    @Override
    public byte[] get(long id) {
        return run("SELECT content FROM blocks WHERE id = ?", statement -> {
            statement.setLong(1, id);
            try (var row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new IllegalStateException("the index lacks block " + id);
                }
                return row.getBytes(1);
            }
        });
    }

    /** The blocks that may have the bytes of this hash. */
    List<Row> candidates(int hash) {
        return run("SELECT id, refs, content FROM block_keys JOIN blocks ON id = block WHERE hash = ?", statement -> {
            statement.setInt(1, hash);
            try (var row = statement.executeQuery()) {
                var found = new ArrayList<Row>();
                while (row.next()) {
                    found.add(new Row(row.getLong(1), row.getLong(2), hash, row.getBytes(3)));
                }
                return found;
            }
        });
    }

    void insert(Collection<Row> rows) {
        run("INSERT INTO blocks (id, refs, content) VALUES (?, ?, ?)", statement -> {
            for (var row : rows) {
                statement.setLong(1, row.id());
                statement.setLong(2, row.refs());
                statement.setBytes(3, row.content());
                statement.addBatch();
            }
            return statement.executeBatch();
        });
        run("INSERT INTO block_keys (hash, block) VALUES (?, ?)", statement -> {
            for (var row : rows) {
                statement.setInt(1, row.hash());
                statement.setLong(2, row.id());
                statement.addBatch();
            }
            return statement.executeBatch();
        });
    }

    /** Adds to the counts of references. */
    void refer(Map<Long, Integer> changes) {
        run("UPDATE blocks SET refs = refs + ? WHERE id = ?", statement -> {
            for (var change : changes.entrySet()) {
                statement.setInt(1, change.getValue());
                statement.setLong(2, change.getKey());
                statement.addBatch();
            }
            return statement.executeBatch();
        });
    }

    /** Some blocks without a reference. */
    List<Row> unused(int limit) {
        return run("SELECT id, content FROM blocks WHERE refs = 0 LIMIT ?", statement -> {
            statement.setInt(1, limit);
            try (var row = statement.executeQuery()) {
                var found = new ArrayList<Row>();
                while (row.next()) {
                    found.add(new Row(row.getLong(1), 0, 0, row.getBytes(2)));
                }
                return found;
            }
        });
    }

    void delete(Collection<Row> rows) {
        run("DELETE FROM blocks WHERE id = ?", statement -> {
            for (var row : rows) {
                statement.setLong(1, row.id());
                statement.addBatch();
            }
            return statement.executeBatch();
        });
        run("DELETE FROM block_keys WHERE hash = ? AND block = ?", statement -> {
            for (var row : rows) {
                statement.setInt(1, row.hash());
                statement.setLong(2, row.id());
                statement.addBatch();
            }
            return statement.executeBatch();
        });
    }

    /** The highest id that a block ever had. */
    long lastId() {
        return run("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'blocks'", statement -> {
            try (var row = statement.executeQuery()) {
                return row.getLong(1);
            }
        });
    }
}
