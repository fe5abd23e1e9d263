package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Upgrades of databases that hold more than a server accepts today. */
class LimitsMigrationTest {

    @TempDir
    Path directory;

    private OldDatabase database;

    @BeforeEach
    void fill() throws Exception {
        database = OldDatabase.in(directory);
    }

    @Test
    void a_long_piece_of_a_log_is_split_without_losing_a_line() throws Exception {
        database.upgradeTo("0011");
        database.run("WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 301)"
                + " INSERT INTO job_log SELECT 'j-full', 2, 301, json_group_array(json_object('line', i,"
                + " 'at', '2026-03-01T12:00:00Z', 'stream', 'restic', 'text', iif(i = 7, printf('%09000d', 0),"
                + " printf('%01000d', i)))) FROM n");

        database.upgrade();

        assertThat(database.rows(
                        "SELECT group_concat(value ->> 'line', ' ') FROM (SELECT value FROM job_log, json_each(lines_json)"
                                + " WHERE job_id = 'j-full' ORDER BY first_line, key)"))
                .containsExactly(
                        IntStream.rangeClosed(2, 301).mapToObj(String::valueOf).collect(Collectors.joining(" ")));
        assertThat(database.rows(
                        "SELECT job_id FROM job_log WHERE octet_length(lines_json) > 80000 OR first_line > last_line"))
                .isEmpty();
        assertThat(database.rows("SELECT lines_json FROM job_log WHERE lines_json LIKE '%more characters%'"))
                .singleElement()
                .satisfies(row -> assertThat(row).contains("… (808 more characters)"));
    }

    @Test
    void a_long_piece_of_a_log_whose_lines_are_not_in_order_is_cut() throws Exception {
        database.upgradeTo("0011");
        for (var row :
                Map.of("j-full", "302 - i", "j-single", "7", "j-fresh", "i").entrySet()) {
            database.run("WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 301)"
                    + " INSERT INTO job_log SELECT '" + row.getKey()
                    + "', 2, 301, json_group_array(json_object('line', " + row.getValue()
                    + ", 'at', '2026-03-01T12:00:00Z', 'stream', 'restic', 'text',"
                    + " printf('%01000d', i))) FROM n");
        }
        database.run("INSERT INTO job_log VALUES ('j-fresh', 300, 400, '[]')"); // overlaps

        database.upgrade();

        assertThat(database.rows(
                        "SELECT job_id || ' ' || first_line || ' ' || last_line || ' ' || (lines_json ->> '$[#-1].line')"
                                + " || ' ' || (lines_json ->> '$[#-1].text') || ' ' || (lines_json ->> '$[#-1].at')"
                                + " FROM job_log WHERE first_line BETWEEN 2 AND 299 ORDER BY job_id"))
                .hasSize(3)
                .allSatisfy(row -> assertThat(row)
                        .matches("j-[a-z]+ 2 301 301 2[0-9]{2} lines of the log were dropped: their numbers are not"
                                + " in ascending order 2026-03-01T12:00:00Z"));
        assertThat(database.rows("SELECT job_id FROM job_log WHERE octet_length(lines_json) > 80000"))
                .isEmpty();
    }

    @Test
    void texts_with_a_nul_are_cut_as_well() throws Exception {
        database.upgradeTo("0011");
        var text = "'locked' || char(0) || printf('%.*c', 100000, 'x')";
        database.run("UPDATE jobs SET error = " + text + ", error_code = " + text + ", snapshot_id = " + text);
        database.run("UPDATE host_schedule_version SET refused = " + text);
        database.run("INSERT INTO job_log SELECT 'j-full', 2, 3, json_group_array(json_object('line', value, 'at',"
                + " '2026-03-01T12:00:00Z', 'stream', 'restic', 'text', " + text
                + ")) FROM json_each('[2,3]')");

        database.upgrade();

        assertThat(database.rows("SELECT DISTINCT error || ' ' || error_code || ' ' || snapshot_id FROM jobs"))
                .containsExactly("locked… (more characters) locked… locked…");
        assertThat(database.rows("SELECT DISTINCT refused FROM host_schedule_version"))
                .containsExactly("locked…");
        assertThat(database.rows("SELECT max(octet_length(lines_json)) < 1000 FROM job_log"))
                .containsExactly("1");
    }

    @Test
    void a_list_without_the_snapshots_that_are_too_long_has_the_number_of_the_others() throws Exception {
        database.upgradeTo("0013");
        database.run(
                "INSERT INTO snapshots SELECT host_id, repository_id, 'long', 1, printf('%.*c', 40000, 'x'), 1, NULL"
                        + " FROM snapshots WHERE host_id = 'full'");
        database.run("UPDATE snapshot_lists SET total = 2, checksums = 'ab' WHERE host_id = 'full'");

        database.upgrade();

        assertThat(database.rows("SELECT id FROM snapshots WHERE host_id = 'full'"))
                .containsExactly("snap");
        assertThat(database.rows("SELECT DISTINCT total || checksums FROM snapshot_lists"))
                .containsExactly("1");
    }

    @Test
    void what_is_too_long_to_be_listed_is_cut_and_all_else_is_kept() throws Exception {
        database.upgradeTo("0011");
        database.run("UPDATE jobs SET error = printf('%.*c', 15000000, 'x') WHERE id = 'j-full'");
        database.run("UPDATE jobs SET error = 'locked' WHERE id = 'j-fresh'");
        var filled = database.counts();

        database.upgradeTo("0015");

        assertThat(database.counts()).isEqualTo(filled);
        assertThat(database.rows("SELECT substr(error, 16290) FROM jobs WHERE id = 'j-full'"))
                .containsExactly("x".repeat(11) + "… (14983700 more characters)");
        assertThat(database.rows("SELECT error FROM jobs WHERE id = 'j-fresh'")).containsExactly("locked");
    }
}
