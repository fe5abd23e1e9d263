package io.resticfleet.faults;

import io.resticfleet.server.db.Database;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A row of the server's jobs table, read without the server's own classes for it. */
record JobRow(
        String id,
        String hostId,
        Optional<String> scheduleId,
        String kind,
        String status,
        String trigger,
        Optional<Instant> dueAt,
        Optional<String> snapshotId,
        Optional<String> error,
        boolean sent,
        Optional<String> waitsFor) {

    boolean missed() {
        return status.equals("missed");
    }

    /** Whether it is another attempt at a due time. */
    boolean retry() {
        return trigger.equals("retry");
    }

    boolean sharesRepository() {
        return backup() || kind.equals("drill");
    }

    boolean backup() {
        return kind.equals("backup");
    }

    boolean good() {
        return status.equals("succeeded") || status.equals("partial");
    }

    boolean open() {
        return status.equals("queued") || status.equals("running");
    }

    /** Whether, as far as the server knows, it may be using the repository. */
    boolean mayBeRunning() {
        return status.equals("running") || status.equals("queued") && sent;
    }

    static List<JobRow> all(Database db) {
        return where(db, "true");
    }

    /** Jobs that have not ended. */
    static List<JobRow> open(Database db) {
        return where(db, "status IN ('queued', 'running')");
    }

    private static List<JobRow> where(Database db, String condition) {
        return db.read(handle -> handle.createQuery(
                        "SELECT id, host_id, schedule_id, kind, status, trigger_word, due_at, snapshot_id, error, sent_at, waits_for_job_id"
                                + " FROM jobs WHERE " + condition + " ORDER BY id")
                .map((row, context) -> new JobRow(
                        row.getString("id"),
                        row.getString("host_id"),
                        Optional.ofNullable(row.getString("schedule_id")),
                        row.getString("kind"),
                        row.getString("status"),
                        row.getString("trigger_word"),
                        Optional.ofNullable(row.getObject("due_at"))
                                .map(at -> Instant.ofEpochMilli(((Number) at).longValue())),
                        Optional.ofNullable(row.getString("snapshot_id")),
                        Optional.ofNullable(row.getString("error")),
                        row.getObject("sent_at") != null,
                        Optional.ofNullable(row.getString("waits_for_job_id"))))
                .list());
    }
}
