package io.resticfleet.faults.alert;

import io.resticfleet.faults.alert.Truth.Level;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ScheduleId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A schedule of the simulated world, and what its server can know of its runs. Due times are regular, in UTC. */
final class Plan {

    /** Until a failed backup that is tried again by itself is an alert. */
    static final Duration RETRIED = Duration.ofMinutes(30);

    private final ScheduleId id;
    private final Duration interval;
    private final Duration offset;
    private boolean enabled = true;
    private boolean deleted;
    private Instant since;
    private Instant pausedUntil = Instant.MIN;
    private Instant lastGood = Instant.MIN;
    private Instant outcomeDue = Instant.MIN;
    private JobStatus outcome = JobStatus.SUCCEEDED;
    private Instant outcomeAt = Instant.MIN;
    private boolean retried;
    private final Set<Instant> reported = new HashSet<>();
    private final List<Instant> passed = new ArrayList<>();

    /** @param offset of due times after midnight */
    Plan(ScheduleId id, Duration interval, Duration offset, Instant since) {
        this.id = id;
        this.interval = interval;
        this.offset = offset;
        this.since = since;
    }

    ScheduleId id() {
        return id;
    }

    String key() {
        return "schedule/" + id.value();
    }

    boolean runs() {
        return enabled && !deleted;
    }

    boolean enabled() {
        return enabled;
    }

    boolean deleted() {
        return deleted;
    }

    void delete() {
        deleted = true;
    }

    /** Due times count from then on. */
    void enable(boolean now, Instant at) {
        enabled = now;
        since = at;
    }

    void pausedUntil(Instant at) {
        pausedUntil = at;
    }

    Instant pausedUntilTime() {
        return pausedUntil;
    }

    /** Due times while the machine was off, for its agent to report. */
    List<Instant> passed() {
        return passed;
    }

    /** Its agent has reported that nothing ran. */
    void missedReported(Instant due) {
        reported.add(due);
        missed(due);
    }

    Instant since() {
        return since;
    }

    Instant lastGood() {
        return lastGood;
    }

    String cron() {
        long minute = offset.toMinutesPart();
        long hour = offset.toHours();
        return interval.equals(Duration.ofDays(1))
                ? minute + " " + hour + " * * *"
                : minute + " " + hour % interval.toHours() + "-23/" + interval.toHours() + " * * *";
    }

    /** The first due time after a time. */
    Instant next(Instant after) {
        long step = interval.toMillis();
        long past = Math.floorDiv(after.toEpochMilli() - offset.toMillis() % step, step);
        return Instant.ofEpochMilli((past + 1) * step + offset.toMillis() % step);
    }

    Duration grace() {
        var share = interval.dividedBy(10);
        return share.compareTo(Duration.ofMinutes(10)) > 0 ? share : Duration.ofMinutes(10);
    }

    boolean isReported(Instant due) {
        return reported.contains(due);
    }

    /** The server has stored that it began. */
    void reported(Instant due) {
        reported.add(due);
    }

    /** The server has stored the end of a run. */
    void ended(Instant due, JobStatus status, Instant at, boolean isRetried) {
        reported.add(due);
        if (status == JobStatus.SUCCEEDED && at.isAfter(lastGood)) {
            lastGood = at;
        }
        if (!due.isBefore(outcomeDue)) {
            outcomeDue = due;
            outcome = status;
            outcomeAt = at;
            retried = isRetried;
        }
    }

    /** The server knows that a due time passed without a run. */
    void missed(Instant due) {
        if (due.isAfter(outcomeDue)) {
            outcomeDue = due;
            outcome = JobStatus.MISSED;
            outcomeAt = due;
        }
    }

    Instant staleAt() {
        var from = Times.latest(since, lastGood, pausedUntil);
        return next(next(from)).plus(grace());
    }

    /** @param opensAt when it is to be an alert */
    record Verdict(Level level, Instant opensAt, String what) {}

    Optional<Verdict> verdict(Instant now, boolean comesAndGoes) {
        if (!runs()) {
            return Optional.empty();
        }
        if (!comesAndGoes && !staleAt().isAfter(now)) {
            return Optional.of(new Verdict(Level.CRITICAL, now, "stale"));
        }
        return switch (outcome) {
            case FAILED, INTERRUPTED, PARTIAL ->
                Optional.of(new Verdict(
                        Level.WARNING,
                        outcome != JobStatus.PARTIAL && retried ? outcomeAt.plus(RETRIED) : now,
                        outcome.name() + outcomeDue));
            case MISSED ->
                comesAndGoes
                        ? Optional.empty()
                        : Optional.of(new Verdict(Level.WARNING, now, outcome.name() + outcomeDue));
            default -> Optional.empty();
        };
    }

    /** When the next due time of any is over. */
    static Instant nextOver(List<Plan> running, Instant from) {
        return running.stream()
                .map(plan -> plan.next(from).plus(plan.grace()))
                .min(Instant::compareTo)
                .orElseThrow();
    }

    /** Since when a host has no complete backup; a pause does not count. */
    static Instant lastGood(List<Plan> all, List<Plan> running) {
        var good = all.stream().map(Plan::lastGood).max(Instant::compareTo).orElse(Instant.MIN);
        var paused =
                all.stream().map(Plan::pausedUntilTime).max(Instant::compareTo).orElse(Instant.MIN);
        return Times.latest(
                paused,
                good.equals(Instant.MIN)
                        ? running.stream()
                                .map(Plan::since)
                                .min(Instant::compareTo)
                                .orElseThrow()
                        : good);
    }
}
