package io.resticfleet.server.retention;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The due times of a schedule in all its versions, each while it was in force. The server computes them; what an agent says
 * is no part of it.
 *
 * @param terms oldest first; at least one
 */
public record DueTimes(List<Terms> terms) {

    public DueTimes {
        terms = List.copyOf(terms);
        if (terms.isEmpty()) {
            throw new IllegalArgumentException("a schedule has at least one version");
        }
    }

    /** The version in force. */
    public Terms current() {
        return terms.get(terms.size() - 1);
    }

    /** When the policy in force became the one in force. */
    public Instant policySince() {
        int first = terms.size() - 1;
        while (first > 0 && terms.get(first - 1).policy().equals(current().policy())) {
            first--;
        }
        return terms.get(first).from();
    }

    /** The last due time up to and including an instant; absent if there was none. */
    public Optional<Instant> latest(Instant until) {
        for (int i = terms.size() - 1; i >= 0; i--) {
            var version = terms.get(i);
            var end = end(i, until);
            if (version.from().isBefore(end) && version.cron().isPresent()) {
                var due = version.cron().get().previous(end, version.zone()).filter(version.from()::isBefore);
                if (due.isPresent()) {
                    return due;
                }
            }
        }
        return Optional.empty();
    }

    /** The number of due times in {@code (after, until]}. */
    public long count(Instant after, Instant until) {
        long count = 0;
        for (int i = 0; i < terms.size(); i++) {
            var version = terms.get(i);
            var from = version.from().isAfter(after) ? version.from() : after;
            if (version.cron().isPresent()) {
                count += version.cron().get().count(from, end(i, until), version.zone());
            }
        }
        return count;
    }

    private Instant end(int version, Instant until) {
        return version + 1 < terms.size() && terms.get(version + 1).from().isBefore(until)
                ? terms.get(version + 1).from()
                : until;
    }
}
