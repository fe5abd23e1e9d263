package io.resticfleet.server;

import io.resticfleet.server.alert.AlertListener;
import io.resticfleet.server.alert.AlertRoutes;
import io.resticfleet.server.alert.Alerts;
import io.resticfleet.server.alert.ConditionSource;
import io.resticfleet.server.alert.Silences;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Site;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;

/** The features that tell people what is wrong, created and connected: they read all others, and none of those knows them. */
final class Alerting {

    final Alerts alerts;
    private final Site site;
    private final ScheduledExecutorService thread = Maintenance.thread("alerts");

    Alerting(Features all, Database db, InstantSource clock) {
        site = all.site;
        Silences silences = (hostId, now) -> false;
        List<ConditionSource> sources = List.of();
        List<AlertListener> listeners = List.of();
        alerts = new Alerts(db, all.audit, silences, sources, listeners, clock);
    }

    void install(Routes routes) {
        new AlertRoutes(alerts, site).install(routes);
    }

    List<Maintenance.Task> tasks() {
        return List.of(
                new Maintenance.Task("alerts", thread, Alerts.EVERY, alerts::check),
                new Maintenance.Task("alert-expiry", thread, Duration.ofHours(1), alerts::expire));
    }
}
