package io.resticfleet.server;

import io.resticfleet.server.alert.SampleAlerts;
import java.util.Map;

/** Calls of the routes of alerts, and of what shows them elsewhere, against their description. */
final class DescribedAlerts {

    private DescribedAlerts() {}

    static void alerts(TestServer server, DescribedApi api) throws Exception {
        SampleAlerts.addTo(server, SampleAlerts.DAMAGED);
        api.get("/api/alerts?state=open&severity=warning&limit=2");
        api.get("/api/alerts?state=closed");
        api.get("/api/alerts/{alert}", SampleAlerts.OFFLINE);
        api.get("/api/alerts/{alert}", SampleAlerts.FAILED);
        api.get("/api/alerts/{alert}", "unknown");
        var body = Map.of("until", "2026-04-01T00:00:00Z", "note", "known");
        api.post("/api/alerts/{alert}/acknowledge", body, SampleAlerts.OFFLINE);
        api.post("/api/alerts/{alert}/acknowledge", "", SampleAlerts.OFFLINE);
        api.post("/api/alerts/{alert}/acknowledge", Map.of("note", "x".repeat(501)), SampleAlerts.OFFLINE);
        api.post("/api/alerts/{alert}/acknowledge", "", SampleAlerts.FAILED);
        api.call("DELETE", "/api/alerts/{alert}/acknowledge", "", SampleAlerts.OFFLINE);
        server.stop();
        server.start();
    }

    /** Badges, the feed and the watchdog. */
    static void outside(DescribedApi api) throws Exception {
        api.get("/api/summary");
        api.get("/api/badges");
        api.post("/api/badges/renew", "");
        api.get("/badge/{host}.svg?key=" + key(api.get("/api/badges")), "fleet");
        api.get("/badge/{host}.svg", "fleet");
        api.get("/api/feed");
        api.post("/api/feed/renew", "");
        api.get("/alerts.atom?key=" + key(api.get("/api/feed")));
        api.get("/alerts.atom");
        api.get("/api/watchdog");
        api.call("PUT", "/api/watchdog", Map.of("ping_url", "http://127.0.0.1:1/ping", "every_seconds", 60));
        api.call("PUT", "/api/watchdog", Map.of("ping_url", "ftp://127.0.0.1"));
        api.call("DELETE", "/api/watchdog", "");
    }

    private static String key(ApiResponse shared) {
        return shared.at("/url").replaceAll(".*key=", "");
    }
}
