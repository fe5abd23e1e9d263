package io.resticfleet.server.summary;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.alert.Alert;
import io.resticfleet.server.alert.AlertKind;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.alert.Subject;
import io.resticfleet.server.status.FleetStatus;
import io.resticfleet.server.status.HostStatus;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Which hosts need attention: those whose status says so, and those with an open alert that is more than information. */
public final class Health {

    private final FleetStatus status;
    private final Map<HostId, Set<AlertKind>> alerts;

    private Health(FleetStatus status, Map<HostId, Set<AlertKind>> alerts) {
        this.status = status;
        this.alerts = alerts;
    }

    /** @param open alerts */
    public static Health of(FleetStatus status, List<Alert> open) {
        return new Health(
                status,
                open.stream()
                        .filter(alert -> alert.severity().compareTo(Severity.WARNING) >= 0)
                        .filter(alert -> alert.subject().host().isPresent())
                        .collect(Collectors.groupingBy(
                                alert -> alert.subject()
                                        .host()
                                        .map(Subject.Named::id)
                                        .orElseThrow(),
                                Collectors.mapping(Alert::kind, Collectors.toSet()))));
    }

    public int ok() {
        return (int) status.hosts().stream().filter(this::good).count();
    }

    public int needingAttention() {
        return (int) status.hosts().stream().filter(this::needsAttention).count();
    }

    boolean good(HostStatus host) {
        return host.state().good() && !needsAttention(host);
    }

    boolean needsAttention(HostStatus host) {
        return host.state().needsAttention() || alerts.containsKey(host.host().id());
    }

    boolean has(HostStatus host, AlertKind kind) {
        return alerts.getOrDefault(host.host().id(), Set.of()).contains(kind);
    }
}
