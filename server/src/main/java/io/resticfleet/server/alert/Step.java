package io.resticfleet.server.alert;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What one look changes of one condition.
 *
 * @param before absent if the condition is new
 * @param after absent if it has gone
 * @param announced what listeners are to be given; absent if nothing
 */
record Step(Optional<Known> before, Optional<Known> after, Optional<AlertEvent.State> announced) {

    boolean changesAnything() {
        return !before.equals(after);
    }

    /** The condition is not true any more. */
    static Step gone(Known known) {
        return new Step(Optional.of(known), Optional.empty(), known.announced().map(any -> AlertEvent.State.RESOLVED));
    }

    /**
     * The condition is true.
     *
     * @param newId makes ids in the order of time
     */
    static Step seen(
            Optional<Known> before, Condition condition, Instant now, Silences silences, Supplier<String> newId) {
        var known = before.map(earlier -> updated(earlier, condition, now))
                .orElseGet(() -> first(condition, now, newId.get()));
        if (!known.open()) {
            if (known.since().plus(condition.grace()).isAfter(now)) {
                return new Step(before, Optional.of(known), Optional.empty());
            }
            known = known.opened(newId.get(), now);
        }
        if (acknowledgementHasEnded(known, now)) {
            known = known.unacknowledged();
        }
        var event = event(known, condition, now).filter(any -> !isSilent(condition.subject(), now, silences));
        return new Step(before, Optional.of(event.isPresent() ? known.announced(now) : known), event);
    }

    private static Known first(Condition condition, Instant now, String id) {
        return new Known(
                id,
                condition.key(),
                condition.kind(),
                condition.severity(),
                condition.subject(),
                since(condition, now),
                Optional.empty(),
                condition.text(),
                condition.advice(),
                condition.path(),
                Optional.empty(),
                Optional.empty());
    }

    private static Known updated(Known earlier, Condition condition, Instant now) {
        var since = since(condition, now);
        boolean sinceBefore = (earlier.open() || earlier.kind() == condition.kind())
                && earlier.since().isBefore(since);
        return new Known(
                earlier.id(),
                earlier.key(),
                condition.kind(),
                condition.severity(),
                condition.subject(),
                sinceBefore ? earlier.since() : since,
                earlier.openedAt(),
                condition.text(),
                condition.advice(),
                condition.path(),
                earlier.announced(),
                earlier.acknowledged());
    }

    /** As precise as it is stored; not in the future, as by the clock of a host, for its grace would not end. */
    private static Instant since(Condition condition, Instant now) {
        var since = condition.since().truncatedTo(ChronoUnit.MILLIS);
        return since.isAfter(now) ? now : since;
    }

    private static boolean acknowledgementHasEnded(Known known, Instant now) {
        return known.acknowledged()
                .filter(by -> known.severity().compareTo(by.severity()) > 0
                        || by.what()
                                .until()
                                .filter(until -> !until.isAfter(now))
                                .isPresent())
                .isPresent();
    }

    /** What is to be announced unless the subject is silenced. */
    private static Optional<AlertEvent.State> event(Known known, Condition condition, Instant now) {
        if (known.acknowledged().isPresent()) {
            return Optional.empty();
        }
        if (known.announced().isEmpty()) {
            return Optional.of(AlertEvent.State.OPEN);
        }
        var last = known.announced().get();
        if (known.severity().compareTo(last.severity()) > 0) {
            return Optional.of(AlertEvent.State.ESCALATED);
        }
        var sinceLast = Duration.between(last.at(), now).abs(); // long before the last one: the clock was set back
        return sinceLast.compareTo(condition.remindEvery()) < 0
                ? Optional.empty()
                : Optional.of(AlertEvent.State.REMINDER);
    }

    private static boolean isSilent(Subject subject, Instant now, Silences silences) {
        return !subject.concerns().isEmpty()
                && subject.concerns().stream().allMatch(hostId -> silences.silent(hostId, now));
    }
}
