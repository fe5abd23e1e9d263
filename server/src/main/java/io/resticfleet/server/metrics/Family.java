package io.resticfleet.server.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * One metric with its values, while they are collected. A value that is not known is left out. Used by one thread.
 *
 * @param <P> the library's value with labels
 */
final class Family<P> {

    private static final String PREFIX = "restic_fleet_";

    private final MetricMetadata metadata;
    private final BiFunction<Double, Labels, P> point;
    private final BiFunction<MetricMetadata, List<P>, MetricSnapshot> snapshot;
    private final List<P> points = new ArrayList<>();

    private Family(
            String name,
            String help,
            BiFunction<Double, Labels, P> point,
            BiFunction<MetricMetadata, List<P>, MetricSnapshot> snapshot) {
        this.metadata = new MetricMetadata(PREFIX + name, help);
        this.point = point;
        this.snapshot = snapshot;
    }

    /** @param name without the prefix {@code restic_fleet_} */
    static Family<GaugeDataPointSnapshot> gauge(String name, String help) {
        return new Family<>(
                name, help, (value, labels) -> new GaugeDataPointSnapshot(value, labels, null), GaugeSnapshot::new);
    }

    /** @param name without the prefix {@code restic_fleet_} and the suffix {@code _total} */
    static Family<CounterDataPointSnapshot> counter(String name, String help) {
        return new Family<>(
                name,
                help,
                (value, labels) -> new CounterDataPointSnapshot(value, labels, null, 0),
                CounterSnapshot::new);
    }

    /** @param name without the prefix {@code restic_fleet_} and the suffix {@code _info} */
    static Family<InfoDataPointSnapshot> info(String name, String help) {
        return new Family<>(name, help, (value, labels) -> new InfoDataPointSnapshot(labels), InfoSnapshot::new);
    }

    Family<P> add(Labels labels, double value) {
        points.add(point.apply(value, labels));
        return this;
    }

    Family<P> add(double value) {
        return add(Labels.EMPTY, value);
    }

    void add(Labels labels, boolean yes) {
        add(labels, yes ? 1 : 0);
    }

    void add(Labels labels, Optional<? extends Number> value) {
        value.ifPresent(number -> add(labels, number.doubleValue()));
    }

    /** In seconds since 1970. */
    void addTime(Labels labels, Optional<Instant> at) {
        at.ifPresent(time -> add(labels, time.toEpochMilli() / 1000.0));
    }

    MetricSnapshot snapshot() {
        return snapshot.apply(metadata, points);
    }
}
