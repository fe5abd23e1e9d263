package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Upgrades as a whole: the copy before them, and databases that cannot be upgraded. */
class MigrationsTest {

    @TempDir
    Path directory;

    private OldDatabase database;

    @BeforeEach
    void fill() throws Exception {
        database = OldDatabase.in(directory);
    }

    @Test
    void a_whole_copy_is_put_aside_before_the_upgrade() throws Exception {
        var before = database.counts();

        database.upgrade();

        try (var backups = Files.list(directory.resolve("backups"))) {
            var copies = backups.toList();
            assertThat(copies).hasSize(1);
            assertThat(copies.get(0).getFileName()).hasToString("before-upgrade-from-0006-20260301-120000.db");
            var copy = new OldDatabase(copies.get(0));
            assertThat(copy.counts()).isEqualTo(before);
            assertThat(copy.rows("SELECT default_paths FROM hosts WHERE id = 'full'"))
                    .containsExactly("[\"/etc\",\"/home\"]");
        }
    }

    @Test
    void a_new_database_needs_no_copy_and_a_current_one_no_upgrade() throws Exception {
        var other = directory.resolve("other.db");
        new Migrations(other, () -> OldDatabase.NOW).run();
        var size = Files.size(other);

        new Migrations(other, () -> OldDatabase.NOW).run();

        assertThat(directory.resolve("backups")).doesNotExist();
        assertThat(Files.size(other)).isEqualTo(size);
    }

    @Test
    void a_migration_that_fails_leaves_the_old_schema_and_all_rows() throws Exception {
        var before = database.counts();
        database.run("ALTER TABLE enrollment_tokens ADD COLUMN initial_paths TEXT"); // the last statement will fail

        assertThatThrownBy(() -> database.upgrade())
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining("could not be upgraded and is unchanged");

        assertThat(database.counts()).isEqualTo(before);
        assertThat(database.rows("SELECT name FROM pragma_table_info('hosts')")).contains("default_paths");
        assertThat(database.rows("SELECT name FROM pragma_table_info('schedules')"))
                .doesNotContain("manual");
        database.run("ALTER TABLE enrollment_tokens DROP COLUMN initial_paths");
        database.upgrade();
        assertThat(database.rows("SELECT count(*) FROM schedules WHERE manual = 1"))
                .containsExactly("3");
    }

    @Test
    void a_newer_database_is_refused_and_not_touched() throws Exception {
        database.upgrade();
        database.run("""
                INSERT INTO flyway_schema_history
                SELECT installed_rank + 1, '9999', 'from the future', type, 'V9999__x.sql', 1, installed_by,
                       installed_on, 0, 1 FROM flyway_schema_history ORDER BY installed_rank DESC LIMIT 1""");

        assertThatThrownBy(() -> Database.open(directory, () -> OldDatabase.NOW).close())
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining("version 9999")
                .hasMessageContaining("newer than this program");
    }

    @Test
    void a_damaged_database_is_refused_in_words_and_not_upgraded() throws Exception {
        database.run("PRAGMA wal_checkpoint(TRUNCATE)");
        try (var raw = new RandomAccessFile(database.file().toFile(), "rw")) {
            raw.seek(4_096 * 2);
            raw.write(new byte[(int) raw.length() - 4_096 * 2]);
        }

        assertThatThrownBy(() -> Database.open(directory, () -> OldDatabase.NOW).close())
                .isInstanceOf(OperatorError.class);

        Files.writeString(database.file(), "this is no database at all, but long enough to be looked at ".repeat(100));
        assertThatThrownBy(() -> Database.open(directory, () -> OldDatabase.NOW).close())
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining(database.file().toString());
    }

    @Test
    void a_disk_that_fails_at_the_start_is_not_reported_as_a_damaged_database() throws Exception {
        Files.delete(database.file());
        Files.createDirectory(database.file()); // cannot be opened by anybody, root included

        assertThatThrownBy(() -> database.upgrade())
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining(database.file() + " cannot be opened, though it may be intact; check its disk")
                .hasMessageNotContaining("is damaged");
    }
}
