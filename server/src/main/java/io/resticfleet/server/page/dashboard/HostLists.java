package io.resticfleet.server.page.dashboard;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.live.Versioned;
import io.resticfleet.server.schedule.ScheduleBrief;
import io.resticfleet.server.status.FleetStatus;
import io.resticfleet.server.status.HostStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The order of the hosts, and which of them match a filter. Kept while hosts change in nothing that matters for it: most
 * changes of a host are of its jobs. Safe for use by many threads.
 */
final class HostLists {

    /** Bounds the cache, as filters contain typed text. */
    private static final int MAX_FILTERS = 20;

    /** Of the latest status. */
    private final List<HostStatus> hosts;

    /** Of the status that the lists were made from. */
    private final List<HostStatus> worstFirst;

    private final List<String> tags;
    private final Map<HostFilter, Matching> matching;

    /**
     * The hosts that match a filter, worst state first.
     *
     * @param ids of the hosts
     * @param version changes when other hosts match
     */
    record Matching(List<HostId> ids, String version) {}

    private HostLists(
            List<HostStatus> hosts,
            List<HostStatus> worstFirst,
            List<String> tags,
            Map<HostFilter, Matching> matching) {
        this.hosts = hosts;
        this.worstFirst = worstFirst;
        this.tags = tags;
        this.matching = matching;
    }

    static HostLists of(FleetStatus fleet) {
        var hosts = fleet.hosts();
        return new HostLists(
                hosts,
                hosts.stream()
                        .sorted(Comparator.comparing(HostStatus::state)
                                .thenComparing(status -> status.host().name(), String.CASE_INSENSITIVE_ORDER))
                        .toList(),
                hosts.stream()
                        .flatMap(status -> status.schedules().stream())
                        .flatMap(schedule -> schedule.tags().stream())
                        .distinct()
                        .sorted()
                        .toList(),
                new ConcurrentHashMap<>());
    }

    /** The lists of a later status. */
    HostLists after(FleetStatus fleet) {
        return areListedAlike(hosts, fleet.hosts())
                ? new HostLists(fleet.hosts(), worstFirst, tags, matching)
                : of(fleet);
    }

    private static boolean areListedAlike(List<HostStatus> before, List<HostStatus> now) {
        boolean alike = before.size() == now.size();
        for (int i = 0; alike && i < now.size(); i++) {
            alike = isListedAlike(before.get(i), now.get(i));
        }
        return alike;
    }

    /** Compares whatever the order, the tags or a {@link HostFilter} depends on. */
    private static boolean isListedAlike(HostStatus before, HostStatus now) {
        return before == now
                || before.host().id().equals(now.host().id())
                        && before.host().name().equals(now.host().name())
                        && before.host().hostname().equals(now.host().hostname())
                        && before.state() == now.state()
                        && before.presence() == now.presence()
                        && tags(before).equals(tags(now));
    }

    private static List<List<String>> tags(HostStatus status) {
        return status.schedules().stream().map(ScheduleBrief::tags).toList();
    }

    /** The tags of all schedules, sorted. */
    List<String> tags() {
        return tags;
    }

    Matching matching(HostFilter filter) {
        var known = matching.get(filter);
        if (known != null) {
            return known;
        }
        var found = find(filter);
        if (matching.size() >= MAX_FILTERS) {
            matching.clear();
        }
        matching.put(filter, found);
        return found;
    }

    private Matching find(HostFilter filter) {
        var ids = worstFirst.stream()
                .filter(filter::matches)
                .map(status -> status.host().id())
                .toList();
        return new Matching(
                ids, Versioned.of(filter + " " + ids.stream().sorted().toList()).version());
    }
}
