package io.resticfleet.server.page;

import static io.resticfleet.server.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.resticfleet.server.TestServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/**
 * What people are told of a {@link SampleFleet}: its alerts, open and resolved, and channels that work, fail, and were never
 * used.
 *
 * @param failing path of a channel whose messages do not arrive
 */
record SampleAlerting(String failing) {

    static SampleAlerting on(TestServer server, SampleFleet fleet) throws Exception {
        addPast(server, fleet);
        var receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        receiver.start();
        try {
            var works = channel(
                    server,
                    Map.of(
                            "name", "Anna's telephone",
                            "kind", "ntfy",
                            "config",
                                    Map.of(
                                            "url",
                                            "http://127.0.0.1:"
                                                    + receiver.getAddress().getPort(),
                                            "topic",
                                            "backups-of-anna")));
            var fails = channel(
                    server,
                    Map.of(
                            "name", "office chat",
                            "kind", "webhook",
                            "min_severity", "critical",
                            "tags", List.of("server"),
                            "config", Map.of("url", "http://127.0.0.1:9/hook")));
            server.api().post("/api/channels/" + works + "/test", "");
            server.api().post("/api/channels/" + fails + "/test", "");
            channel(
                    server,
                    Map.of(
                            "name", "weekly mail",
                            "kind", "email",
                            "digest", "weekly",
                            "config",
                                    Map.of(
                                            "host", "mail.example.org",
                                            "port", 587,
                                            "security", "starttls",
                                            "from", "backups@example.org",
                                            "to", List.of("anna@example.org", "ben@example.org"))));
            server.maintenance().checkMissedRunsAt(server.now());
            server.maintenance().copyDatabase();
            server.maintenance().checkAlerts();
            var alert = server.api()
                    .get("/api/alerts?state=open&kind=schedules_refused")
                    .at("/items/0/id");
            server.api()
                    .post(
                            "/api/alerts/" + alert + "/acknowledge",
                            Map.of(
                                    "note",
                                    "Ben installs tzdata there tomorrow",
                                    "until",
                                    server.now().plusSeconds(86_400).toString()));
            server.api().post("/api" + fleet.host("git") + "/pause", Map.of("reason", "gets new disks"));
            server.maintenance().checkAlerts();
            eventually(() -> assertThat(
                            server.sql(
                                    "SELECT id FROM delivery_attempts a JOIN deliveries d ON d.id = delivery_id WHERE ok IS NULL"))
                    .hasSize(0));
            return new SampleAlerting("/channels/" + fails);
        } finally {
            receiver.stop(0);
        }
    }

    private static String channel(TestServer server, Map<String, ?> body) throws Exception {
        return server.api().post("/api/channels", body).at("/id");
    }

    /** Alerts of the last days that are over. */
    private static void addPast(TestServer server, SampleFleet fleet) throws Exception {
        resolved(
                server,
                fleet,
                1,
                "laptop-ben",
                "backup_missed",
                "warning",
                30,
                4,
                "Backup \"nightly\" of laptop-ben was missed: the machine was asleep.");
        resolved(server, fleet, 2, "nas", "host_offline", "warning", 75, 2, "nas is offline.");
        resolved(
                server,
                fleet,
                3,
                "web",
                "backup_failed",
                "warning",
                130,
                11,
                "Backup \"nightly\" of web failed: the repository is not reachable.");
    }

    private static void resolved(
            TestServer server,
            SampleFleet fleet,
            int number,
            String host,
            String kind,
            String severity,
            int hoursAgo,
            int hours,
            String text)
            throws Exception {
        var id = fleet.host(host).replaceFirst(".*/", "");
        long since = server.now().minusSeconds(hoursAgo * 3_600L).toEpochMilli();
        server.sql("""
                INSERT INTO alerts (id, key, kind, severity, host_id, subject_json, since_at, opened_at, resolved_at, text,
                                    advice, path)
                VALUES ('01J0000000000000000000000%d', 'past/%d', '%s', '%s', '%s',
                        '{"host":{"id":"%s","name":"%s"},"concerns":["%s"],"tags":[]}', %d, %d, %d, '%s', '', '/hosts/%s')
                """.formatted(
                        9 - number,
                        number,
                        kind,
                        severity,
                        id,
                        id,
                        host,
                        id,
                        since,
                        since,
                        since + hours * 3_600_000L,
                        text,
                        id));
    }
}
