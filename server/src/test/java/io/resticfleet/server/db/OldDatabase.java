package io.resticfleet.server.db;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.api.MigrationVersion;

/** A database that was filled at version 0006 and is upgraded by a test. */
final class OldDatabase {

    /** The time of every upgrade. */
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    /** Value of {@code default_paths} by host. */
    private static final Map<String, String> DEFAULT_PATHS = new LinkedHashMap<>();

    static {
        DEFAULT_PATHS.put("none", null);
        DEFAULT_PATHS.put("blank", "");
        DEFAULT_PATHS.put("empty", "[]");
        DEFAULT_PATHS.put("full", "[\"/etc\",\"/home\"]");
        DEFAULT_PATHS.put("single", "[ \"/with space/and 'quote'\" ]");
        DEFAULT_PATHS.put("fresh", "[\"/srv\"]");
        DEFAULT_PATHS.put("broken", "[\"/etc\",");
        DEFAULT_PATHS.put("object", "{\"a\":1}");
        DEFAULT_PATHS.put("text", "/etc");
        DEFAULT_PATHS.put("wrong", "[null,7,\"home\"]");
    }

    /** The tables of version 0006, except those that no later version changes. */
    static final List<String> TABLES = List.of(
            "users",
            "sessions",
            "hosts",
            "host_credentials",
            "enrollment_tokens",
            "schedules",
            "host_schedule_version",
            "jobs",
            "job_log",
            "snapshots",
            "snapshot_lists",
            "audit_log");

    private final Path file;

    /** An existing database. */
    OldDatabase(Path file) {
        this.file = file;
    }

    /** A new database of version 0006, with rows in every table of that version. */
    static OldDatabase in(Path directory) throws SQLException {
        var database = new OldDatabase(DatabaseFile.in(directory));
        database.upgradeTo("0006");
        try (var db = database.connect()) {
            fill(db);
        }
        return database;
    }

    private static void fill(Connection db) throws SQLException {
        run(db, "INSERT INTO users VALUES ('u', 'anna', 'hash', 1, 1)");
        run(db, "INSERT INTO sessions VALUES ('sha', 'u', 1, 1, 9)");
        for (var host : DEFAULT_PATHS.entrySet()) {
            fill(db, host.getKey(), host.getValue());
        }
        run(db, "DELETE FROM host_schedule_version WHERE host_id = 'fresh'");
        run(db, "DELETE FROM schedules WHERE host_id = 'fresh'");
        run(db, "INSERT INTO audit_log VALUES ('a', 1, 'anna', 'host.enroll', 'full', 'full', NULL, '{}')");
    }

    private static void fill(Connection db, String host, String paths) throws SQLException {
        try (var insert = db.prepareStatement("INSERT INTO hosts (id, name, hostname, public_key, os, arch,"
                + " agent_version, default_paths, created_at) VALUES (?, ?, ?, 'key', 'linux', 'amd64', '0', ?, 1)")) {
            insert.setString(1, host);
            insert.setString(2, host);
            insert.setString(3, host);
            insert.setString(4, paths);
            insert.executeUpdate();
        }
        run(db, "INSERT INTO host_credentials VALUES ('%s', '/srv', 'sealed', 1)".formatted(host));
        run(db, """
                INSERT INTO enrollment_tokens (id, token_sha256, default_paths, repository_sealed, created_by,
                       created_at, expires_at, used_at, host_id)
                VALUES ('t-%1$s', 'sha-%1$s', '["/token"]', '', 'anna', 1, 2, 1, '%1$s')""".formatted(host));
        run(db, """
                INSERT INTO schedules
                VALUES ('s-%1$s', '%1$s', 'backup', 'nightly', 1, '@daily', NULL, '["/x"]', '[]', '[]', '{}', '{}',
                        '{}', 1, 1)""".formatted(host));
        run(db, "INSERT INTO host_schedule_version VALUES ('%s', 5, 5, 1, NULL)".formatted(host));
        run(db, """
                INSERT INTO jobs (id, host_id, schedule_id, kind, status, trigger_word, created_at)
                VALUES ('j-%1$s', '%1$s', 's-%1$s', 'backup', 'succeeded', 'cron', 1)""".formatted(host));
        run(db, "INSERT INTO job_log VALUES ('j-%s', 1, 1, '[]')".formatted(host));
        run(db, "INSERT INTO snapshots VALUES ('%s', 'snap', 1, '{}')".formatted(host));
        run(db, "INSERT INTO snapshot_lists VALUES ('%s', 1)".formatted(host));
    }

    Path file() {
        return file;
    }

    /** To the newest version. */
    void upgrade() {
        new Migrations(file, () -> NOW).run();
    }

    /** @param version such as {@code 0007} */
    void upgradeTo(String version) {
        new Migrations(file, () -> NOW).to(MigrationVersion.fromVersion(version));
    }

    /** Number of rows by table, of {@link #TABLES}. */
    Map<String, String> counts() throws SQLException {
        try (var db = connect()) {
            var counts = new LinkedHashMap<String, String>();
            for (var table : TABLES) {
                counts.put(
                        table,
                        rows(db, "SELECT count(*) FROM " + present(db, table)).get(0));
            }
            return counts;
        }
    }

    /** The table's present name. */
    private static String present(Connection db, String table) throws SQLException {
        return table.equals("host_credentials")
                        && rows(db, "SELECT 1 FROM sqlite_schema WHERE name = 'host_credentials'")
                                .isEmpty()
                ? "host_repositories"
                : table;
    }

    /** The columns of each table, separated by commas, without those that are computed. */
    Map<String, String> columns() throws SQLException {
        try (var db = connect()) {
            var columns = new LinkedHashMap<String, String>();
            for (var table : rows(
                    db,
                    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                            + " AND name <> 'flyway_schema_history' ORDER BY name")) {
                columns.put(table, String.join(", ", rows(db, "SELECT name FROM pragma_table_info('" + table + "')")));
            }
            return columns;
        }
    }

    /**
     * All rows by table, each as one text.
     *
     * @param columns as in {@link #columns}
     */
    Map<String, List<String>> contents(Map<String, String> columns) throws SQLException {
        try (var db = connect()) {
            var contents = new LinkedHashMap<String, List<String>>();
            for (var table : columns.entrySet()) {
                var row = "json_array(" + table.getValue() + ")";
                contents.put(
                        table.getKey(), rows(db, "SELECT " + row + " FROM " + table.getKey() + " ORDER BY " + row));
            }
            return contents;
        }
    }

    void run(String sql) throws SQLException {
        try (var db = connect()) {
            run(db, sql);
        }
    }

    /** The first column of a query's rows. */
    List<String> rows(String query) throws SQLException {
        try (var db = connect()) {
            return rows(db, query);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    private static void run(Connection db, String sql) throws SQLException {
        try (var statement = db.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> rows(Connection db, String query) throws SQLException {
        try (var statement = db.createStatement();
                var result = statement.executeQuery(query)) {
            var rows = new ArrayList<String>();
            while (result.next()) {
                rows.add(result.getString(1));
            }
            return rows;
        }
    }
}
