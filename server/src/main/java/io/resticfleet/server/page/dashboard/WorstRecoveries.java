package io.resticfleet.server.page.dashboard;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.drill.HostRecovery;
import io.resticfleet.server.status.FleetStatus;
import java.util.List;
import java.util.Map;

/**
 * What would be lost if a machine died now, worst first.
 *
 * @param more number of the machines that are not listed
 * @param unproven number of all machines of which no restore was ever proven
 */
record WorstRecoveries(List<Line> lines, int more, int unproven) {

    private static final int MOST = 5;

    record Line(HostId id, String name, HostRecovery recovery) {}

    static WorstRecoveries of(FleetStatus fleet, Map<HostId, HostRecovery> recoveries) {
        var found = recoveries.values().stream()
                .sorted(HostRecovery.WORST_FIRST.thenComparing(
                        recovery -> recovery.hostId().value()))
                .toList();
        var lines = found.stream()
                .limit(MOST)
                .flatMap(recovery -> fleet
                        .find(recovery.hostId())
                        .map(status -> new Line(recovery.hostId(), status.host().name(), recovery))
                        .stream())
                .toList();
        return new WorstRecoveries(lines, found.size() - lines.size(), (int)
                found.stream().filter(recovery -> recovery.proven().isEmpty()).count());
    }
}
