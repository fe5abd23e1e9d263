package io.resticfleet.server.page.dashboard;

import io.resticfleet.server.live.Versioned;
import io.resticfleet.server.page.host.DivergenceNote;
import io.resticfleet.server.status.FleetStatus;
import io.resticfleet.server.status.HostStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The data that all dashboards share, computed once for each status of the fleet. Safe for use by many threads. */
final class Overview {

    /** Bounds the cache, as filters contain typed text. */
    private static final int MAX_FILTERS = 20;

    private final FleetStatus fleet;
    private final List<HostStatus> worstFirst;
    private final List<String> tags;
    private final Versioned<FleetSummary> summary;
    private final Versioned<DivergenceNote> divergence;
    private final Versioned<Dashboard.Activity> activity;
    private final Map<HostFilter, Matching> matching = new ConcurrentHashMap<>();

    /**
     * The hosts that match a filter, worst state first.
     *
     * @param version changes when other hosts match
     */
    record Matching(List<HostStatus> hosts, String version) {}

    Overview(FleetStatus fleet, DivergenceNote divergence, Dashboard.Activity activity) {
        this.fleet = fleet;
        this.worstFirst = fleet.hosts().stream()
                .sorted(Comparator.comparing(HostStatus::state)
                        .thenComparing(status -> status.host().name(), String.CASE_INSENSITIVE_ORDER))
                .toList();
        this.tags = fleet.hosts().stream()
                .flatMap(status -> status.schedules().stream())
                .flatMap(schedule -> schedule.tags().stream())
                .distinct()
                .sorted()
                .toList();
        this.summary = Versioned.of(FleetSummary.of(fleet.hosts()));
        this.divergence = Versioned.of(divergence);
        this.activity = Versioned.of(activity);
    }

    boolean isOf(FleetStatus status) {
        return fleet == status;
    }

    FleetStatus fleet() {
        return fleet;
    }

    /** The tags of all schedules, sorted. */
    List<String> tags() {
        return tags;
    }

    Versioned<FleetSummary> summary() {
        return summary;
    }

    Versioned<DivergenceNote> divergence() {
        return divergence;
    }

    Versioned<Dashboard.Activity> activity() {
        return activity;
    }

    Matching matching(HostFilter filter) {
        if (matching.size() >= MAX_FILTERS && !matching.containsKey(filter)) {
            return find(filter);
        }
        return matching.computeIfAbsent(filter, this::find);
    }

    private Matching find(HostFilter filter) {
        var hosts = worstFirst.stream().filter(filter::matches).toList();
        var ids = hosts.stream().map(status -> status.host().id()).sorted().toList();
        return new Matching(hosts, Versioned.of(filter + " " + ids).version());
    }
}
