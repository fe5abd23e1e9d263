package io.resticfleet.server.alert;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.db.StoredJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.sqlobject.customizer.BindMap;
import org.jdbi.v3.sqlobject.customizer.BindMethods;
import org.jdbi.v3.sqlobject.customizer.Define;
import org.jdbi.v3.sqlobject.statement.SqlBatch;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** The {@code alerts} table. */
interface AlertDao {

    /**
     * A condition as stored: pending, an open alert or a resolved one.
     *
     * @param hostId of its subject
     * @param openedAt absent while it is pending
     * @param announcedSeverity absent if no listener knows of it
     */
    record Row(
            String id,
            String key,
            String kind,
            String severity,
            Optional<HostId> hostId,
            String subject,
            Instant sinceAt,
            Optional<Instant> openedAt,
            Optional<Instant> resolvedAt,
            String text,
            String advice,
            String path,
            Optional<String> announcedSeverity,
            Optional<Instant> announcedAt,
            Optional<Instant> acknowledgedAt,
            Optional<String> acknowledgedBy,
            Optional<String> acknowledgedSeverity,
            Optional<Instant> acknowledgedUntil,
            Optional<String> acknowledgedNote) {

        static Row of(Known known, Optional<Instant> resolvedAt) {
            var announced = known.announced();
            var acknowledged = known.acknowledged();
            var note = acknowledged.map(Known.Acknowledged::what);
            return new Row(
                    known.id(),
                    known.key().value(),
                    known.kind().word(),
                    known.severity().word(),
                    known.subject().host().map(Subject.Named::id),
                    StoredJson.write(known.subject()),
                    known.since(),
                    known.openedAt(),
                    resolvedAt,
                    known.text(),
                    known.advice(),
                    known.path(),
                    announced.map(at -> at.severity().word()),
                    announced.map(Known.Announced::at),
                    note.map(Alert.Acknowledgement::at),
                    note.map(Alert.Acknowledgement::by),
                    acknowledged.map(at -> at.severity().word()),
                    note.flatMap(Alert.Acknowledgement::until),
                    note.flatMap(Alert.Acknowledgement::note));
        }

        Known known() {
            return new Known(
                    id,
                    new AlertKey(key),
                    AlertKind.of(kind),
                    Severity.of(severity),
                    StoredJson.read(subject, Subject.class),
                    sinceAt,
                    openedAt,
                    text,
                    advice,
                    path,
                    announcedAt.map(at -> new Known.Announced(Severity.of(announcedSeverity.orElseThrow()), at)),
                    acknowledgedAt.map(at -> new Known.Acknowledged(
                            new Alert.Acknowledgement(
                                    at, acknowledgedBy.orElse(""), acknowledgedUntil, acknowledgedNote),
                            Severity.of(acknowledgedSeverity.orElseThrow()))));
        }

        /** Not of a pending one. */
        Alert alert() {
            return known().alert(resolvedAt);
        }
    }

    /** Pending conditions and open alerts. */
    @SqlQuery("SELECT * FROM alerts WHERE resolved_at IS NULL")
    List<Row> unresolved();

    /** Not a pending one. */
    @SqlQuery("SELECT * FROM alerts WHERE id = :id AND opened_at IS NOT NULL")
    Optional<Row> find(String id);

    @SqlBatch("""
            INSERT INTO alerts (id, key, kind, severity, host_id, subject_json, since_at, opened_at, resolved_at, text, advice,
                                path, announced_severity, announced_at, acknowledged_at, acknowledged_by,
                                acknowledged_severity, acknowledged_until, acknowledged_note)
            VALUES (:id, :key, :kind, :severity, :hostId, :subject, :sinceAt, :openedAt, :resolvedAt, :text, :advice,
                    :path, :announcedSeverity, :announcedAt, :acknowledgedAt, :acknowledgedBy,
                    :acknowledgedSeverity, :acknowledgedUntil, :acknowledgedNote)
            """)
    void insert(@BindMethods List<Row> row);

    /** Its key and since when it is pending or open find the row: a pending one gets a new id when it opens. */
    @SqlBatch("""
            UPDATE alerts
               SET id = :id, kind = :kind, severity = :severity, host_id = :hostId, subject_json = :subject,
                   since_at = :sinceAt, opened_at = :openedAt, resolved_at = :resolvedAt, text = :text, advice = :advice,
                   path = :path, announced_severity = :announcedSeverity, announced_at = :announcedAt,
                   acknowledged_at = :acknowledgedAt, acknowledged_by = :acknowledgedBy,
                   acknowledged_severity = :acknowledgedSeverity, acknowledged_until = :acknowledgedUntil,
                   acknowledged_note = :acknowledgedNote
             WHERE key = :key AND resolved_at IS NULL
            """)
    void update(@BindMethods List<Row> row);

    /** Pending ones only. */
    @SqlBatch("DELETE FROM alerts WHERE id = :id AND opened_at IS NULL")
    void delete(List<String> id);

    /** Opened last first, with ids lower than {@code before}. */
    default List<Row> list(AlertFilter filter, String before, int limit) {
        var conditions = new ArrayList<>(List.of("id < :before", "opened_at IS NOT NULL"));
        var values = new HashMap<String, Object>(Map.of("before", before));
        filter.state()
                .ifPresent(state -> conditions.add(
                        state == AlertFilter.State.OPEN ? "resolved_at IS NULL" : "+resolved_at IS NOT NULL"));
        filter.host().ifPresent(value -> {
            conditions.add("host_id = :hostId");
            values.put("hostId", value);
        });
        filter.kind().ifPresent(value -> {
            conditions.add("kind = :kind");
            values.put("kind", value.word());
        });
        filter.severity().ifPresent(value -> {
            conditions.add("severity = :severity");
            values.put("severity", value.word());
        });
        return listWhere(String.join(" AND ", conditions), values, limit);
    }

    /** @param conditions composed here only, without external input */
    @SqlQuery("SELECT * FROM alerts WHERE <conditions> ORDER BY id DESC LIMIT :limit")
    List<Row> listWhere(@Define String conditions, @BindMap Map<String, Object> values, int limit);

    @SqlUpdate("DELETE FROM alerts WHERE resolved_at < :before")
    void deleteResolved(Instant before);

    /** Keeps those that were resolved last. */
    @SqlUpdate("""
            DELETE FROM alerts
             WHERE id IN (SELECT id FROM alerts
                           WHERE resolved_at IS NOT NULL
                           ORDER BY resolved_at DESC
                           LIMIT -1 OFFSET :kept)
            """)
    void trimResolved(int kept);
}
