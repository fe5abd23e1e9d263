package io.resticfleet.faults;

import io.resticfleet.server.db.Database;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A job as the server's database has it, read without the server's code for it. */
record Row(
        String id,
        String hostId,
        Optional<String> scheduleId,
        String status,
        Optional<Instant> dueAt,
        Optional<String> snapshotId,
        Optional<String> error) {

    boolean missed() {
        return status.equals("missed");
    }

    boolean open() {
        return status.equals("queued") || status.equals("running");
    }

    static List<Row> all(Database db) {
        return db.read(handle -> handle.createQuery(
                        "SELECT id, host_id, schedule_id, status, due_at, snapshot_id, error FROM jobs ORDER BY id")
                .map((row, context) -> new Row(
                        row.getString("id"),
                        row.getString("host_id"),
                        Optional.ofNullable(row.getString("schedule_id")),
                        row.getString("status"),
                        Optional.ofNullable(row.getObject("due_at"))
                                .map(at -> Instant.ofEpochMilli(((Number) at).longValue())),
                        Optional.ofNullable(row.getString("snapshot_id")),
                        Optional.ofNullable(row.getString("error"))))
                .list());
    }
}
