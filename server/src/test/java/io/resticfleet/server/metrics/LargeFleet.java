package io.resticfleet.server.metrics;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;

/**
 * A large fleet, written to the database of a server that runs. Its agents have never connected, so that they are shown as
 * offline at once: after a start the server shows nothing for those that it waits for.
 *
 * @param directory of the server's data
 * @param schedules of backups, of each host; 1 to 3
 * @param days with a job of each schedule
 * @param at its last day
 */
record LargeFleet(Path directory, int hosts, int schedules, int repositories, int days, Instant at) {

    int jobs() {
        return hosts * schedules * days;
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:sqlite:" + directory.resolve("restic-fleet.db") + "?busy_timeout=60000");
    }

    void seed() throws SQLException {
        long now = at.toEpochMilli();
        try (var db = connect();
                var sql = db.createStatement()) {
            db.setAutoCommit(false);
            sql.execute("CREATE TEMP TABLE numbers AS WITH RECURSIVE numbers(n) AS"
                    + " (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < "
                    + (hosts * schedules * days - 1) + ") SELECT n FROM numbers");
            sql.execute(
                    "INSERT INTO hosts (id, name, hostname, public_key, os, arch, time_zone, agent_version, restic_version,"
                            + " created_at) SELECT " + id("HH", "n")
                            + ", printf('host-%04d.example.org', n), 'host-' || n,"
                            + " 'none', 'linux', 'amd64', 'UTC', '0.1.0', '0.18.0', " + now
                            + " FROM numbers WHERE n < " + hosts);
            sql.execute("INSERT INTO host_schedule_version (host_id, version, applied_version) SELECT " + id("HH", "n")
                    + ", 1, 1 FROM numbers WHERE n < " + hosts);
            sql.execute(
                    "INSERT INTO repositories (id, name, url, location, created_at, status, status_since_at, size_bytes,"
                            + " last_check_at, last_check_ok, last_check_share, last_prune_at) SELECT " + id("RR", "n")
                            + ", 'rest:https://nas/' || n, '', 'rest:https://nas/' || n, " + now + ", 'ok', " + now
                            + ", 123456789012, " + now + ", 1, 0.05, " + now + " FROM numbers WHERE n < "
                            + repositories);
            sql.execute(
                    "INSERT INTO snapshot_lists (host_id, repository_id, refreshed_at, generation, total, checksums) SELECT "
                            + id("HH", "n") + ", " + id("RR", "n % " + repositories) + ", " + now
                            + ", 1, 100, '' FROM numbers WHERE n < "
                            + hosts);
            sql.execute(
                    "INSERT INTO schedules (id, host_id, kind, name, enabled, cron, paths_json, excludes_json, tags_json,"
                            + " retention_json, options_json, hooks_json, created_at, updated_at) SELECT "
                            + id("SS", "n") + ", "
                            + id("HH", "n / " + schedules) + ", 'backup', CASE n % " + schedules
                            + " WHEN 0 THEN 'nightly' WHEN 1 THEN 'documents' ELSE 'database' END, 1, (n % 60) || ' 2 * * *',"
                            + " '[\"/etc\"]', '[]', '[]', '{}', '{}', '{}', " + now + ", " + now
                            + " FROM numbers WHERE n < "
                            + hosts * schedules);
            sql.execute("INSERT INTO jobs (id, host_id, schedule_id, kind, status, trigger_word, due_at, created_at,"
                    + " started_at, finished_at, snapshot_id, stats_json) SELECT " + id("JJ", "n") + ", "
                    + id("HH", "n % " + hosts * schedules + " / " + schedules) + ", "
                    + id("SS", "n % " + hosts * schedules)
                    + ", 'backup', iif((n + n / 1000) % 40 = 3, 'failed', 'succeeded'), 'cron', t, t, t, t + 754321, 'abcdef12',"
                    + " '{\"total_files_processed\":' || (100000 + n) || ',\"total_bytes_processed\":' || (10000000000 + n * 1000)"
                    + " || ',\"data_added\":' || (1000000 + n) || '}' FROM (SELECT n, " + now + " - (" + days
                    + " - n / "
                    + hosts * schedules + ") * 86400000 + n % 3600000 AS t FROM numbers)");
            db.commit();
        }
    }

    /** A ULID of this type of rows, in the order of their numbers. */
    private static String id(String type, String number) {
        return "'01" + type + "' || printf('%022d', " + number + ")";
    }
}
