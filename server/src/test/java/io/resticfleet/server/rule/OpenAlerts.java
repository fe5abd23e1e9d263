package io.resticfleet.server.rule;

import io.resticfleet.server.TestServer;
import java.util.ArrayList;
import java.util.List;

/** What the list of alerts shows after a look. */
record OpenAlerts(TestServer server) {

    /** Looks, with a fresh copy of the database; each as {@code backup_failed warning}. */
    List<String> look() throws Exception {
        server.maintenance().copyDatabase();
        server.maintenance().checkAlerts();
        var kinds = listed("kind");
        var severities = listed("severity");
        var found = new ArrayList<String>();
        for (int i = 0; i < kinds.size(); i++) {
            found.add(kinds.get(i) + " " + severities.get(i));
        }
        return found;
    }

    /** A field of each, without another look. */
    List<String> listed(String field) throws Exception {
        var found = new ArrayList<String>();
        server.api()
                .get("/api/alerts?state=open")
                .json()
                .at("/items")
                .forEach(alert -> found.add(alert.at("/" + field).asText()));
        return found;
    }
}
