package io.resticfleet.faults.alert;

import com.github.f4b6a3.ulid.Ulid;
import io.resticfleet.faults.Timeline;
import io.resticfleet.faults.alert.Truth.Level;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.ToServer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/** A machine with its agent, its schedules, and what is wrong with it. */
final class Machine {

    private static final Duration OFFLINE_GRACE = Duration.ofMinutes(15);
    private static final Duration OFFLINE_LONG = Duration.ofHours(24);
    private static final Duration LONG_PAUSE = Duration.ofDays(7);
    private static final Duration UNPROTECTED = Duration.ofHours(24);
    private static final Duration COMES_AND_GOES = Duration.ofDays(14);
    private static final List<ErrorCode> CAUSES = List.of(
            ErrorCode.NETWORK,
            ErrorCode.WRONG_PASSWORD,
            ErrorCode.NO_SPACE,
            ErrorCode.LOCKED,
            ErrorCode.CERTIFICATE,
            ErrorCode.FORBIDDEN);

    private record Trouble(JobStatus status, Optional<ErrorCode> code, Instant until) {}

    private final Timeline timeline;
    private final AlertServer server;
    private final Truth truth;
    private final SplittableRandom random;
    private final Stub stub;
    private final List<Plan> plans = new ArrayList<>();
    private boolean on = true;
    private boolean linked = true;
    private boolean deleted;
    private boolean comesAndGoes;
    private Optional<Integer> staleAfterDays = Optional.empty();
    private Optional<Instant> pausedAt = Optional.empty();
    private Optional<Instant> offlineSince = Optional.empty();
    private Optional<Instant> unprotectedSince = Optional.empty();
    private Optional<Trouble> trouble = Optional.empty();
    private int generation;

    Machine(String name, Timeline timeline, AlertServer server, Truth truth, SplittableRandom random) {
        this.timeline = timeline;
        this.server = server;
        this.truth = truth;
        this.random = random;
        this.stub = new Stub(name, timeline, server, this::presence);
    }

    Stub stub() {
        return stub;
    }

    List<Plan> plans() {
        return plans;
    }

    boolean deleted() {
        return deleted;
    }

    boolean paused() {
        return pausedAt.isPresent();
    }

    boolean comesAndGoes() {
        return comesAndGoes;
    }

    /** Whether an operator's change reaches everyone at once. */
    boolean quiet() {
        return !deleted && stub.connected();
    }

    void add(Plan plan) {
        plans.add(plan);
        schedule(plan, plan.next(plan.since()));
    }

    void power(boolean now) {
        if (on == now) {
            return;
        }
        on = now;
        generation++;
        reach();
        if (on) {
            plans.forEach(this::catchUp);
        }
    }

    void link(boolean now) {
        linked = now;
        reach();
    }

    private void reach() {
        stub.reachable(on && linked);
    }

    void trouble(Duration length) {
        int dice = random.nextInt(10);
        var until = now().plus(length);
        trouble = Optional.of(
                dice < 7
                        ? new Trouble(JobStatus.FAILED, Optional.of(CAUSES.get(random.nextInt(CAUSES.size()))), until)
                        : dice < 9
                                ? new Trouble(JobStatus.PARTIAL, Optional.of(ErrorCode.FILES_UNREADABLE), until)
                                : new Trouble(JobStatus.INTERRUPTED, Optional.of(ErrorCode.INTERRUPTED), until));
    }

    void paused(boolean now) {
        pausedAt = Optional.of(now()).filter(any -> now);
        if (!now) {
            plans.forEach(plan -> plan.pausedUntil(now()));
        }
        unprotectedSince = Optional.empty();
        update();
    }

    void comesAndGoes(boolean now) {
        comesAndGoes = now;
        update();
    }

    void staleAfterDays(Optional<Integer> days) {
        staleAfterDays = days;
        update();
    }

    void delete() {
        deleted = true;
        update();
    }

    private void presence(boolean connected) {
        if (connected) {
            offlineSince = Optional.empty();
        } else if (server.up()) {
            offlineSince = Optional.of(now());
        }
        update();
    }

    /** The server has ended: it last saw the machine now, if it was connected. */
    void serverEnded() {
        if (stub.connected()) {
            offlineSince = Optional.of(now());
            stub.lost();
        }
    }

    private void schedule(Plan plan, Instant due) {
        timeline.after(Duration.between(now(), due), () -> due(plan, due));
    }

    private void due(Plan plan, Instant due) {
        if (deleted || plan.deleted()) {
            return;
        }
        schedule(plan, plan.next(due));
        if (!plan.enabled() || due.isBefore(plan.since())) {
            return;
        }
        timeline.after(plan.grace().plusSeconds(25), () -> overdue(plan, due));
        if (paused()) {
            return;
        }
        if (on) {
            begin(plan, due);
        } else {
            plan.passed().add(due);
        }
    }

    private void begin(Plan plan, Instant due) {
        int here = generation;
        var started = now();
        var id = jobId();
        if (random.nextInt(3) == 0 && stub.connected()) {
            stub.send(new ToServer.ScheduleFire(id, plan.id(), due, 1, Optional.empty()));
            stub.report(
                    sequence -> new ToServer.JobStarted(
                            sequence,
                            id,
                            JobKind.BACKUP,
                            JobTrigger.CRON,
                            Optional.of(plan.id()),
                            Optional.of(due),
                            started),
                    () -> plan.reported(due));
        }
        stub.jobs().add(id);
        timeline.after(Duration.ofSeconds(random.nextInt(10, 1_200)), () -> end(plan, due, id, started, here));
    }

    private void end(Plan plan, Instant due, JobId id, Instant started, int startedIn) {
        if (deleted) {
            return;
        }
        var now = now();
        var here = trouble.filter(one -> one.until().isAfter(now));
        boolean cut = startedIn != generation;
        var status = cut ? JobStatus.INTERRUPTED : here.map(Trouble::status).orElse(JobStatus.SUCCEEDED);
        var code = cut ? Optional.of(ErrorCode.INTERRUPTED) : here.flatMap(Trouble::code);
        boolean retried =
                code.filter(one -> one.retry() == ErrorCode.Retry.LATER).isPresent();
        stub.report(
                sequence -> Results.finished(sequence, id, plan, due, new Results.Outcome(started, now, status, code)),
                () -> {
                    stub.jobs().remove(id);
                    plan.ended(due, status, now, retried);
                    update();
                });
    }

    /** The machine is on again: the newest due time is caught up, or all are reported as missed. */
    private void catchUp(Plan plan) {
        var all = List.copyOf(plan.passed());
        plan.passed().clear();
        if (all.isEmpty() || deleted || !plan.runs() || paused()) {
            return;
        }
        var newest = all.get(all.size() - 1);
        if (random.nextBoolean()) {
            reportMissed(plan, all);
        } else {
            if (all.size() > 1) {
                reportMissed(plan, all.subList(0, all.size() - 1));
            }
            timeline.after(Duration.ofSeconds(90), () -> {
                if (on && !deleted && !paused()) {
                    begin(plan, newest);
                }
            });
        }
    }

    private void reportMissed(Plan plan, List<Instant> dues) {
        var last = dues.get(dues.size() - 1);
        var id = jobId();
        stub.report(
                sequence -> new ToServer.JobMissed(
                        sequence,
                        id,
                        JobKind.BACKUP,
                        plan.id(),
                        last,
                        Optional.of(dues.get(0)).filter(first -> first.isBefore(last)),
                        "the machine was off"),
                () -> {
                    dues.forEach(plan::missedReported);
                    update();
                });
    }

    /** The grace of a due time has ended; a server that cannot know yet looks again later. */
    private void overdue(Plan plan, Instant due) {
        if (deleted || !plan.runs() || due.isBefore(plan.since()) || plan.isReported(due)) {
            truth.wasAllRight(plan.key());
            return;
        }
        if (!server.working().works(now())) {
            truth.mayBeKnown(plan.key(), now());
            timeline.after(Duration.ofSeconds(30), () -> overdue(plan, due));
            return;
        }
        if (paused() || !due.isAfter(plan.pausedUntilTime())) {
            return; // it would have run, had nobody paused it
        }
        plan.missed(due);
        update();
    }

    private JobId jobId() {
        return new JobId(
                new Ulid(now().toEpochMilli() << 16 | random.nextLong() & 0xffff, random.nextLong()).toString());
    }

    void update() {
        var now = now();
        var host = "host/" + stub.id().value();
        if (deleted || paused()) {
            plans.forEach(plan -> truth.clear(plan.key(), now));
            List.of("/offline", "/stale", "/unprotected").forEach(aspect -> truth.clear(host + aspect, now));
            if (deleted) {
                truth.clear(host + "/paused", now);
            } else {
                var at = pausedAt.orElseThrow();
                truth.set(host + "/paused", now, Level.WARNING, at.plus(LONG_PAUSE), "paused");
            }
            return;
        }
        truth.clear(host + "/paused", now);
        plans.forEach(plan -> update(plan, now));
        offline(host, now);
        stale(host, now);
        unprotected(host, now);
    }

    private void update(Plan plan, Instant now) {
        plan.verdict(now, comesAndGoes)
                .ifPresentOrElse(
                        verdict -> truth.set(plan.key(), now, verdict.level(), verdict.opensAt(), verdict.what()),
                        () -> truth.clear(plan.key(), now));
        if (plan.runs() && !comesAndGoes && plan.staleAt().isAfter(now)) {
            again(plan.staleAt());
        }
    }

    private void offline(String host, Instant now) {
        if (offlineSince.isEmpty() || comesAndGoes) {
            truth.clear(host + "/offline", now);
        } else if (server.working().works(now)
                || offlineSince.get().plusSeconds(1).isAfter(now) && server.up()) {
            var at = offlineSince.get();
            boolean isLong = !at.plus(OFFLINE_LONG).isAfter(now);
            truth.set(
                    host + "/offline",
                    now,
                    isLong ? Level.CRITICAL : Level.WARNING,
                    at.plus(OFFLINE_GRACE),
                    isLong ? "offline for long" : "offline");
            if (!isLong) {
                again(at.plus(OFFLINE_LONG));
            }
        }
    }

    private void stale(String host, Instant now) {
        var running = plans.stream().filter(Plan::runs).toList();
        var at = running.isEmpty()
                ? Optional.<Instant>empty()
                : staleAfterDays
                        .map(days -> Times.latest(
                                Plan.lastGood(plans, running).plus(Duration.ofDays(days)),
                                Plan.nextOver(running, Plan.lastGood(plans, running))))
                        .or(() -> Optional.of(Times.latest(
                                        Plan.lastGood(plans, running).plus(COMES_AND_GOES),
                                        running.stream()
                                                .map(Plan::staleAt)
                                                .min(Instant::compareTo)
                                                .orElseThrow()))
                                .filter(any -> comesAndGoes));
        if (at.filter(time -> !time.isAfter(now)).isPresent()) {
            truth.set(host + "/stale", now, Level.CRITICAL, at.get(), "stale");
        } else {
            truth.clear(host + "/stale", now);
            at.ifPresent(this::again);
        }
    }

    private void unprotected(String host, Instant now) {
        if (plans.stream().anyMatch(Plan::runs)) {
            unprotectedSince = Optional.empty();
            truth.clear(host + "/unprotected", now);
        } else {
            var since = unprotectedSince.orElse(now);
            unprotectedSince = Optional.of(since);
            truth.set(host + "/unprotected", now, Level.WARNING, since.plus(UNPROTECTED), "unprotected");
        }
    }

    private Instant updateAt = Instant.MAX;

    /** Updates then; one time is enough, as each update finds the next. */
    private void again(Instant at) {
        if (at.isBefore(updateAt) || !updateAt.isAfter(now())) {
            updateAt = at;
            timeline.after(Duration.between(now(), at), this::update);
        }
    }

    private Instant now() {
        return timeline.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    @Override
    public String toString() {
        return stub.id().value().toLowerCase(Locale.ROOT);
    }
}
