package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A crash at any moment of any migration: what is on disk then is put aside, and opened as the next start would. Every
 * table has a row.
 */
@Tag("faults")
class MigrationCrashTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    /** Of SQLite's write-ahead log: its header, then frames of a header and a page. */
    private static final int WAL_HEADER = 32;

    private static final int WAL_FRAME = 24 + 4_096;

    @TempDir
    Path directory;

    /** What there is to see: the version, and everything that makes up the schema. */
    private record Schema(String version, List<String> objects) {}

    static Stream<String> versions() throws SQLException, IOException {
        var scratch = Files.createTempDirectory("versions").resolve("scratch.db");
        new Migrations(scratch, () -> NOW).run();
        try (var db = connect(scratch)) {
            return rows(db, "SELECT version FROM flyway_schema_history ORDER BY installed_rank").stream();
        } finally {
            Files.delete(scratch);
            Files.delete(scratch.getParent());
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void a_crash_in_a_migration_leaves_the_old_schema_or_the_new_with_all_rows(String version) throws Exception {
        var live = Files.createDirectories(directory.resolve("live"));
        var file = DatabaseFile.in(live);
        var target = MigrationVersion.fromVersion(version);
        prepare(file, version);
        try (var held = connect(file)) { // so that the log stays when the migration closes its connections
            rows(held, "PRAGMA journal_mode=WAL");
            rows(held, "PRAGMA wal_checkpoint(TRUNCATE)");
            var before = schema(held);
            var filled = counts(held);
            var crashes = new Crashes(file, directory);

            new Migrations(file, () -> NOW, crashes).to(target);

            var after = schema(held);
            assertThat(after).isNotEqualTo(before);
            assertThat(crashes.found).as("statements").hasSizeGreaterThan(2);
            crashes.cutLog();
            var opened = new HashSet<Schema>();
            for (var crash : crashes.found) {
                var found = look(crash);
                assertThat(found).as(crash.toString()).isIn(before, after);
                if (crash.getFileName().toString().startsWith("statement") || opened.add(found)) {
                    goOn(crash, filled);
                }
            }
            assertThat(opened).as("old and new").hasSize(2);
        }
    }

    /** Brings a database to just before a version, with a row in every table. */
    private static void prepare(Path file, String version) throws SQLException, IOException {
        for (var earlier : versions().takeWhile(each -> !each.equals(version)).toList()) {
            new Migrations(file, () -> NOW).to(MigrationVersion.fromVersion(earlier));
            fill(file);
        }
    }

    /** One row in each table that has none; all ids are the same, so that all refer to each other. */
    private static void fill(Path file) throws SQLException {
        try (var db = connect(file)) {
            for (var table : counts(db).entrySet()) {
                if (table.getValue() == 0) {
                    var values = rows(
                            db,
                            "SELECT group_concat(CASE WHEN type = 'INTEGER' THEN '1'"
                                    + " WHEN name LIKE '%paths%' OR name LIKE '%json' THEN '''[\"/etc\"]'''"
                                    + " ELSE '''x''' END) FROM pragma_table_info('" + table.getKey() + "')");
                    try (var statement = db.createStatement()) {
                        statement.execute("INSERT INTO " + table.getKey() + " VALUES (" + values.get(0) + ")");
                    }
                }
            }
        }
    }

    /** What a start after the crash makes of it. */
    private static void goOn(Path crash, Map<String, Integer> filled) {
        try (var db = Database.open(crash, () -> NOW)) {
            db.checkFully();
            assertThat(db.trouble()).as(crash.toString()).isEmpty();
            filled.forEach((table, rows) -> assertThat(
                            db.<Integer>read(handle -> handle.createQuery("SELECT count(*) FROM " + table)
                                    .mapTo(Integer.class)
                                    .one()))
                    .as(table + " in " + crash)
                    .isGreaterThanOrEqualTo(rows));
        }
    }

    /** Without touching what the start will find. */
    private Schema look(Path crash) throws IOException, SQLException {
        var copy = Files.createDirectories(directory.resolve("look"));
        for (var name : List.of("restic-fleet.db", "restic-fleet.db-wal", "restic-fleet.db-shm")) {
            Files.deleteIfExists(copy.resolve(name));
            if (Files.exists(crash.resolve(name))) {
                Files.copy(crash.resolve(name), copy.resolve(name));
            }
        }
        try (var db = connect(DatabaseFile.in(copy))) {
            return schema(db);
        }
    }

    /** Takes what is on disk at every statement, and at the end as if only a part of the log had got there. */
    private static final class Crashes extends BaseCallback {

        private final Path file;
        private final Path directory;
        private final List<Path> found = new ArrayList<>();

        private Crashes(Path file, Path directory) {
            this.file = file;
            this.directory = directory;
        }

        @Override
        public boolean supports(Event event, Context context) {
            return List.of(
                            Event.BEFORE_EACH_MIGRATE,
                            Event.BEFORE_EACH_MIGRATE_STATEMENT,
                            Event.AFTER_EACH_MIGRATE_STATEMENT,
                            Event.AFTER_EACH_MIGRATE,
                            Event.AFTER_MIGRATE)
                    .contains(event);
        }

        @Override
        public void handle(Event event, Context context) {
            try {
                take("statement", Long.MAX_VALUE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void cutLog() throws IOException {
            long length = Files.size(log());
            for (long end = WAL_HEADER; end < length; end += WAL_FRAME) {
                take("cut", end);
                take("torn", Math.min(length, end + WAL_FRAME / 2));
            }
            take("cut", length);
        }

        private void take(String name, long length) throws IOException {
            var crash = Files.createDirectories(directory.resolve(name + "-" + found.size()));
            Files.copy(file, DatabaseFile.in(crash));
            if (Files.exists(log())) {
                var log = Files.copy(log(), crash.resolve(log().getFileName()));
                try (var channel = Files.newByteChannel(log, StandardOpenOption.WRITE)) {
                    channel.truncate(length);
                }
            }
            found.add(crash);
        }

        private Path log() {
            return file.resolveSibling(file.getFileName() + "-wal");
        }
    }

    private static Schema schema(Connection db) throws SQLException {
        var history = rows(db, "SELECT name FROM sqlite_schema WHERE name = 'flyway_schema_history'");
        var version = history.isEmpty()
                ? "none"
                : rows(db, "SELECT coalesce(max(version), 'none') FROM flyway_schema_history")
                        .get(0);
        return new Schema(
                version,
                rows(
                        db,
                        "SELECT name || coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'flyway%'"
                                + " AND name NOT LIKE 'sqlite_autoindex_flyway%' ORDER BY name"));
    }

    private static Map<String, Integer> counts(Connection db) throws SQLException {
        var counts = new LinkedHashMap<String, Integer>();
        for (var table : rows(
                db,
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'flyway%'"
                        + " AND name NOT LIKE 'sqlite_%'")) {
            counts.put(
                    table,
                    Integer.valueOf(rows(db, "SELECT count(*) FROM " + table).get(0)));
        }
        return counts;
    }

    private static Connection connect(Path file) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    private static List<String> rows(Connection db, String sql) throws SQLException {
        try (var statement = db.createStatement();
                var result = statement.executeQuery(sql)) {
            var rows = new ArrayList<String>();
            while (result.next()) {
                rows.add(result.getString(1));
            }
            return rows;
        }
    }
}
