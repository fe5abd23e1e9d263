package io.resticfleet.server.alert;

import io.resticfleet.server.TestServer;
import java.time.Duration;

/** Alerts in the database of a server. */
public final class SampleAlerts {

    /** Of an open critical one. */
    public static final String DAMAGED = "01J00000000000000000000003";

    /** Of an open warning, which opened before. */
    public static final String OFFLINE = "01J00000000000000000000002";

    /** Of one that was resolved before that. */
    public static final String FAILED = "01J00000000000000000000001";

    /** Of a condition that is true for less than its grace. */
    public static final String PENDING = "01J00000000000000000000004";

    private SampleAlerts() {}

    /**
     * Starts a server again with four alerts. Its timers stand still, so that it does not find out that none of their
     * conditions is true.
     */
    public static void addTo(TestServer server, String hostId) throws Exception {
        server.stop();
        var host = "{\"host\":{\"id\":\"" + hostId + "\",\"name\":\"web\"},\"repository\":null,\"schedule\":null,"
                + "\"concerns\":[\"" + hostId + "\"],\"tags\":[]}";
        var none = "{\"host\":null,\"repository\":null,\"schedule\":null,\"concerns\":[],\"tags\":[]}";
        insert(server, FAILED, "host_disk_full", "warning", "'" + hostId + "'", host, "2000", "3000");
        insert(server, OFFLINE, "host_offline", "warning", "'" + hostId + "'", host, "2000", "NULL");
        insert(server, DAMAGED, "server_database_damaged", "critical", "NULL", none, "3000", "NULL");
        insert(server, PENDING, "server_disk_full", "critical", "NULL", none, "NULL", "NULL");
        server.clock().advance(Duration.ofSeconds(1)); // ids of one millisecond have an order within one server only
        server.start();
        server.maintenance().stopTimers();
    }

    private static void insert(
            TestServer server,
            String id,
            String kind,
            String severity,
            String hostId,
            String subject,
            String openedAt,
            String resolvedAt)
            throws Exception {
        server.sql(
                "INSERT INTO alerts (id, key, kind, severity, host_id, subject_json, since_at, opened_at, resolved_at,"
                        + " text, advice, path) VALUES ('" + id + "', 'sample/" + kind + "', '" + kind + "', '"
                        + severity + "', "
                        + hostId + ", '" + subject + "', 1000, " + openedAt + ", " + resolvedAt
                        + ", 'Something is wrong.', 'Mend it.', '/hosts/new')");
    }
}
