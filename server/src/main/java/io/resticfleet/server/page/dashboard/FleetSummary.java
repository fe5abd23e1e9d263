package io.resticfleet.server.page.dashboard;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.page.text.Figures;
import io.resticfleet.server.page.text.StateWords;
import io.resticfleet.server.status.HostState;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.status.Presence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether everything is backed up, in one sentence.
 *
 * @param tone one of {@code ok warn bad off}
 * @param reasons breakdown of the sentence, such as {@code 1 failed}
 * @param worst hosts that need attention, most severe first, at most five
 * @param next when the next backup of any host is due
 * @param badge number of hosts and other things that need attention
 * @param needing number of hosts that need attention
 */
record FleetSummary(
        String tone,
        String sentence,
        List<String> reasons,
        List<Named> worst,
        Optional<Instant> next,
        int badge,
        int needing) {

    private static final int MAX_NAMED = 5;

    record Named(HostId id, String name, String words) {}

    static FleetSummary of(List<HostStatus> hosts) {
        var counts = new EnumMap<HostState, Integer>(HostState.class);
        hosts.forEach(host -> counts.merge(host.state(), 1, Integer::sum));
        var needing =
                hosts.stream().filter(host -> host.state().needsAttention()).toList();
        var next = hosts.stream().flatMap(host -> host.nextBackup().stream()).min(Comparator.naturalOrder());
        return new FleetSummary(
                tone(hosts, counts),
                sentence(hosts, needing.size(), counts),
                needing.isEmpty() ? List.of() : reasons(counts),
                needing.stream()
                        .sorted(Comparator.comparing(HostStatus::state))
                        .limit(MAX_NAMED)
                        .map(host -> new Named(
                                host.host().id(),
                                host.host().name(),
                                StateWords.of(host).toLowerCase(java.util.Locale.ROOT)))
                        .toList(),
                next,
                needing.size(),
                needing.size());
    }

    /** This with other problems, so that nothing is green above them. */
    FleetSummary with(Problems others) {
        if (others.problems().isEmpty()) {
            return this;
        }
        int count = others.problems().size();
        return new FleetSummary(
                tone.equals("bad") ? tone : others.tone(),
                sentence + ", " + Figures.count(count, "other problem", "other problems"),
                reasons,
                worst,
                next,
                badge + count,
                needing);
    }

    private static String tone(List<HostStatus> hosts, Map<HostState, Integer> counts) {
        return counts.keySet().stream()
                .min(Comparator.naturalOrder())
                .map(StateWords::tone)
                .orElse("off");
    }

    private static String sentence(List<HostStatus> hosts, int needing, Map<HostState, Integer> counts) {
        int all = hosts.size();
        if (all == 0) {
            return "No machines yet";
        }
        if (needing > 0) {
            return needing == 1 ? "1 machine needs attention" : Figures.count(needing) + " machines need attention";
        }
        int waiting = counts.getOrDefault(HostState.WAITING, 0);
        int offline = counts.getOrDefault(HostState.OFFLINE, 0);
        if (waiting == all) {
            return all == 1
                    ? "1 machine is waiting for its first backup"
                    : Figures.count(all) + " machines are waiting for their first backup";
        }
        int paused = counts.getOrDefault(HostState.PAUSED, 0);
        if (paused == all) {
            return all == 1 ? "1 machine is paused" : "All " + Figures.count(all) + " machines are paused";
        }
        int backedUpCount = all - waiting - paused;
        var backedUp = backedUpCount < all
                ? Figures.count(backedUpCount) + " of " + Figures.count(all, "machine", "machines") + " backed up"
                        + (waiting == 0 ? "" : ", " + Figures.count(waiting) + " waiting for the first backup")
                        + (paused == 0 ? "" : ", " + Figures.count(paused) + " paused")
                : all == 1 ? "1 machine backed up" : "All " + Figures.count(all) + " machines backed up";
        long awaited = hosts.stream()
                .filter(host -> host.presence() == Presence.AWAITED)
                .count();
        return backedUp
                + (offline == 0 ? "" : ", " + Figures.count(offline) + " offline")
                + (awaited == 0 ? "" : ", " + Figures.count(awaited) + " not reconnected since the server started");
    }

    private static List<String> reasons(Map<HostState, Integer> counts) {
        var reasons = new ArrayList<String>();
        counts.forEach((state, count) -> {
            if (state.needsAttention()) {
                reasons.add(Figures.count(count) + " "
                        + switch (state) {
                            case FAILED -> "failed";
                            case MISSED -> "missed";
                            case DRILL_FAILED -> "with a failed drill";
                            case CLONED -> "cloned";
                            case NEVER_SEEN -> "never connected";
                            case REFUSED -> "with rejected schedules";
                            case PARTIAL -> "backed up in part";
                            case UNUSUAL -> "with an unusual backup";
                            case UNPROTECTED -> "without a backup schedule";
                            default -> "not backed up yet";
                        });
            }
        });
        return reasons;
    }
}
