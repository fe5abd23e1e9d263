package io.resticfleet.server.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;

/** Rows of a filled database after upgrades. */
class KeptRowsTest {

    @TempDir
    Path directory;

    private OldDatabase database;

    @BeforeEach
    void fill() throws Exception {
        database = OldDatabase.in(directory);
    }

    @Test
    void nothing_is_lost_on_the_way_to_manual_schedules() throws Exception {
        var before = database.counts();

        database.upgradeTo("0007");

        for (var table : OldDatabase.TABLES) {
            int added = table.equals("schedules") ? 3 : table.equals("host_schedule_version") ? 1 : 0;
            assertThat(database.rows("SELECT count(*) FROM " + table))
                    .as(table)
                    .containsExactly(String.valueOf(Integer.parseInt(before.get(table)) + added));
        }
        assertThat(database.rows("PRAGMA foreign_key_check")).isEmpty();
        assertThat(database.rows("SELECT count(*) FROM schedules WHERE manual = 0 AND cron = '@daily'"))
                .containsExactly("9");
    }

    @Test
    void schedules_that_repeat_a_name_get_the_next_free_number_and_are_pushed_again() throws Exception {
        database.upgradeTo("0008");
        var longest = "x".repeat(100);
        for (var name : List.of("nightly", "nightly 2", "nightly", "manual", longest, longest)) {
            database.run("INSERT INTO schedules SELECT 'z-' || (SELECT count(*) FROM schedules), 'full', kind, '" + name
                    + "', enabled, cron, time_zone, paths_json, excludes_json, tags_json, retention_json,"
                    + " options_json, hooks_json, created_at, updated_at, manual FROM schedules"
                    + " WHERE id = 's-full'");
        }

        database.upgrade();

        assertThat(database.rows("SELECT name FROM schedules WHERE host_id = 'full' ORDER BY id LIKE 'z%', id"))
                .containsExactlyInAnyOrder(
                        "nightly",
                        "nightly 2",
                        "nightly 3",
                        "nightly 4",
                        "manual",
                        "manual 2",
                        longest,
                        "x".repeat(90) + " 2");
        assertThat(database.rows("SELECT name FROM schedules WHERE id = 's-full'"))
                .containsExactly("nightly");
        assertThat(database.rows("SELECT host_id || version FROM host_schedule_version ORDER BY host_id"))
                .contains("full7", "single6", "none5");
    }

    @Test
    void nothing_is_lost_on_the_way_to_error_codes_and_old_errors_have_none() throws Exception {
        database.upgradeTo("0008");
        database.run("INSERT INTO api_tokens VALUES ('t', 'u', 'tests', 'sha', 1, NULL)");
        database.run("UPDATE jobs SET status = 'failed', error = 'the repository is locked' WHERE id = 'j-full'");
        var filled = database.counts();

        database.upgradeTo("0009");

        assertThat(database.counts()).isEqualTo(filled);
        assertThat(database.rows("SELECT token_sha256 FROM api_tokens")).containsExactly("sha");
        assertThat(database.rows("PRAGMA foreign_key_check")).isEmpty();
        assertThat(database.rows("SELECT error FROM jobs WHERE status = 'failed'"))
                .containsExactly("the repository is locked");
        assertThat(database.rows("SELECT id FROM jobs WHERE coalesce(error_code, result_sequence) IS NOT NULL"))
                .isEmpty();
        assertThat(database.rows("SELECT id FROM hosts WHERE coalesce(stored_sequence, told_sequence) IS NOT NULL"))
                .isEmpty();
    }

    @Test
    void nothing_is_lost_on_the_way_to_epochs_and_upgrades_and_no_host_waits() throws Exception {
        database.upgradeTo("0010");
        database.run("INSERT INTO schedule_watch VALUES ('s-full', 7)");
        var filled = database.counts();

        database.upgradeTo("0011");

        assertThat(database.counts()).isEqualTo(filled);
        assertThat(database.rows("SELECT checked_until FROM schedule_watch")).containsExactly("7");
        assertThat(database.rows("PRAGMA foreign_key_check")).isEmpty();
        assertThat(database.rows("SELECT epoch FROM database_epoch"))
                .singleElement()
                .asString()
                .matches("[0-9a-f]{32}");
        assertThat(database.rows("SELECT * FROM restored_hosts")).isEmpty();
        assertThat(database.rows("SELECT * FROM agent_upgrades")).isEmpty();
        assertThat(database.rows("SELECT * FROM server_settings")).isEmpty();
        assertThat(database.rows("SELECT id FROM hosts WHERE policy_json IS NOT NULL"))
                .isEmpty();
    }

    @Test
    void nothing_is_lost_on_the_way_to_accepted_runs_and_forced_unlocks_and_there_are_none() throws Exception {
        database.upgradeTo("0011");
        database.run("INSERT INTO jobs (id, host_id, kind, status, trigger_word, created_at)"
                + " VALUES ('j-unlock', 'full', 'unlock', 'succeeded', 'manual', 1)");
        var filled = database.counts();

        database.upgradeTo("0012");

        assertThat(database.counts()).isEqualTo(filled);
        assertThat(database.rows("PRAGMA foreign_key_check")).isEmpty();
        assertThat(database.rows("SELECT id FROM schedules WHERE accepted_job_id IS NOT NULL"))
                .isEmpty();
        assertThat(database.rows("SELECT DISTINCT remove_all FROM jobs")).containsExactly("0");
    }

    @Test
    void snapshots_that_are_there_count_at_their_own_time_and_were_first_seen_when_their_job_ended() throws Exception {
        database.upgradeTo("0020");
        database.run("INSERT INTO repositories (id, name, location, created_at) VALUES ('r', 'r', 'rest:r', 1)");
        database.run(
                "INSERT INTO schedules (id, host_id, kind, name, enabled, cron, paths_json, excludes_json, tags_json,"
                        + " retention_json, options_json, hooks_json, created_at, updated_at)"
                        + " VALUES ('s', 'full', 'backup', 's', 1, '5 4 * * *', '[]', '[]', '[]', '{}', '{}', '{}', 7, 7)");
        database.run("INSERT INTO snapshot_lists (host_id, repository_id, refreshed_at, generation, total, checksums)"
                + " VALUES ('full', 'r', 9000000, 2, 3, '')");
        database.run("INSERT INTO snapshots (host_id, repository_id, id, taken_at, snapshot_json, added_in, removed_in)"
                + " VALUES ('full', 'r', 'a', 1000000, '{\"tags\":[\"x\",\"schedule:s\"]}', 1, NULL),"
                + " ('full', 'r', 'b', 1000000, '{\"tags\":[]}', 1, NULL),"
                + " ('full', 'r', 'c', 99000000, '{\"tags\":[\"schedule:s\"]}', 2, NULL),"
                + " ('full', 'r', 'gone', 1000000, '{\"tags\":[\"schedule:s\"]}', 1, 2)");
        database.run("INSERT INTO jobs (id, host_id, kind, status, trigger_word, created_at, finished_at, snapshot_id)"
                + " VALUES ('j-a', 'full', 'backup', 'succeeded', 'cron', 1, 2000000, 'a')");

        database.upgradeTo("0021");

        assertThat(
                        database.rows(
                                "SELECT snapshot_id || ' ' || first_seen_at || ' ' || coalesce(schedule_id || ' ' || trust"
                                        + " || ' ' || slot_at, '') FROM retention_snapshots WHERE repository_id = 'r' ORDER BY snapshot_id"))
                .containsExactly("a 2000000 s adopted 1000000", "b 9000000 ", "c 9000000 ");
        assertThat(database.rows("SELECT cron || ' ' || from_at FROM retention_terms WHERE schedule_id = 's'"))
                .containsExactly("5 4 * * * 7");
        database.run("UPDATE schedules SET enabled = 0, updated_at = 8 WHERE id = 's'");
        assertThat(database.rows("SELECT coalesce(cron, 'none') || ' ' || from_at FROM retention_terms"
                        + " WHERE schedule_id = 's' ORDER BY from_at"))
                .containsExactly("5 4 * * * 7", "none 8");
    }

    @Test
    void an_unlock_that_was_to_remove_locks_in_use_still_does() throws Exception {
        database.upgradeTo("0020");
        database.run("INSERT INTO jobs (id, host_id, kind, status, trigger_word, created_at, remove_all)"
                + " VALUES ('j-unlock', 'full', 'unlock', 'queued', 'manual', 1, 0),"
                + " ('j-unlock-all', 'full', 'unlock', 'queued', 'manual', 1, 1)");
        var filled = database.counts();

        database.upgrade();

        assertThat(database.counts()).containsAllEntriesOf(filled);
        assertThat(database.rows("PRAGMA foreign_key_check")).isEmpty();
        assertThat(database.rows("SELECT id || options_json FROM jobs WHERE options_json IS NOT NULL"))
                .containsExactly("j-unlock-all{\"kind\":\"unlock\",\"remove_all\":true}");
    }

    @Test
    void snapshots_become_the_first_list_of_their_hosts_repository() throws Exception {
        database.upgradeTo("0012");
        var id = "0123456789abcdef".repeat(4);
        database.run("INSERT INTO snapshots VALUES ('full', '" + id + "', 7, '{\"id\":\"" + id + "\"}')");
        database.run("UPDATE snapshot_lists SET refreshed_at = 9, result_sequence = 41 WHERE host_id = 'full'");
        var filled = database.counts();

        database.upgradeTo("0013");

        assertThat(database.counts()).isEqualTo(filled);
        assertThat(database.rows("PRAGMA foreign_key_check")).isEmpty();
        assertThat(database.rows("SELECT id || ' ' || taken_at || ' ' || (snapshot_json ->> 'id') || ' ' || added_in"
                        + " FROM snapshots JOIN host_credentials USING (host_id, repository_id)"
                        + " WHERE removed_in IS NULL AND id <> 'snap'"))
                .containsExactly(id + " 7 " + id + " 1");
        assertThat(database.rows("SELECT refreshed_at || ' ' || generation || ' ' || total || ' ' || result_sequence"
                        + " FROM snapshot_lists JOIN host_credentials USING (host_id, repository_id)"
                        + " WHERE host_id = 'full' AND checksums = ''"))
                .containsExactly("9 1 2 41");
    }

    @Test
    void nothing_is_lost_on_the_way_to_stored_clones_and_rollouts_and_there_are_none() throws Exception {
        database.upgradeTo("0017");
        var filled = database.counts();

        database.upgradeTo("0018");

        assertThat(database.counts()).isEqualTo(filled);
        assertThat(database.rows("PRAGMA foreign_key_check")).isEmpty();
        assertThat(database.rows("SELECT host_id FROM cloned_agents")).isEmpty();
        assertThat(database.rows("SELECT state FROM agent_rollout")).isEmpty();
    }

    @Test
    void nothing_is_lost_on_the_way_to_replaced_machines_and_no_token_replaces_any() throws Exception {
        database.upgradeTo("0026");
        var filled = database.counts();

        database.upgradeTo("0028");

        assertThat(database.counts()).isEqualTo(filled);
        assertThat(database.rows("PRAGMA foreign_key_check")).isEmpty();
        assertThat(database.rows("SELECT id FROM enrollment_tokens WHERE replaces_host_id IS NOT NULL"))
                .isEmpty();
        assertThat(database.rows("SELECT host_id FROM replaced_agents")).isEmpty();
        database.run("UPDATE enrollment_tokens SET replaces_host_id = 'full' WHERE id = 't-single'");
        database.run("INSERT INTO replaced_agents VALUES ('full', 'key', 1, 'anna', NULL)");

        try (var db = DatabaseFile.connect(database.file(), SQLiteConfig.TransactionMode.IMMEDIATE);
                var delete = db.createStatement()) {
            delete.execute("DELETE FROM hosts WHERE id = 'full'");
        }

        assertThat(database.rows("SELECT id FROM enrollment_tokens WHERE id = 't-single'"))
                .isEmpty();
        assertThat(database.rows("SELECT public_key FROM replaced_agents")).containsExactly("key");
    }

    @Test
    void nothing_is_lost_on_the_way_to_alerts_and_there_are_none() throws Exception {
        database.upgradeTo("0030");
        var filled = database.counts();

        database.upgradeTo("0031");

        assertThat(database.counts()).isEqualTo(filled);
        assertThat(database.rows("PRAGMA foreign_key_check")).isEmpty();
        assertThat(database.rows("SELECT id FROM alerts")).isEmpty();
    }

    @Test
    void nothing_is_lost_on_the_way_to_pauses_and_no_host_is_paused_silenced_or_comes_and_goes() throws Exception {
        database.upgradeTo("0030");
        var filled = database.counts();

        database.upgradeTo("0033");

        assertThat(database.counts()).isEqualTo(filled);
        assertThat(database.rows("PRAGMA foreign_key_check")).isEmpty();
        assertThat(database.rows("SELECT id FROM hosts WHERE comes_and_goes <> 0 OR stale_after_days IS NOT NULL"))
                .isEmpty();
        assertThat(database.rows("SELECT host_id FROM host_pauses UNION ALL SELECT host_id FROM host_silences"))
                .isEmpty();
    }

    @Test
    void nothing_is_lost_on_the_way_to_scopes_and_totals_and_tokens_of_before_may_do_all() throws Exception {
        database.upgradeTo("0030");
        database.run("INSERT INTO api_tokens VALUES ('t', 'u', 'tests', 'sha', 1, NULL)");
        for (var status : List.of("failed", "interrupted", "missed", "partial")) {
            database.run("INSERT INTO jobs (id, host_id, schedule_id, kind, status, trigger_word, created_at)"
                    + " VALUES ('%1$s', 'full', 's-full', 'backup', '%1$s', 'cron', 1)".formatted(status));
        }
        database.run("INSERT INTO jobs (id, host_id, schedule_id, kind, status, trigger_word, created_at)"
                + " VALUES ('other', 'single', 's-full', 'backup', 'failed', 'cron', 1)");
        var filled = database.counts();

        database.upgradeTo("0034");

        assertThat(database.counts()).isEqualTo(filled);
        assertThat(database.rows("PRAGMA foreign_key_check")).isEmpty();
        assertThat(database.rows("SELECT scopes_json || coalesce(expires_at, '') FROM api_tokens"))
                .containsExactly("[\"read\",\"run\",\"write\",\"restore\",\"metrics\"]");
        assertThat(database.rows("SELECT json_array(schedule_id, failed, missed) FROM schedule_totals"))
                .containsExactly("[\"s-full\",2,1]");
    }

    @Test
    void failed_and_missed_runs_are_counted_once_and_for_the_schedules_of_their_host_only() throws Exception {
        database.upgrade();
        database.run("INSERT INTO jobs (id, host_id, schedule_id, kind, status, trigger_word, created_at)"
                + " VALUES ('a', 'full', 's-full', 'backup', 'missed', 'cron', 1),"
                + " ('b', 'full', 's-full', 'backup', 'running', 'cron', 1),"
                + " ('c', 'single', 's-full', 'backup', 'failed', 'cron', 1),"
                + " ('d', 'full', 'gone', 'backup', 'failed', 'cron', 1),"
                + " ('e', 'full', NULL, 'backup', 'failed', 'manual', 1)");

        database.run("UPDATE jobs SET status = 'failed', error = 'x' WHERE id = 'b'");
        database.run("UPDATE jobs SET status = 'failed', error = 'y' WHERE id = 'b'");
        database.run("UPDATE jobs SET status = 'succeeded' WHERE id = 'a'");

        assertThat(database.rows("SELECT json_array(schedule_id, failed, missed) FROM schedule_totals"))
                .containsExactly("[\"s-full\",1,1]");
    }

    @Test
    void children_still_go_with_their_host() throws Exception {
        database.upgrade();

        try (var db = DatabaseFile.connect(database.file(), SQLiteConfig.TransactionMode.IMMEDIATE);
                var delete = db.createStatement()) {
            delete.execute("DELETE FROM hosts WHERE id = 'full'");
        }

        for (var table : List.of("host_repositories", "schedules", "jobs", "snapshots", "snapshot_lists")) {
            assertThat(database.rows("SELECT 1 FROM " + table + " WHERE host_id = 'full'"))
                    .as(table)
                    .isEmpty();
        }
        assertThat(database.rows("SELECT count(*) FROM job_log")).containsExactly("9");
    }

    @Test
    void nothing_is_lost_on_the_way_to_badges_and_digests_and_their_secrets_go_with_them() throws Exception {
        database.upgradeTo("0032");
        var before = database.counts();

        database.upgrade();

        assertThat(database.counts()).isEqualTo(before);
        database.run("INSERT INTO shared_links VALUES ('feed', 'f', 1)");
        database.run(
                "INSERT INTO watchdog (id, address, every_seconds, changed_at, checked_at) VALUES (1, 'a', 60, 1, 1)");
        database.run("INSERT INTO secrets VALUES ('shared_links/feed', 's'), ('watchdog/1', 's')");
        database.run("DELETE FROM shared_links");
        database.run("DELETE FROM watchdog");
        assertThat(database.rows("SELECT owner FROM secrets WHERE owner LIKE 'shared%' OR owner LIKE 'watch%'"))
                .isEmpty();
    }
}
