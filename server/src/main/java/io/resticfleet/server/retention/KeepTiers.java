package io.resticfleet.server.retention;

import io.resticfleet.protocol.RetentionPolicy;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.IsoFields;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;

/**
 * The snapshots that a policy keeps, as restic since 0.17 computes it: newest first, in each tier the newest of each of the
 * last buckets, and the oldest of all where a tier is not full. restic 0.14 keeps no oldest, so this keeps more.
 *
 * @param zone of the hours, days, weeks, months and years
 * @see <a href="https://github.com/restic/restic/blob/v0.18.0/internal/restic/snapshot_policy.go">restic's code</a>
 */
record KeepTiers(RetentionPolicy policy, ZoneId zone) {

    private static final String NO_POLICY = "policy is empty";

    private static final Comparator<Dated> NEWEST_FIRST =
            Comparator.comparing(Dated::at).thenComparing(Dated::snapshotId).reversed();

    private static final Pattern WITHIN = Pattern.compile("(?:(\\d+)y)?(?:(\\d+)m)?(?:(\\d+)d)?(?:(\\d+)h)?");

    /** A snapshot, at the time at which it counts. */
    record Dated(String snapshotId, Instant at) {}

    /**
     * The snapshots to keep, with restic's words for the reasons, such as {@code daily snapshot}.
     *
     * @param now snapshots in the future do not move the time from which {@code keep_within} keeps all
     */
    Map<String, List<String>> keep(Collection<Dated> snapshots, Instant now) {
        return keep(snapshots, List.of(), now);
    }

    /**
     * The same, and those of some others that the policy would keep if only that one were there as well.
     *
     * @param beside never displace another snapshot
     */
    Map<String, List<String>> keep(Collection<Dated> counting, Collection<Dated> beside, Instant now) {
        var others = new ArrayList<>(beside);
        others.sort(NEWEST_FIRST);
        var walk = new Walk(since(counting, now));
        var left = new ArrayList<>(counting);
        left.sort(NEWEST_FIRST);
        int next = 0;
        for (int i = 0; i < left.size(); i++) {
            var snapshot = left.get(i);
            while (next < others.size() && NEWEST_FIRST.compare(others.get(next), snapshot) < 0) {
                walk.look(others.get(next++), Position.INNER);
            }
            walk.count(snapshot, i == left.size() - 1 ? Position.OLDEST : Position.INNER);
        }
        others.subList(next, others.size()).forEach(snapshot -> walk.look(snapshot, Position.OLDEST));
        return walk.kept;
    }

    /** After this all are kept; absent if {@code keep_within} keeps none. */
    private Optional<Instant> since(Collection<Dated> snapshots, Instant now) {
        return policy.keepWithin()
                .map(text -> snapshots.stream()
                        .map(Dated::at)
                        .filter(now::isAfter)
                        .max(Comparator.naturalOrder())
                        .map(latest -> before(latest, text))
                        .orElse(Instant.MIN));
    }

    /** Like Go's {@code AddDate}: a day that the month does not have becomes one of the next month. */
    private Instant before(Instant latest, String within) {
        var parts = WITHIN.matcher(within);
        if (!parts.matches()) {
            return Instant.MIN;
        }
        var offset = zone.getRules().getOffset(latest);
        var time = LocalDateTime.ofInstant(latest, offset);
        return LocalDate.of(time.getYear(), time.getMonth(), 1)
                .minusYears(number(parts.group(1)))
                .minusMonths(number(parts.group(2)))
                .plusDays(time.getDayOfMonth() - 1L - number(parts.group(3)))
                .atTime(time.toLocalTime())
                .minusHours(number(parts.group(4)))
                .toInstant(offset);
    }

    private static long number(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private enum Position {
        INNER,
        OLDEST
    }

    /** From the newest snapshot to the oldest. */
    private final class Walk {
        private final Map<String, List<String>> kept = new HashMap<>();
        private final Optional<Instant> since;
        private final List<TierState> tiers = new ArrayList<>();
        private final ZoneRules rules = zone.getRules();
        private final boolean keepsAll = policy.isEmpty();
        private long counted;

        private Walk(Optional<Instant> since) {
            this.since = since;
            for (var tier : Tier.values()) {
                if (tier.count.applyAsInt(policy) > 0) {
                    tiers.add(new TierState(tier, tier.count.applyAsInt(policy)));
                }
            }
        }

        private void count(Dated snapshot, Position position) {
            var time = time(snapshot);
            look(snapshot, time, position);
            for (var tier : tiers) {
                tier.count(time, counted, position);
            }
            tiers.removeIf(TierState::isUsedUp);
            counted++;
        }

        private void look(Dated snapshot, Position position) {
            look(snapshot, time(snapshot), position);
        }

        private void look(Dated snapshot, LocalDateTime time, Position position) {
            var reasons = new ArrayList<String>(2);
            if (keepsAll) {
                reasons.add(NO_POLICY);
            }
            if (since.isPresent() && snapshot.at().isAfter(since.get())) {
                reasons.add("within " + policy.keepWithin().orElseThrow());
            }
            for (var tier : tiers) {
                tier.reason(time, counted, position).ifPresent(reasons::add);
            }
            if (!reasons.isEmpty()) {
                kept.put(snapshot.snapshotId(), reasons);
            }
        }

        private LocalDateTime time(Dated snapshot) {
            return LocalDateTime.ofEpochSecond(snapshot.at().getEpochSecond(), 0, rules.getOffset(snapshot.at()));
        }
    }

    /** How many buckets of a tier are left, and the last one that was counted. */
    private static final class TierState {
        private final Tier tier;
        private int left;
        private long last = Long.MIN_VALUE;

        private TierState(Tier tier, int left) {
            this.tier = tier;
            this.left = left;
        }

        private boolean isUsedUp() {
            return left == 0;
        }

        private Optional<String> reason(LocalDateTime time, long number, Position position) {
            if (tier.bucket.of(time, number) != last) {
                return Optional.of(tier.reason);
            }
            return position == Position.OLDEST ? Optional.of("oldest " + tier.reason) : Optional.empty();
        }

        private void count(LocalDateTime time, long number, Position position) {
            if (reason(time, number, position).isPresent()) {
                last = tier.bucket.of(time, number);
                left--;
            }
        }
    }

    private interface Bucket {
        long of(LocalDateTime time, long number);
    }

    private enum Tier {
        LAST("last snapshot", RetentionPolicy::keepLast, (time, number) -> number),
        HOURLY("hourly snapshot", RetentionPolicy::keepHourly, (time, number) -> day(time) * 24 + time.getHour()),
        DAILY("daily snapshot", RetentionPolicy::keepDaily, (time, number) -> day(time)),
        WEEKLY("weekly snapshot", RetentionPolicy::keepWeekly, (time, number) -> week(time)),
        MONTHLY("monthly snapshot", RetentionPolicy::keepMonthly, (time, number) -> month(time)),
        YEARLY("yearly snapshot", RetentionPolicy::keepYearly, (time, number) -> time.getYear());

        private final String reason;
        private final ToIntFunction<RetentionPolicy> count;
        private final Bucket bucket;

        Tier(String reason, ToIntFunction<RetentionPolicy> count, Bucket bucket) {
            this.reason = reason;
            this.count = count;
            this.bucket = bucket;
        }

        private static long day(LocalDateTime time) {
            return time.toLocalDate().toEpochDay();
        }

        private static long week(LocalDateTime time) {
            return time.get(IsoFields.WEEK_BASED_YEAR) * 100L + time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
        }

        private static long month(LocalDateTime time) {
            return time.getYear() * 100L + time.getMonthValue();
        }
    }
}
