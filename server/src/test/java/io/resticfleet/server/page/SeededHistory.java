package io.resticfleet.server.page;

import com.github.f4b6a3.ulid.UlidFactory;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.Wire;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The history of a fleet, written straight into the database of a running server, as agents would take hours to report
 * it. Open pages are not notified; pages that are opened after {@link #close} show it.
 */
public final class SeededHistory implements AutoCloseable {

    private static final long GIGABYTE = 1_000_000_000;

    /** Outcomes of forty nights. */
    private static final List<JobStatus> OUTCOMES = Stream.concat(
                    Stream.of(
                            JobStatus.FAILED, JobStatus.FAILED, JobStatus.MISSED, JobStatus.PARTIAL, JobStatus.PARTIAL),
                    Collections.nCopies(35, JobStatus.SUCCEEDED).stream())
            .toList();

    private final UlidFactory ids = UlidFactory.newInstance(new SecureRandom());
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private final Map<String, Long> sizes = new HashMap<>();
    private final Connection connection;

    private SeededHistory(Connection connection) {
        this.connection = connection;
    }

    /** @param dataDir of a running server */
    public static SeededHistory in(Path dataDir) throws SQLException {
        var connection =
                DriverManager.getConnection("jdbc:sqlite:" + dataDir.resolve("restic-fleet.db") + "?busy_timeout=5000");
        connection.setAutoCommit(false);
        return new SeededHistory(connection);
    }

    /** 35 days of 1,000 hosts, 100 with an hourly and the others with a nightly backup; the number of jobs. */
    public int large(Instant now) throws SQLException {
        int days = 35;
        int hourly = 100;
        nights(now, 1_000 - hourly, days);
        for (int machine = 0; machine < hourly; machine++) {
            var joined = now.minus(Duration.ofDays(days + 1)).plusMillis(machine);
            var host = host("hourly-%03d".formatted(machine), joined, now);
            var schedule = schedule(host, "hourly", "0 * * * *", "hourly", joined);
            for (int hour = 0; hour < days * 24; hour++) {
                var due = now.minus(Duration.ofHours(hour)).minusSeconds(machine);
                backup(host, schedule, due, hour % 50 == 7 ? JobStatus.FAILED : JobStatus.SUCCEEDED);
            }
        }
        return (1_000 - hourly) * days + hourly * days * 24;
    }

    /** Hosts with a nightly backup for so many days; of their last backups one in eight failed, was missed or partial. */
    void nights(Instant now, int machines, int days) throws SQLException {
        var tonight = now.minus(Duration.ofHours(4));
        for (int machine = 0; machine < machines; machine++) {
            var joined = now.minus(Duration.ofDays(days + 1)).plusMillis(machine);
            var host = host("host-%04d".formatted(machine), joined, now.minus(Duration.ofMinutes(machine % 60)));
            var nightly = schedule(host, "nightly", "30 2 * * *", machine % 3 == 0 ? "laptop" : "server", joined);
            for (int day = 0; day < days; day++) {
                int dice = (machine * 31 + day * 17) % 40;
                backup(host, nightly, tonight.minus(Duration.ofDays(day)).plusSeconds(machine), OUTCOMES.get(dice));
            }
        }
    }

    /** Adds a host with the times of its enrolment and its last connection; its id. */
    public String host(String name, Instant joined, Instant lastSeen) throws SQLException {
        var id = id(joined);
        insert(
                "hosts (id, name, hostname, public_key, os, arch, time_zone, agent_version, restic_version, created_at,"
                        + " last_seen_at)",
                id,
                name,
                name,
                "none",
                "linux",
                "amd64",
                "Europe/London",
                "0.1.0",
                "0.18.0",
                joined.toEpochMilli(),
                lastSeen.toEpochMilli());
        insert("host_schedule_version (host_id, version, applied_version)", id, 1, 1);
        return id;
    }

    /** Adds a backup schedule; its id. */
    public String schedule(String host, String name, String cron, String tag, Instant made) throws SQLException {
        var id = id(made);
        insert(
                "schedules (id, host_id, kind, name, enabled, cron, paths_json, excludes_json, tags_json,"
                        + " retention_json, options_json, hooks_json, created_at, updated_at)",
                id,
                host,
                "backup",
                name,
                1,
                cron,
                "[\"/etc\",\"/home\"]",
                "[]",
                "[\"" + tag + "\"]",
                "{\"keep_last\":0,\"keep_hourly\":0,\"keep_daily\":14,\"keep_weekly\":8,\"keep_monthly\":12,"
                        + "\"keep_yearly\":0,\"keep_within\":null}",
                "{\"one_file_system\":false,\"exclude_caches\":false,\"limit_upload_kib\":0}",
                "{\"pre\":null,\"post\":null}",
                made.toEpochMilli(),
                made.toEpochMilli());
        return id;
    }

    /** Adds a backup with its due time and status; its id. */
    public String backup(String host, String schedule, Instant due, JobStatus status) throws SQLException {
        return backup(host, schedule, due, status, "", "");
    }

    /** @param error message, and {@code code}: empty if there was no error */
    public String backup(String host, String schedule, Instant due, JobStatus status, String error, String code)
            throws SQLException {
        var id = id(due);
        boolean ran = status != JobStatus.MISSED;
        boolean stored = status == JobStatus.SUCCEEDED || status == JobStatus.PARTIAL;
        var took = Duration.ofSeconds(70 + Math.abs(id.hashCode() % 600));
        insert(
                "jobs (id, host_id, schedule_id, kind, status, trigger_word, due_at, created_at, started_at, finished_at,"
                        + " exit_code, error, error_code, snapshot_id, stats_json, repository_url, sent_at)",
                id,
                host,
                schedule,
                "backup",
                status.word(),
                "cron",
                due.toEpochMilli(),
                due.toEpochMilli(),
                ran ? due.toEpochMilli() : null,
                due.plus(took).toEpochMilli(),
                ran ? stored ? 0 : 1 : null,
                error.isEmpty() ? null : error,
                code.isEmpty() ? null : code,
                stored ? snapshotId() : null,
                stored ? stats(host, due) : null,
                "rest:http://nas:8000/" + host + "/",
                due.toEpochMilli());
        return id;
    }

    /** Adds the log of a job. */
    void log(String job, List<LogLine> lines) throws Exception {
        insert(
                "job_log (job_id, first_line, last_line, lines_json)",
                job,
                1,
                lines.size(),
                Wire.builder().build().writeValueAsString(lines));
    }

    private String snapshotId() {
        var bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private String stats(String host, Instant due) {
        long held = held(host, due);
        long day = due.getEpochSecond() / 86_400;
        return "{\"total_bytes_processed\":" + held + ",\"total_files_processed\":" + held / 400_000
                + ",\"data_added\":" + (held / 900 + day % 7 * 10_000_000)
                + ",\"files_new\":" + (12 + day % 7) + ",\"files_changed\":" + (3 + day % 5)
                + ",\"files_unmodified\":" + held / 400_000 + "}";
    }

    /** Bytes to back up on a host: each host has its own size, which grows a little every day. */
    long held(String host, Instant at) {
        long size = sizes.computeIfAbsent(host, fresh -> (28 + sizes.size() * 137L % 400) * GIGABYTE);
        return size + at.getEpochSecond() / 86_400 % 1_000 * size / 4_000;
    }

    /** A ULID of this time. */
    private String id(Instant at) {
        return ids.create(at.toEpochMilli()).toString();
    }

    private void insert(String columns, Object... values) throws SQLException {
        var statement = statements.get(columns);
        if (statement == null) {
            statement = connection.prepareStatement(
                    "INSERT INTO " + columns + " VALUES (?" + ", ?".repeat(values.length - 1) + ")");
            statements.put(columns, statement);
        }
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        statement.executeUpdate();
    }

    @Override
    public void close() throws SQLException {
        connection.commit();
        connection.close();
    }
}
