package io.resticfleet.server;

import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.metrics.Metrics;
import io.resticfleet.server.metrics.MetricsRoutes;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Connects the figures for Prometheus with the features that they are of. */
final class MetricsSetup {

    private MetricsSetup() {}

    /**
     * @param alerts number of open alerts by severity
     * @param undelivered number of messages that wait for their delivery to channels
     */
    static MetricsRoutes routes(
            Features all,
            Database db,
            InstantSource clock,
            Supplier<Map<Severity, Integer>> alerts,
            LongSupplier undelivered) {
        return new MetricsRoutes(new Metrics(db, all.fleet, all.agents, alerts, undelivered, clock));
    }
}
