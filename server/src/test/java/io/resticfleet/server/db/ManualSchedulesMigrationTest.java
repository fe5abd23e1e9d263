package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.f4b6a3.ulid.Ulid;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The upgrade that turns default paths of hosts into manual schedules. */
class ManualSchedulesMigrationTest {

    @TempDir
    Path directory;

    private OldDatabase database;

    @BeforeEach
    void fill() throws Exception {
        database = OldDatabase.in(directory);
    }

    @Test
    void every_host_with_default_paths_gets_them_as_a_manual_backup_and_no_other_does() throws Exception {
        database.upgrade();

        assertThat(database.rows(
                        "SELECT host_id || ' ' || kind || ' ' || enabled || ' ' || json(paths_json) FROM schedules"
                                + " WHERE manual = 1 AND cron IS NULL ORDER BY host_id"))
                .containsExactly(
                        "fresh backup 1 [\"/srv\"]",
                        "full backup 1 [\"/etc\",\"/home\"]",
                        "single backup 1 [\"/with space/and 'quote'\"]");
        assertThat(database.rows("SELECT DISTINCT id FROM schedules WHERE manual = 1"))
                .hasSize(3)
                .allSatisfy(id -> assertThat(id).matches("[0-7][0-9A-HJKMNP-TV-Z]{25}"));
        assertThat(database.rows("SELECT host_id || version FROM host_schedule_version ORDER BY host_id"))
                .containsExactly(
                        "blank5", "broken5", "empty5", "fresh1", "full6", "none5", "object5", "single6", "text5",
                        "wrong5");
    }

    @Test
    void the_new_ids_say_when_they_were_made() throws Exception {
        database.upgrade();

        assertThat(database.rows("SELECT id || ' ' || created_at FROM schedules WHERE manual = 1"))
                .allSatisfy(row -> {
                    var cells = row.split(" ");
                    assertThat(Ulid.getTime(cells[0])).isCloseTo(Long.parseLong(cells[1]), Offset.offset(60_000L));
                });
    }

    @Test
    void the_columns_of_the_second_list_are_gone() throws Exception {
        database.upgrade();

        assertThat(database.rows("SELECT name FROM pragma_table_info('hosts')"))
                .contains("hostname")
                .doesNotContain("default_paths");
        assertThat(database.rows("SELECT name FROM pragma_table_info('enrollment_tokens')"))
                .contains("initial_paths")
                .doesNotContain("default_paths");
        assertThat(database.rows("SELECT DISTINCT initial_paths FROM enrollment_tokens"))
                .containsExactly("[\"/token\"]");
    }
}
