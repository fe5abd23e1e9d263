package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.flywaydb.core.api.MigrationVersion;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Upgrades of databases that hold something. */
class MigrationsTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path directory;

    private Path file;
    private Map<String, String> before;

    @BeforeEach
    void fillAt0006() throws Exception {
        file = DatabaseFile.in(directory);
        migrations().to(MigrationVersion.fromVersion("0006"));
        try (var db = DatabaseAt0006.connect(file)) {
            DatabaseAt0006.fill(db);
            before = DatabaseAt0006.contents(db);
        }
    }

    @Test
    void nothing_is_lost_on_the_way_to_manual_schedules() throws Exception {
        migrations().to(MigrationVersion.fromVersion("0007"));

        try (var db = DatabaseAt0006.connect(file)) {
            for (var table : DatabaseAt0006.TABLES) {
                int added = table.equals("schedules") ? 3 : table.equals("host_schedule_version") ? 1 : 0;
                assertThat(DatabaseAt0006.rows(db, "SELECT count(*) FROM " + table))
                        .as(table)
                        .containsExactly(String.valueOf(Integer.parseInt(before.get(table)) + added));
            }
            assertThat(DatabaseAt0006.rows(db, "PRAGMA foreign_key_check")).isEmpty();
            assertThat(DatabaseAt0006.rows(db, "SELECT count(*) FROM schedules WHERE manual = 0 AND cron = '@daily'"))
                    .containsExactly("9");
        }
    }

    @Test
    void every_host_with_default_paths_gets_them_as_a_manual_backup_and_no_other_does() throws Exception {
        migrations().run();

        try (var db = DatabaseAt0006.connect(file)) {
            assertThat(DatabaseAt0006.rows(
                            db,
                            "SELECT host_id || ' ' || kind || ' ' || enabled || ' ' || json(paths_json) FROM schedules"
                                    + " WHERE manual = 1 AND cron IS NULL ORDER BY host_id"))
                    .containsExactly(
                            "fresh backup 1 [\"/srv\"]",
                            "full backup 1 [\"/etc\",\"/home\"]",
                            "single backup 1 [\"/with space/and 'quote'\"]");
            assertThat(DatabaseAt0006.rows(db, "SELECT DISTINCT id FROM schedules WHERE manual = 1"))
                    .hasSize(3)
                    .allSatisfy(id -> assertThat(id).matches("[0-7][0-9A-HJKMNP-TV-Z]{25}"));
            assertThat(DatabaseAt0006.rows(db, "SELECT host_id || version FROM host_schedule_version ORDER BY host_id"))
                    .containsExactly(
                            "blank5", "broken5", "empty5", "fresh1", "full6", "none5", "object5", "single6", "text5",
                            "wrong5");
        }
    }

    @Test
    void schedules_that_repeat_a_name_get_the_next_free_number_and_are_pushed_again() throws Exception {
        migrations().to(MigrationVersion.fromVersion("0008"));
        var longest = "x".repeat(100);
        try (var db = DatabaseAt0006.connect(file)) {
            for (var name : List.of("nightly", "nightly 2", "nightly", "manual", longest, longest)) {
                DatabaseAt0006.run(
                        db,
                        "INSERT INTO schedules SELECT 'z-' || (SELECT count(*) FROM schedules), 'full', kind, '" + name
                                + "', enabled, cron, time_zone, paths_json, excludes_json, tags_json, retention_json,"
                                + " options_json, hooks_json, created_at, updated_at, manual FROM schedules"
                                + " WHERE id = 's-full'");
            }
        }

        migrations().run();

        try (var db = DatabaseAt0006.connect(file)) {
            assertThat(DatabaseAt0006.rows(
                            db, "SELECT name FROM schedules WHERE host_id = 'full' ORDER BY id LIKE 'z%', id"))
                    .containsExactlyInAnyOrder(
                            "nightly",
                            "nightly 2",
                            "nightly 3",
                            "nightly 4",
                            "manual",
                            "manual 2",
                            longest,
                            "x".repeat(90) + " 2");
            assertThat(DatabaseAt0006.rows(db, "SELECT name FROM schedules WHERE id = 's-full'"))
                    .containsExactly("nightly");
            assertThat(DatabaseAt0006.rows(db, "SELECT host_id || version FROM host_schedule_version ORDER BY host_id"))
                    .contains("full7", "single6", "none5");
        }
    }

    @Test
    void nothing_is_lost_on_the_way_to_error_codes_and_old_errors_have_none() throws Exception {
        migrations().to(MigrationVersion.fromVersion("0008"));
        Map<String, String> filled;
        try (var db = DatabaseAt0006.connect(file)) {
            DatabaseAt0006.run(db, "INSERT INTO api_tokens VALUES ('t', 'u', 'tests', 'sha', 1, NULL)");
            DatabaseAt0006.run(
                    db, "UPDATE jobs SET status = 'failed', error = 'the repository is locked' WHERE id = 'j-full'");
            filled = DatabaseAt0006.contents(db);
        }

        migrations().to(MigrationVersion.fromVersion("0009"));

        try (var db = DatabaseAt0006.connect(file)) {
            assertThat(DatabaseAt0006.contents(db)).isEqualTo(filled);
            assertThat(DatabaseAt0006.rows(db, "SELECT token_sha256 FROM api_tokens"))
                    .containsExactly("sha");
            assertThat(DatabaseAt0006.rows(db, "PRAGMA foreign_key_check")).isEmpty();
            assertThat(DatabaseAt0006.rows(db, "SELECT error FROM jobs WHERE status = 'failed'"))
                    .containsExactly("the repository is locked");
            assertThat(DatabaseAt0006.rows(
                            db, "SELECT id FROM jobs WHERE coalesce(error_code, result_sequence) IS NOT NULL"))
                    .isEmpty();
            assertThat(DatabaseAt0006.rows(
                            db, "SELECT id FROM hosts WHERE coalesce(stored_sequence, told_sequence) IS NOT NULL"))
                    .isEmpty();
        }
    }

    @Test
    void nothing_is_lost_on_the_way_to_epochs_and_upgrades_and_no_host_waits() throws Exception {
        migrations().to(MigrationVersion.fromVersion("0010"));
        Map<String, String> filled;
        try (var db = DatabaseAt0006.connect(file)) {
            DatabaseAt0006.run(db, "INSERT INTO schedule_watch VALUES ('s-full', 7)");
            filled = DatabaseAt0006.contents(db);
        }

        migrations().to(MigrationVersion.fromVersion("0011"));

        try (var db = DatabaseAt0006.connect(file)) {
            assertThat(DatabaseAt0006.contents(db)).isEqualTo(filled);
            assertThat(DatabaseAt0006.rows(db, "SELECT checked_until FROM schedule_watch"))
                    .containsExactly("7");
            assertThat(DatabaseAt0006.rows(db, "PRAGMA foreign_key_check")).isEmpty();
            assertThat(DatabaseAt0006.rows(db, "SELECT epoch FROM database_epoch"))
                    .singleElement()
                    .asString()
                    .matches("[0-9a-f]{32}");
            assertThat(DatabaseAt0006.rows(db, "SELECT * FROM restored_hosts")).isEmpty();
            assertThat(DatabaseAt0006.rows(db, "SELECT * FROM agent_upgrades")).isEmpty();
            assertThat(DatabaseAt0006.rows(db, "SELECT * FROM server_settings")).isEmpty();
            assertThat(DatabaseAt0006.rows(db, "SELECT id FROM hosts WHERE policy_json IS NOT NULL"))
                    .isEmpty();
        }
    }

    @Test
    void a_long_piece_of_a_log_is_split_without_losing_a_line() throws Exception {
        migrations().to(MigrationVersion.fromVersion("0011"));
        try (var db = DatabaseAt0006.connect(file)) {
            DatabaseAt0006.run(
                    db,
                    "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 301)"
                            + " INSERT INTO job_log SELECT 'j-full', 2, 301, json_group_array(json_object('line', i,"
                            + " 'at', '2026-03-01T12:00:00Z', 'stream', 'restic', 'text', iif(i = 7, printf('%09000d', 0),"
                            + " printf('%01000d', i)))) FROM n");
        }

        migrations().run();

        try (var db = DatabaseAt0006.connect(file)) {
            assertThat(DatabaseAt0006.rows(
                            db,
                            "SELECT group_concat(value ->> 'line', ' ') FROM (SELECT value FROM job_log, json_each(lines_json)"
                                    + " WHERE job_id = 'j-full' ORDER BY first_line, key)"))
                    .containsExactly(IntStream.rangeClosed(2, 301)
                            .mapToObj(String::valueOf)
                            .collect(Collectors.joining(" ")));
            assertThat(
                            DatabaseAt0006.rows(
                                    db,
                                    "SELECT job_id FROM job_log WHERE octet_length(lines_json) > 80000 OR first_line > last_line"))
                    .isEmpty();
            assertThat(DatabaseAt0006.rows(
                            db, "SELECT lines_json FROM job_log WHERE lines_json LIKE '%more characters%'"))
                    .singleElement()
                    .satisfies(row -> assertThat(row).contains("… (808 more characters)"));
        }
    }

    @Test
    void a_long_piece_of_a_log_whose_lines_are_not_in_order_is_cut() throws Exception {
        migrations().to(MigrationVersion.fromVersion("0011"));
        try (var db = DatabaseAt0006.connect(file)) {
            for (var row :
                    Map.of("j-full", "302 - i", "j-single", "7", "j-fresh", "i").entrySet()) {
                DatabaseAt0006.run(
                        db,
                        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 301)"
                                + " INSERT INTO job_log SELECT '" + row.getKey()
                                + "', 2, 301, json_group_array(json_object('line', " + row.getValue()
                                + ", 'at', '2026-03-01T12:00:00Z', 'stream', 'restic', 'text',"
                                + " printf('%01000d', i))) FROM n");
            }
            DatabaseAt0006.run(db, "INSERT INTO job_log VALUES ('j-fresh', 300, 400, '[]')"); // overlaps
        }

        migrations().run();

        try (var db = DatabaseAt0006.connect(file)) {
            assertThat(DatabaseAt0006.rows(
                            db,
                            "SELECT job_id || ' ' || first_line || ' ' || last_line || ' ' || (lines_json ->> '$[#-1].line')"
                                    + " || ' ' || (lines_json ->> '$[#-1].text') || ' ' || (lines_json ->> '$[#-1].at')"
                                    + " FROM job_log WHERE first_line BETWEEN 2 AND 299 ORDER BY job_id"))
                    .hasSize(3)
                    .allSatisfy(row -> assertThat(row)
                            .matches("j-[a-z]+ 2 301 301 2[0-9]{2} lines of the log were dropped: their numbers are not"
                                    + " in ascending order 2026-03-01T12:00:00Z"));
            assertThat(DatabaseAt0006.rows(db, "SELECT job_id FROM job_log WHERE octet_length(lines_json) > 80000"))
                    .isEmpty();
        }
    }

    @Test
    void texts_with_a_nul_are_cut_as_well() throws Exception {
        migrations().to(MigrationVersion.fromVersion("0011"));
        try (var db = DatabaseAt0006.connect(file)) {
            var text = "'locked' || char(0) || printf('%.*c', 100000, 'x')";
            DatabaseAt0006.run(
                    db, "UPDATE jobs SET error = " + text + ", error_code = " + text + ", snapshot_id = " + text);
            DatabaseAt0006.run(db, "UPDATE host_schedule_version SET refused = " + text);
            DatabaseAt0006.run(
                    db,
                    "INSERT INTO job_log SELECT 'j-full', 2, 3, json_group_array(json_object('line', value, 'at',"
                            + " '2026-03-01T12:00:00Z', 'stream', 'restic', 'text', " + text
                            + ")) FROM json_each('[2,3]')");
        }

        migrations().run();

        try (var db = DatabaseAt0006.connect(file)) {
            assertThat(DatabaseAt0006.rows(
                            db, "SELECT DISTINCT error || ' ' || error_code || ' ' || snapshot_id FROM jobs"))
                    .containsExactly("locked… (more characters) locked… locked…");
            assertThat(DatabaseAt0006.rows(db, "SELECT DISTINCT refused FROM host_schedule_version"))
                    .containsExactly("locked…");
            assertThat(DatabaseAt0006.rows(db, "SELECT max(octet_length(lines_json)) < 1000 FROM job_log"))
                    .containsExactly("1");
        }
    }

    @Test
    void a_list_without_the_snapshots_that_are_too_long_has_the_number_of_the_others() throws Exception {
        migrations().to(MigrationVersion.fromVersion("0013"));
        try (var db = DatabaseAt0006.connect(file)) {
            DatabaseAt0006.run(
                    db,
                    "INSERT INTO snapshots SELECT host_id, repository_id, 'long', 1, printf('%.*c', 40000, 'x'), 1, NULL"
                            + " FROM snapshots WHERE host_id = 'full'");
            DatabaseAt0006.run(db, "UPDATE snapshot_lists SET total = 2, checksums = 'ab' WHERE host_id = 'full'");
        }

        migrations().run();

        try (var db = DatabaseAt0006.connect(file)) {
            assertThat(DatabaseAt0006.rows(db, "SELECT id FROM snapshots WHERE host_id = 'full'"))
                    .containsExactly("snap");
            assertThat(DatabaseAt0006.rows(db, "SELECT DISTINCT total || checksums FROM snapshot_lists"))
                    .containsExactly("1");
        }
    }

    @Test
    void what_is_too_long_to_be_listed_is_cut_and_all_else_is_kept() throws Exception {
        migrations().to(MigrationVersion.fromVersion("0011"));
        Map<String, String> filled;
        try (var db = DatabaseAt0006.connect(file)) {
            DatabaseAt0006.run(db, "UPDATE jobs SET error = printf('%.*c', 15000000, 'x') WHERE id = 'j-full'");
            DatabaseAt0006.run(db, "UPDATE jobs SET error = 'locked' WHERE id = 'j-fresh'");
            filled = DatabaseAt0006.contents(db);
        }

        migrations().to(MigrationVersion.fromVersion("0015"));

        try (var db = DatabaseAt0006.connect(file)) {
            assertThat(DatabaseAt0006.contents(db)).isEqualTo(filled);
            assertThat(DatabaseAt0006.rows(db, "SELECT substr(error, 16290) FROM jobs WHERE id = 'j-full'"))
                    .containsExactly("x".repeat(11) + "… (14983700 more characters)");
            assertThat(DatabaseAt0006.rows(db, "SELECT error FROM jobs WHERE id = 'j-fresh'"))
                    .containsExactly("locked");
        }
    }

    @Test
    void nothing_is_lost_on_the_way_to_stored_clones_and_rollouts_and_there_are_none() throws Exception {
        migrations().to(MigrationVersion.fromVersion("0017"));
        Map<String, String> filled;
        try (var db = DatabaseAt0006.connect(file)) {
            filled = DatabaseAt0006.contents(db);
        }

        migrations().to(MigrationVersion.fromVersion("0018"));

        try (var db = DatabaseAt0006.connect(file)) {
            assertThat(DatabaseAt0006.contents(db)).isEqualTo(filled);
            assertThat(DatabaseAt0006.rows(db, "PRAGMA foreign_key_check")).isEmpty();
            assertThat(DatabaseAt0006.rows(db, "SELECT host_id FROM cloned_agents"))
                    .isEmpty();
            assertThat(DatabaseAt0006.rows(db, "SELECT state FROM agent_rollout"))
                    .isEmpty();
        }
    }

    @Test
    void the_new_ids_say_when_they_were_made() throws Exception {
        migrations().run();

        try (var db = DatabaseAt0006.connect(file)) {
            assertThat(DatabaseAt0006.rows(db, "SELECT id || ' ' || created_at FROM schedules WHERE manual = 1"))
                    .allSatisfy(row -> {
                        var cells = row.split(" ");
                        assertThat(com.github.f4b6a3.ulid.Ulid.getTime(cells[0]))
                                .isCloseTo(Long.parseLong(cells[1]), org.assertj.core.data.Offset.offset(60_000L));
                    });
        }
    }

    @Test
    void the_columns_of_the_second_list_are_gone() throws Exception {
        migrations().run();

        try (var db = DatabaseAt0006.connect(file)) {
            assertThat(DatabaseAt0006.rows(db, "SELECT name FROM pragma_table_info('hosts')"))
                    .contains("hostname")
                    .doesNotContain("default_paths");
            assertThat(DatabaseAt0006.rows(db, "SELECT name FROM pragma_table_info('enrollment_tokens')"))
                    .contains("initial_paths")
                    .doesNotContain("default_paths");
            assertThat(DatabaseAt0006.rows(db, "SELECT DISTINCT initial_paths FROM enrollment_tokens"))
                    .containsExactly("[\"/token\"]");
        }
    }

    @Test
    void children_still_go_with_their_host() throws Exception {
        migrations().run();

        try (var db = DatabaseFile.connect(file, org.sqlite.SQLiteConfig.TransactionMode.IMMEDIATE)) {
            DatabaseAt0006.run(db, "DELETE FROM hosts WHERE id = 'full'");

            for (var table : List.of("host_credentials", "schedules", "jobs", "snapshots", "snapshot_lists")) {
                assertThat(DatabaseAt0006.rows(db, "SELECT 1 FROM " + table + " WHERE host_id = 'full'"))
                        .as(table)
                        .isEmpty();
            }
            assertThat(DatabaseAt0006.rows(db, "SELECT count(*) FROM job_log")).containsExactly("9");
        }
    }

    @Test
    void a_whole_copy_is_put_aside_before_the_upgrade() throws Exception {
        migrations().run();

        try (var backups = Files.list(directory.resolve("backups"))) {
            var copies = backups.toList();
            assertThat(copies).hasSize(1);
            assertThat(copies.get(0).getFileName()).hasToString("before-upgrade-from-0006-20260301-120000.db");
            try (var db = DatabaseAt0006.connect(copies.get(0))) {
                assertThat(DatabaseAt0006.contents(db)).isEqualTo(before);
                assertThat(DatabaseAt0006.rows(db, "SELECT default_paths FROM hosts WHERE id = 'full'"))
                        .containsExactly("[\"/etc\",\"/home\"]");
            }
        }
    }

    @Test
    void a_new_database_needs_no_copy_and_a_current_one_no_upgrade() throws Exception {
        var other = directory.resolve("other.db");
        new Migrations(other, () -> NOW).run();
        var size = Files.size(other);

        new Migrations(other, () -> NOW).run();

        assertThat(directory.resolve("backups")).doesNotExist();
        assertThat(Files.size(other)).isEqualTo(size);
    }

    @Test
    void a_migration_that_fails_leaves_the_old_schema_and_all_rows() throws Exception {
        try (var db = DatabaseAt0006.connect(file)) {
            DatabaseAt0006.run(
                    db, "ALTER TABLE enrollment_tokens ADD COLUMN initial_paths TEXT"); // the last statement will fail
        }

        assertThatThrownBy(() -> migrations().run())
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining("could not be upgraded and is unchanged");

        try (var db = DatabaseAt0006.connect(file)) {
            assertThat(DatabaseAt0006.contents(db)).isEqualTo(before);
            assertThat(DatabaseAt0006.rows(db, "SELECT name FROM pragma_table_info('hosts')"))
                    .contains("default_paths");
            assertThat(DatabaseAt0006.rows(db, "SELECT name FROM pragma_table_info('schedules')"))
                    .doesNotContain("manual");
            DatabaseAt0006.run(db, "ALTER TABLE enrollment_tokens DROP COLUMN initial_paths");
        }
        migrations().run();
        try (var db = DatabaseAt0006.connect(file)) {
            assertThat(DatabaseAt0006.rows(db, "SELECT count(*) FROM schedules WHERE manual = 1"))
                    .containsExactly("3");
        }
    }

    @Test
    void a_newer_database_is_refused_and_not_touched() throws Exception {
        migrations().run();
        try (var db = DatabaseAt0006.connect(file)) {
            DatabaseAt0006.run(db, """
                    INSERT INTO flyway_schema_history
                    SELECT installed_rank + 1, '9999', 'from the future', type, 'V9999__x.sql', 1, installed_by,
                           installed_on, 0, 1 FROM flyway_schema_history ORDER BY installed_rank DESC LIMIT 1""");
        }

        assertThatThrownBy(() -> Database.open(directory, () -> NOW).close())
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining("version 9999")
                .hasMessageContaining("newer than this program");
    }

    @Test
    void a_damaged_database_is_refused_in_words_and_not_upgraded() throws Exception {
        try (var db = DatabaseAt0006.connect(file)) {
            DatabaseAt0006.run(db, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.seek(4_096 * 2);
            raw.write(new byte[(int) raw.length() - 4_096 * 2]);
        }

        assertThatThrownBy(() -> Database.open(directory, () -> NOW).close()).isInstanceOf(OperatorError.class);

        Files.writeString(file, "this is no database at all, but long enough to be looked at ".repeat(100));
        assertThatThrownBy(() -> Database.open(directory, () -> NOW).close())
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void a_disk_that_fails_at_the_start_is_not_reported_as_a_damaged_database() throws Exception {
        Files.delete(file);
        Files.createDirectory(file); // cannot be opened by anybody, root included

        assertThatThrownBy(() -> migrations().run())
                .isInstanceOf(OperatorError.class)
                .hasMessageContaining(file + " cannot be opened, though it may be intact; check its disk")
                .hasMessageNotContaining("is damaged");
    }

    private Migrations migrations() {
        return new Migrations(file, () -> NOW);
    }
}
