package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;

/** Upgrades of a database that has repositories with a maintainer, copies and retention. */
class RepositoriesMigrationTest {

    private static final List<String> FILLED = List.of(
            "repositories",
            "host_repositories",
            "secrets",
            "repository_changes",
            "schedules",
            "jobs",
            "snapshot_lists",
            "snapshots",
            "retention_terms",
            "retention_gaps",
            "retention_listings",
            "retention_snapshots",
            "retention_schedules",
            "retention_distrust",
            "retention_alarms",
            "repository_stats",
            "repository_keys");

    @TempDir
    private static Path filled;

    @TempDir
    Path directory;

    private OldDatabase database;

    @BeforeAll
    static void fill() throws Exception {
        fill(OldDatabase.in(filled));
    }

    @BeforeEach
    void copy() throws Exception {
        database = new OldDatabase(Files.copy(DatabaseFile.in(filled), DatabaseFile.in(directory)));
    }

    private static void fill(OldDatabase database) throws SQLException {
        database.upgradeTo("0023");
        for (var id : List.of("r", "offsite")) {
            database.run(
                    "INSERT INTO repositories (id, name, location, url, created_at, status, status_detail, checked_at,"
                            + " append_only, size_bytes, last_check_at, last_check_ok, last_check_share, last_prune_at, read_parts,"
                            + " read_last) VALUES ('" + id + "', 'name', 'rest:" + id + "', 'rest:" + id
                            + "', 1, 'ok', 'fine', 2, 'yes', 3, 4, 1, 0.25, 5, 7, 6)");
            database.run("INSERT INTO secrets VALUES ('repositories/" + id + "', 'sealed')");
        }
        database.run("UPDATE repositories SET maintainer_host_id = 'full', maintainer_url = 'rest:own' WHERE id = 'r'");
        database.run(
                "INSERT INTO host_repositories VALUES ('full', 'r', 2, 'rest:r', 1), ('full', 'offsite', 3, 'rest:offsite',"
                        + " 1), ('single', 'r', 2, 'rest:r', 1)");
        database.run("INSERT INTO secrets VALUES ('repository_maintainers/r', 'sealed'), ('host_repositories/single/r',"
                + " 'sealed'), ('repository_changes/single', 'sealed')");
        database.run("INSERT INTO repository_changes (host_id, job_id, url, requested_by, requested_at, repository_id)"
                + " VALUES ('single', 'j-single', 'rest:new', 'anna', 1, 'r')");
        schedule(database, "s-backup", "backup", "'{\"keep_daily\":7}'", "'{}'");
        schedule(database, "s-copy", "copy", "'{\"keep_monthly\":12}'", "'{\"to\":\"offsite\"}'");
        database.run("UPDATE schedules SET time_zone = 'Asia/Tokyo', timed_since_at = 9 WHERE id = 's-copy'");
        job(database, "j-copy", "'s-copy'", "copy", "queued", "NULL");
        job(database, "j-copy-once", "NULL", "copy", "running", "'{\"kind\":\"copy\",\"to\":\"offsite\"}'");
        job(database, "j-copied", "'s-copy'", "copy", "succeeded", "NULL");
        job(database, "j-forget", "NULL", "forget", "queued", "NULL");
        job(database, "j-unlock", "NULL", "unlock", "failed", "'{\"kind\":\"unlock\",\"remove_all\":true}'");
        database.run(
                "INSERT INTO snapshot_lists (host_id, repository_id, refreshed_at, generation, total, checksums, bytes,"
                        + " whole) VALUES ('full', 'r', 9, 2, 1, 'ab', 40, 1)");
        database.run(
                "INSERT INTO snapshots (host_id, repository_id, id, taken_at, snapshot_json, added_in, removed_in) VALUES"
                        + " ('full', 'r', 'a', 1, '{\"hostname\":\"web\"}', 1, NULL), ('full', 'r', 'b', 1, '{}', 1, 2)");
        database.run("INSERT INTO retention_gaps VALUES ('full', 1, 2, 3), ('single', 4, NULL, NULL)");
        database.run("INSERT INTO retention_listings VALUES ('r', 'full', 8, 9)");
        database.run("INSERT INTO retention_snapshots VALUES ('r', 'a', 5, 4, 3, '[\"schedule:s-backup\"]', 's-backup',"
                + " 's-backup', 'sure', 3, 'j-full', 'partial', NULL, 'j-full', 6, NULL),"
                + " ('r', 'b', 5, NULL, 3, '[]', NULL, NULL, NULL, NULL, NULL, NULL, 'late', NULL, 6, 7)");
        database.run("INSERT INTO retention_schedules VALUES ('s-backup', 1, 2)");
        database.run("INSERT INTO retention_distrust VALUES ('single', 1)");
        database.run("INSERT INTO retention_alarms VALUES ('r', 'clock', 1), ('', 'clock', 2)");
        database.run("INSERT INTO repository_stats VALUES ('r', '2026-02-28', 1, 2, 3, 4, 5)");
        database.run("INSERT INTO repository_keys VALUES ('r', 'k1', 'root', 'web', 'then', 1, 1),"
                + " ('r', 'k2', 'root', 'x', 'then', 2, 0)");
    }

    private static void schedule(OldDatabase database, String id, String kind, String retention, String options)
            throws SQLException {
        database.run(
                "INSERT INTO schedules (id, host_id, kind, name, enabled, cron, paths_json, excludes_json, tags_json,"
                        + " retention_json, options_json, hooks_json, created_at, updated_at, repository_id) VALUES ('"
                        + id
                        + "', 'full', '" + kind + "', '" + id + "', 1, '5 4 * * *', '[]', '[]', '[]', " + retention
                        + ", " + options
                        + ", '{}', 7, 8, 'r')");
    }

    private static void job(
            OldDatabase database, String id, String scheduleId, String kind, String status, String options)
            throws SQLException {
        database.run(
                "INSERT INTO jobs (id, host_id, schedule_id, kind, status, trigger_word, created_at, repository_id,"
                        + " repository_url, options_json, waiting_for, reported_at) VALUES ('" + id + "', 'full', "
                        + scheduleId + ", '"
                        + kind + "', '" + status + "', 'manual', 1, 'r', 'rest:r', " + options + ", 'waits', 5)");
    }

    @Test
    void every_row_is_kept_as_it_was() throws Exception {
        var columns = database.columns();
        var before = database.contents(columns);
        assertThat(before)
                .allSatisfy((table, rows) -> assertThat(FILLED.contains(table) && rows.isEmpty())
                        .as(table)
                        .isFalse());

        database.upgrade();

        var after = database.contents(columns);
        after.get("retention_terms").removeIf(row -> row.contains("s-copy")); // copies had none
        assertThat(after).isEqualTo(before);
        assertThat(database.rows("PRAGMA foreign_key_check")).isEmpty();
        assertThat(database.rows("PRAGMA integrity_check")).containsExactly("ok");
    }

    @Test
    void no_password_changes_and_no_job_waits_for_another_one() throws Exception {
        database.upgrade();

        assertThat(database.rows("SELECT * FROM repository_rotations")).isEmpty();
        assertThat(database.rows("SELECT * FROM repository_rotation_hosts")).isEmpty();
        assertThat(database.rows("SELECT id FROM jobs WHERE coalesce(waiting_since, waits_for_job_id) IS NOT NULL"))
                .isEmpty();
        assertThat(database.rows("SELECT DISTINCT test FROM repository_changes"))
                .containsExactly("0");
    }

    @Test
    void copies_that_have_not_ended_are_known_to_write_to_their_target() throws Exception {
        database.upgrade();

        assertThat(database.rows("SELECT id || ' ' || copies_to FROM jobs WHERE copies_to IS NOT NULL ORDER BY id"))
                .containsExactly("j-copy offsite", "j-copy-once offsite");
    }

    @Test
    void the_last_complete_backups_are_known_and_each_host_has_its_first_drill_within_a_week() throws Exception {
        backup("j-backup-1", "succeeded", 50);
        backup("j-backup-2", "succeeded", 60);
        backup("j-backup-3", "partial", 70);

        database.upgrade();

        assertThat(database.rows("SELECT schedule_id || ' ' || host_id || ' ' || job_id || ' ' || started_at || ' '"
                        + " || files || ' ' || bytes FROM complete_backups"))
                .containsExactly("s-backup full j-backup-2 59 7 800");
        assertThat(database.rows("SELECT host_id FROM weekly_drills WHERE enabled = 1 AND sample_json IS NULL"
                        + " AND next_at BETWEEN unixepoch() * 1000 - 60000 AND (unixepoch() + 604800) * 1000"))
                .containsExactlyInAnyOrderElementsOf(database.rows("SELECT id FROM hosts"));
    }

    private void backup(String id, String status, int finishedAt) throws SQLException {
        database.run("INSERT INTO jobs (id, host_id, schedule_id, kind, status, trigger_word, created_at, started_at,"
                + " finished_at, snapshot_id, stats_json) VALUES ('" + id + "', 'full', 's-backup', 'backup', '"
                + status
                + "', 'cron', 1, " + (finishedAt - 1) + ", " + finishedAt
                + ", 'a', '{\"total_files_processed\":7,\"total_bytes_processed\":800}')");
    }

    @Test
    void snapshots_are_no_copies_and_copy_schedules_have_a_retention_from_when_their_due_times_began()
            throws Exception {
        database.upgrade();

        assertThat(database.rows(
                        "SELECT snapshot_id || ' ' || origin_id FROM retention_snapshots WHERE repository_id = 'r'"
                                + " AND coalesce(original_id, copied_from) IS NULL ORDER BY snapshot_id"))
                .containsExactly("a a", "b b");
        assertThat(terms()).containsExactly("9 5 4 * * * Asia/Tokyo {\"keep_monthly\":12}");
        database.run("UPDATE schedules SET retention_json = '{}', updated_at = 20 WHERE id = 's-copy'");
        assertThat(terms()).hasSize(2).last().isEqualTo("20 5 4 * * * Asia/Tokyo {}");
    }

    private List<String> terms() throws SQLException {
        return database.rows("SELECT from_at || ' ' || cron || ' ' || time_zone || ' ' || retention_json"
                + " FROM retention_terms WHERE schedule_id = 's-copy' ORDER BY from_at");
    }

    @Test
    void credentials_of_a_maintainer_are_kept_until_its_host_is_deleted() throws Exception {
        database.upgrade();
        assertThat(maintainers()).containsExactly("repository_maintainers/r");

        delete("full");

        assertThat(maintainers()).isEmpty();
        assertThat(database.rows("SELECT id FROM repositories WHERE maintainer_url IS NOT NULL"))
                .isEmpty();
        assertThat(database.rows("SELECT owner FROM secrets WHERE owner LIKE 'repositories/%' ORDER BY owner"))
                .containsExactly("repositories/offsite", "repositories/r");
    }

    @Test
    void credentials_of_a_maintainer_that_was_deleted_before_are_removed() throws Exception {
        delete("full");
        assertThat(maintainers()).containsExactly("repository_maintainers/r");

        database.upgrade();

        assertThat(maintainers()).isEmpty();
        assertThat(database.rows("SELECT id FROM repositories WHERE maintainer_url IS NOT NULL"))
                .isEmpty();
    }

    private List<String> maintainers() throws SQLException {
        return database.rows("SELECT owner FROM secrets WHERE owner LIKE 'repository_maintainers/%'");
    }

    /** Deletes a host, and what refers to it, as the server does. */
    private void delete(String host) throws SQLException {
        try (var db = DatabaseFile.connect(database.file(), SQLiteConfig.TransactionMode.IMMEDIATE);
                var delete = db.createStatement()) {
            delete.execute("DELETE FROM hosts WHERE id = '" + host + "'");
        }
    }
}
