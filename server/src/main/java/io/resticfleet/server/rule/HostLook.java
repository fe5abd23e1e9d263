package io.resticfleet.server.rule;

import io.resticfleet.server.alert.AlertKey;
import io.resticfleet.server.alert.AlertKind;
import io.resticfleet.server.alert.Condition;
import io.resticfleet.server.alert.Findings;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.alert.Subject;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.status.Presence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What one look at all hosts finds. */
final class HostLook {

    /** How long after a connection nothing is known of what the agent is to report first. */
    static final Duration SETTLING = Duration.ofMinutes(2);

    private final Instant now;
    private final FirstSeen firstSeen;
    private final List<Condition> conditions = new ArrayList<>();
    private final Set<AlertKey> unknown = new HashSet<>();

    HostLook(Instant now, FirstSeen firstSeen) {
        this.now = now;
        this.firstSeen = firstSeen;
        firstSeen.begin();
    }

    Instant now() {
        return now;
    }

    void add(Condition condition) {
        conditions.add(condition);
    }

    void unknown(HostStatus status, String aspect) {
        unknown.add(AlertKey.host(status.host().id(), aspect));
    }

    Findings findings() {
        return new Findings(conditions, unknown);
    }

    /** A condition that is true since the first look that found it. */
    Draft draft(WatchedHost host, String aspect, AlertKind kind, Severity severity) {
        return draft(host, aspect, kind, severity, firstSeen(host.status(), aspect));
    }

    /** @param since now, if it is later: a host's clock may be ahead */
    Draft draft(WatchedHost host, String aspect, AlertKind kind, Severity severity, Instant since) {
        var known = host.status().host();
        return new Draft(
                AlertKey.host(known.id(), aspect),
                kind,
                severity,
                new Subject(
                        Optional.of(new Subject.Named<>(known.id(), known.name())),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(known.id()),
                        host.tags()),
                since.isAfter(now) ? now : since);
    }

    /** Whether the agent is connected for so long that it has reported what it reports first. */
    boolean settled(HostStatus status) {
        return status.presence() == Presence.ONLINE
                && !firstSeen(status, "online").plus(SETTLING).isAfter(now);
    }

    private Instant firstSeen(HostStatus status, String aspect) {
        return firstSeen.of(AlertKey.host(status.host().id(), aspect), now);
    }
}
