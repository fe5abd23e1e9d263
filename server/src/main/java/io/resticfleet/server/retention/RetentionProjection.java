package io.resticfleet.server.retention;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.RetentionPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/**
 * What a policy would have kept until now, had a schedule run at each of its due times for some time.
 *
 * @param days for how long
 * @param runs newest first
 */
public record RetentionProjection(int days, List<Run> runs) {

    /** As far back as leaves no more runs than this. */
    private static final int MOST = 10_000;

    private static final List<Integer> DAYS = List.of(366 * 2, 366, 90, 30, 6);

    /** @param reasons why it would still be there; empty if it would not */
    public record Run(Instant at, List<String> reasons) {}

    public static RetentionProjection of(RetentionPolicy policy, CronExpression cron, ZoneId zone, Instant now) {
        for (int days : DAYS) {
            var times = dueTimes(cron, zone, now.minus(Duration.ofDays(days)), now);
            if (times.size() <= MOST) {
                return new RetentionProjection(days, runs(policy, zone, times, now));
            }
        }
        return new RetentionProjection(0, List.of());
    }

    /** Oldest first; more than {@link #MOST} if there are too many. */
    private static List<Instant> dueTimes(CronExpression cron, ZoneId zone, Instant from, Instant until) {
        var times = new ArrayList<Instant>();
        for (var next = cron.next(from, zone);
                next.filter(until::isAfter).isPresent() && times.size() <= MOST;
                next = cron.next(next.get(), zone)) {
            times.add(next.get());
        }
        return times;
    }

    private static List<Run> runs(RetentionPolicy policy, ZoneId zone, List<Instant> times, Instant now) {
        var dated = new HashMap<Instant, KeepTiers.Dated>();
        times.forEach(at -> dated.put(at, new KeepTiers.Dated(at.toString(), at)));
        var kept = new KeepTiers(policy, zone).keep(dated.values(), now);
        var floor = RemovalFloor.DEFAULT;
        var runs = new ArrayList<Run>();
        for (int i = times.size() - 1; i >= 0; i--) {
            var at = times.get(i);
            boolean least = runs.size() < floor.count() || at.isAfter(now.minus(floor.age()));
            var reasons =
                    Optional.ofNullable(kept.get(at.toString())).orElse(least ? List.of("least kept") : List.of());
            runs.add(new Run(at, reasons));
        }
        return List.copyOf(runs);
    }
}
