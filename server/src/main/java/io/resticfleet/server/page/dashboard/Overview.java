package io.resticfleet.server.page.dashboard;

import io.resticfleet.server.live.Versioned;
import io.resticfleet.server.page.host.DivergenceNote;
import io.resticfleet.server.status.FleetStatus;

/** The data that all dashboards share, computed once for each status of the fleet. Safe for use by many threads. */
final class Overview {

    private final FleetStatus fleet;
    private final HostLists lists;
    private final Versioned<FleetSummary> summary;
    private final Versioned<DivergenceNote> divergence;
    private final Versioned<WorstRecoveries> recovery;
    private final Versioned<Dashboard.Activity> activity;

    Overview(
            FleetStatus fleet,
            HostLists lists,
            DivergenceNote divergence,
            WorstRecoveries recovery,
            Dashboard.Activity activity) {
        this.recovery = Versioned.of(recovery);
        this.fleet = fleet;
        this.lists = lists;
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

    HostLists lists() {
        return lists;
    }

    Versioned<FleetSummary> summary() {
        return summary;
    }

    Versioned<DivergenceNote> divergence() {
        return divergence;
    }

    Versioned<WorstRecoveries> recovery() {
        return recovery;
    }

    Versioned<Dashboard.Activity> activity() {
        return activity;
    }
}
