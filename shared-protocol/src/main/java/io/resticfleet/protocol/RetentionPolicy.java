package io.resticfleet.protocol;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The snapshots to keep; restic removes all others. A count of 0 disables its rule.
 *
 * @param keepWithin a duration in restic's format, such as {@code 1y6m7d12h}: keeps everything younger
 * @see <a href="https://restic.readthedocs.io/en/stable/060_forget.html">restic: removing snapshots</a>
 */
public record RetentionPolicy(
        int keepLast,
        int keepHourly,
        int keepDaily,
        int keepWeekly,
        int keepMonthly,
        int keepYearly,
        Optional<String> keepWithin) {

    /** Keeps nothing; no forget may run with it. */
    public static final RetentionPolicy NONE = new RetentionPolicy(0, 0, 0, 0, 0, 0, Optional.empty());

    private static final Pattern WITHIN = Pattern.compile("(?=\\d)(\\d{1,4}y)?(\\d{1,4}m)?(\\d{1,5}d)?(\\d{1,6}h)?");

    private static final int MAX_COUNT = 1_000_000;

    public RetentionPolicy {
        keepWithin = keepWithin == null ? Optional.empty() : keepWithin.filter(text -> !text.isBlank());
    }

    /** Whether no rule keeps anything. */
    @JsonIgnore
    public boolean isEmpty() {
        return keepLast <= 0
                && keepHourly <= 0
                && keepDaily <= 0
                && keepWeekly <= 0
                && keepMonthly <= 0
                && keepYearly <= 0
                && !keepsWithin();
    }

    /** The counting rules by restic's names, without the leading dashes: {@code keep-last} and so on. */
    public Map<String, Integer> counts() {
        var counts = new LinkedHashMap<String, Integer>();
        counts.put("keep-last", keepLast);
        counts.put("keep-hourly", keepHourly);
        counts.put("keep-daily", keepDaily);
        counts.put("keep-weekly", keepWeekly);
        counts.put("keep-monthly", keepMonthly);
        counts.put("keep-yearly", keepYearly);
        return counts;
    }

    /** Problems of this policy; empty if there are none. restic 0.14 deletes everything if a count is -1. */
    public List<Violation> violations() {
        var wrong = new ArrayList<Violation>();
        counts().forEach((name, count) -> {
            if (count < 0 || count > MAX_COUNT) {
                var field = name.replace('-', '_');
                wrong.add(new Violation(
                        "retention." + field,
                        "invalid_retention",
                        field + " must be 0 to " + MAX_COUNT + " but is " + count));
            }
        });
        keepWithin
                .filter(text -> !WITHIN.matcher(text).matches())
                .ifPresent(text -> wrong.add(new Violation(
                        "retention.keep_within",
                        "invalid_retention",
                        "keep_within must be a duration such as 30d or 1y6m7d12h but is '" + text + "'")));
        return wrong;
    }

    private boolean keepsWithin() {
        return keepWithin
                .filter(text -> text.chars().anyMatch(c -> c >= '1' && c <= '9'))
                .isPresent();
    }
}
