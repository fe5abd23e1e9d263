package io.resticfleet.server.retention;

import io.resticfleet.server.retention.KeepTiers.Dated;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Which snapshots of a schedule to keep. An unproven one can be kept, but displaces none: all that the policy keeps without
 * them is kept too. The same holds for both times at which a snapshot can count.
 */
interface KeepRule {

    /** The rule as it is used. */
    KeepRule STANDARD = KeepRule::standard;

    /**
     * Reasons by the ids of snapshots to keep.
     *
     * @param bound the bound snapshots of the newest complete listing that count
     * @param unknown those that do not count
     */
    Map<String, List<String>> keep(
            KeepTiers tiers, Collection<Binding> bound, Collection<Sighting> unknown, Instant now);

    private static Map<String, List<String>> standard(
            KeepTiers tiers, Collection<Binding> bound, Collection<Sighting> unknown, Instant now) {
        var sure = bound.stream().filter(binding -> binding.trust().displaces()).toList();
        var unproven =
                bound.stream().filter(binding -> !binding.trust().displaces()).toList();
        var kept = new HashMap<String, List<String>>();
        for (var time :
                List.<Function<Binding, Instant>>of(binding -> binding.slot().at(), Binding::start)) {
            add(kept, tiers.keep(dated(sure, time), dated(unproven, time), now));
            if (!unproven.isEmpty()) {
                add(kept, tiers.keep(dated(bound, time), now));
            }
        }
        return kept;
    }

    private static List<Dated> dated(Collection<Binding> bindings, Function<Binding, Instant> time) {
        return bindings.stream()
                .map(binding -> new Dated(binding.snapshotId(), time.apply(binding)))
                .toList();
    }

    private static void add(Map<String, List<String>> kept, Map<String, List<String>> more) {
        more.forEach((id, reasons) -> kept.merge(id, reasons, (some, others) -> {
            var all = new ArrayList<>(some);
            others.stream().filter(reason -> !some.contains(reason)).forEach(all::add);
            return all;
        }));
    }
}
