package io.resticfleet.server.tree;

import io.resticfleet.protocol.RawText;
import io.resticfleet.protocol.RepositoryId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The tables of names; without JDBI's mappers, as {@link BlockDao}. */
final class NameDao {

    private final Connection connection;

    private NameDao(Connection connection) {
        this.connection = connection;
    }

    static NameDao of(Handle handle) {
        return new NameDao(handle.getConnection());
    }

    /**
     * A machine in a repository.
     *
     * @param lastId the highest id of its rows, without the scope
     * @param bytes of its names
     * @param cut whether names were left out, as there were too many
     */
    record ScopeRow(long id, RepositoryId repositoryId, String hostname, long lastId, long bytes, boolean cut) {

        ScopeRow withNextId() {
            return new ScopeRow(id, repositoryId, hostname, lastId + 1, bytes, cut);
        }

        ScopeRow grownBy(long more) {
            return new ScopeRow(id, repositoryId, hostname, lastId, bytes + more, cut);
        }

        ScopeRow leftOut() {
            return new ScopeRow(id, repositoryId, hostname, lastId, bytes, true);
        }
    }

    /** @param names as {@link NameList} has them, compressed */
    record DirectoryRow(long id, long parent, RawText name, long block, byte[] names) {}

    private interface Work<T> {
        T with(PreparedStatement statement) throws SQLException;
    }

    private interface Mapper<T> {
        T of(ResultSet row) throws SQLException;
    }

    private <T> T run(String sql, Work<T> work) {
        try (var statement = connection.prepareStatement(sql)) {
            return work.with(statement);
        } catch (SQLException e) {
            throw new BlockDao.Broken(e);
        }
    }

    private <T> List<T> list(String sql, Mapper<T> mapper, Object... arguments) {
        return run(sql, statement -> {
            for (int i = 0; i < arguments.length; i++) {
                statement.setObject(i + 1, arguments[i]);
            }
            try (var row = statement.executeQuery()) {
                var found = new ArrayList<T>();
                while (row.next()) {
                    found.add(mapper.of(row));
                }
                return found;
            }
        });
    }

    private void change(String sql, Object... arguments) {
        run(sql, statement -> {
            for (int i = 0; i < arguments.length; i++) {
                statement.setObject(i + 1, arguments[i]);
            }
            return statement.executeUpdate();
        });
    }

    private static ScopeRow scope(ResultSet row) throws SQLException {
        return new ScopeRow(
                row.getLong(1),
                new RepositoryId(row.getString(2)),
                row.getString(3),
                row.getLong(4),
                row.getLong(5),
                row.getBoolean(6));
    }

    private static DirectoryRow directory(ResultSet row) throws SQLException {
        return new DirectoryRow(
                row.getLong(1), row.getLong(2), RawText.of(row.getBytes(3)), row.getLong(4), row.getBytes(5));
    }

    /** The file of trees whose blocks are named here. */
    Optional<String> source() {
        return list("SELECT instance FROM source", row -> row.getString(1)).stream()
                .findFirst();
    }

    void source(String instance) {
        change("INSERT INTO source VALUES (?)", instance);
    }

    List<ScopeRow> scopes() {
        return list("SELECT * FROM scopes ORDER BY id", NameDao::scope);
    }

    Optional<ScopeRow> scope(RepositoryId repositoryId, String hostname) {
        return list(
                        "SELECT * FROM scopes WHERE repository_id = ? AND hostname = ?",
                        NameDao::scope,
                        repositoryId.value(),
                        hostname)
                .stream()
                .findFirst();
    }

    void addScope(RepositoryId repositoryId, String hostname) {
        change(
                "INSERT INTO scopes (repository_id, hostname, last_id, bytes, cut) VALUES (?, ?, 0, 0, 0)",
                repositoryId.value(),
                hostname);
    }

    void update(ScopeRow scope) {
        change(
                "UPDATE scopes SET last_id = ?, bytes = ?, cut = ? WHERE id = ?",
                scope.lastId(),
                scope.bytes(),
                scope.cut() ? 1 : 0,
                scope.id());
    }

    Optional<DirectoryRow> directory(long id) {
        return list("SELECT * FROM directories WHERE id = ?", NameDao::directory, id).stream()
                .findFirst();
    }

    Optional<DirectoryRow> directory(long parent, RawText name) {
        return list("SELECT * FROM directories WHERE parent = ? AND name = ?", NameDao::directory, parent, name.bytes())
                .stream()
                .findFirst();
    }

    void insert(DirectoryRow row) {
        change(
                "INSERT INTO directories (id, parent, name, block, names) VALUES (?, ?, ?, ?, ?)",
                row.id(),
                row.parent(),
                row.name().bytes(),
                row.block(),
                row.names());
    }

    void block(long id, long block) {
        change("UPDATE directories SET block = ? WHERE id = ?", block, id);
    }

    /** Replaces the names of a row, and the text by which they are found. */
    void names(long id, byte[] names, String text) {
        change("UPDATE directories SET names = ? WHERE id = ?", names, id);
        change("DELETE FROM names WHERE rowid = ?", id);
        change("INSERT INTO names (rowid, text) VALUES (?, ?)", id, text);
    }

    /** Rows that may have the names of a match, from one id on and before another. */
    List<DirectoryRow> matches(String match, long from, long before, int limit) {
        return list("""
                SELECT directories.*
                  FROM names CROSS JOIN directories ON id = names.rowid
                 WHERE names.names MATCH ? AND names.rowid >= ? AND names.rowid < ?
                 ORDER BY names.rowid
                 LIMIT ?
                """, NameDao::directory, match, from, before, limit);
    }

    /** All rows, from one id on and before another. */
    List<DirectoryRow> all(long from, long before, int limit) {
        return list(
                "SELECT * FROM directories WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
                NameDao::directory,
                from,
                before,
                limit);
    }

    /** Deletes some rows of a scope, and the scope after the last. Returns how many rows. */
    int delete(ScopeRow scope, int limit) {
        var rows = all(scope.id() << 32, scope.id() + 1 << 32, limit);
        for (var row : rows) {
            change("DELETE FROM names WHERE rowid = ?", row.id());
            change("DELETE FROM directories WHERE id = ?", row.id());
        }
        if (rows.isEmpty()) {
            change("DELETE FROM scopes WHERE id = ?", scope.id());
        }
        return rows.size();
    }
}
