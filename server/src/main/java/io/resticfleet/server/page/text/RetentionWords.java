package io.resticfleet.server.page.text;

import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A retention policy in words: {@code keeps the last 5 and 14 daily}.
 *
 * @see <a href="https://restic.readthedocs.io/en/stable/060_forget.html">restic: removing snapshots</a>
 */
public final class RetentionWords {

    private static final Pattern WITHIN = Pattern.compile("(\\d+)([ymdh])");

    private static final Map<String, String> UNITS = Map.of("y", "year", "m", "month", "d", "day", "h", "hour");

    private RetentionWords() {}

    /**
     * The policy in words. An empty policy is never applied, so it keeps every snapshot.
     *
     * @throws IllegalArgumentException if the policy has violations
     */
    public static String of(RetentionPolicy policy) {
        var violations = policy.violations();
        if (!violations.isEmpty()) {
            throw new IllegalArgumentException(
                    String.join("; ", violations.stream().map(Violation::detail).toList()));
        }
        return policy.isEmpty() ? "keeps every snapshot" : "keeps " + kept(counted(policy), within(policy));
    }

    private static String kept(List<String> counted, List<String> within) {
        if (within.isEmpty()) {
            return English.and(counted);
        }
        // restic counts back from the newest snapshot, not from now.
        var recent = "everything within " + English.and(within) + " of the newest";
        if (counted.isEmpty()) {
            return recent;
        }
        return String.join(", ", counted) + (counted.size() == 1 ? " and " : ", and ") + recent;
    }

    private static List<String> counted(RetentionPolicy policy) {
        var counted = new ArrayList<String>();
        policy.counts().forEach((rule, count) -> {
            if (count > 0) {
                var name = rule.substring("keep-".length());
                counted.add(name.equals("last") ? last(count) : count + " " + name);
            }
        });
        return counted;
    }

    private static String last(int count) {
        return count == 1 ? "the latest" : "the last " + count;
    }

    private static List<String> within(RetentionPolicy policy) {
        return WITHIN.matcher(policy.keepWithin().orElse(""))
                .results()
                .filter(part -> Integer.parseInt(part.group(1)) > 0)
                .map(part -> English.count(Integer.parseInt(part.group(1)), UNITS.get(part.group(2))))
                .toList();
    }
}
