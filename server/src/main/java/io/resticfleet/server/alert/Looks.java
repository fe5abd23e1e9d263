package io.resticfleet.server.alert;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks all sources for their conditions. For use by one thread at a time. */
final class Looks {

    private static final Logger log = LoggerFactory.getLogger(Looks.class);

    private final List<ConditionSource> sources;
    private final Set<ConditionSource> failing = new HashSet<>();

    Looks(List<ConditionSource> sources) {
        this.sources = List.copyOf(sources);
    }

    /**
     * What is true now.
     *
     * @param unknown keys of which nothing can be told now
     * @param failed whether a source failed, so that nothing can be told of conditions that were not found
     */
    record Look(Map<AlertKey, Condition> conditions, Set<AlertKey> unknown, boolean failed) {

        /** Whether a condition with this key would have been found. */
        boolean knowsOf(AlertKey key) {
            return !failed && !unknown.contains(key);
        }
    }

    /** A source that fails, as its part of the database is damaged, does not keep the others from being asked. */
    Look look(Instant now) {
        var conditions = new HashMap<AlertKey, Condition>();
        var unknown = new HashSet<AlertKey>();
        boolean failed = false;
        for (var source : sources) {
            try {
                var findings = source.find(now);
                findings.conditions()
                        .forEach(condition -> conditions.merge(condition.key(), condition, Looks::moreSevere));
                unknown.addAll(findings.unknown());
                failing.remove(source);
            } catch (RuntimeException e) {
                failed = true;
                report(source, e);
            }
        }
        return new Look(conditions, unknown, failed);
    }

    private static Condition moreSevere(Condition first, Condition second) {
        return second.severity().compareTo(first.severity()) > 0 ? second : first;
    }

    private void report(ConditionSource source, RuntimeException e) {
        var name = source.getClass().getSimpleName();
        if (failing.add(source)) {
            log.error("looking for alerts failed, no alert is resolved until it works again source={}", name, e);
        } else {
            log.debug("looking for alerts still fails source={}", name, e);
        }
    }
}
