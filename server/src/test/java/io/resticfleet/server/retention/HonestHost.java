package io.resticfleet.server.retention;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.ScheduleId;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** A host that does what an agent does, with what happens to machines: sleep, lost connections, retries, late results. */
final class HonestHost {

    /** What sort of machine it is. */
    enum Kind {
        /** Always on; the connection breaks now and then. */
        SERVER,
        /** On for some hours a day, sometimes without network. */
        LAPTOP,
        /** Always on, and away from the server for days, with a repository that others list as well. */
        ROAMING,
        /** The same, with a repository that nobody else sees. */
        USB_DISK
    }

    final HostId id;
    final ScheduleId schedule;
    final Kind kind;

    /** What each snapshot is for: its due time or click. */
    final Map<String, Instant> trueSlots = new HashMap<>();

    private final SimulatedLedger ledger;
    private final Random random;
    private final Duration clock;
    private final List<Pending> unsent = new ArrayList<>();
    private Instant nextDue;
    private Instant awakeUntil;
    private Instant asleepUntil;
    private Instant connectedUntil;
    private Instant awayUntil;
    private boolean awake = true;

    private record Pending(Optional<JobId> job, String snapshotId, JobStatus status, Instant sendAt) {}

    HonestHost(SimulatedLedger ledger, Kind kind, Terms terms, Random random) {
        this.ledger = ledger;
        this.kind = kind;
        this.random = random;
        this.id = ledger.addHost();
        this.schedule = ledger.addSchedule(id, terms);
        this.clock = Duration.ofSeconds(random.nextInt(240) - 120L);
        this.nextDue =
                terms.cron().orElseThrow().next(terms.from(), terms.zone()).orElseThrow();
        this.awakeUntil = terms.from().plus(awakeFor());
        this.connectedUntil = terms.from().plus(connectedFor());
    }

    static Terms randomTerms(Instant from, Random random) {
        var crons = List.of("30 1 * * *", "0 */6 * * *", "15 13 * * 1-5", "0 2,14 * * *", "55 23 * * *", "5 * * * *");
        var zones = List.of("UTC", "Europe/London", "America/New_York", "Asia/Tokyo");
        var cron = crons.get(random.nextInt(random.nextInt(4) == 0 ? crons.size() : crons.size() - 1));
        RetentionPolicy policy;
        do {
            policy = new RetentionPolicy(
                    count(random, 10),
                    count(random, 24),
                    count(random, 14),
                    count(random, 6),
                    count(random, 4),
                    count(random, 2),
                    Optional.of(random.nextInt(20) + "d").filter(text -> random.nextInt(4) == 0));
        } while (policy.isEmpty());
        return new Terms(
                from,
                Optional.of(CronExpression.parse(cron)),
                ZoneId.of(zones.get(random.nextInt(zones.size()))),
                policy);
    }

    private static int count(Random random, int most) {
        return random.nextInt(2) == 0 ? 0 : 1 + random.nextInt(most);
    }

    /** Lets the host do what it does until now. Called in short steps. */
    void step() {
        sleepOrWake();
        if (awake) {
            connectOrLeave();
            run();
            send();
        }
    }

    private void sleepOrWake() {
        var now = ledger.now();
        if (kind != Kind.LAPTOP) {
            return;
        }
        if (awake && now.isAfter(awakeUntil)) {
            awake = false;
            asleepUntil = now.plus(random.nextInt(12) == 0 ? hours(24, 120) : hours(8, 20));
            ledger.disconnect(id);
        } else if (!awake && now.isAfter(asleepUntil)) {
            awake = true;
            awakeUntil = now.plus(awakeFor());
            connectedUntil = now;
            awayUntil = now.plus(Duration.ofMinutes(random.nextInt(300)));
        }
    }

    private void connectOrLeave() {
        var now = ledger.now();
        if (ledger.isConnected(id) && now.isAfter(connectedUntil)) {
            ledger.disconnect(id);
            awayUntil = now.plus(awayFor());
        } else if (!ledger.isConnected(id) && now.isAfter(awayUntil)) {
            ledger.connect(id);
            connectedUntil = now.plus(connectedFor());
        }
    }

    private void run() {
        if (nextDue.isAfter(ledger.now().plus(clock))) {
            return;
        }
        var terms = ledger.dueTimes(schedule).current();
        var due = ledger.dueTimes(schedule).latest(ledger.now().plus(clock)).orElseThrow();
        nextDue = terms.cron().orElseThrow().next(due, terms.zone()).orElseThrow();
        int luck = random.nextInt(20);
        if (luck == 0) {
            return; // failed, and so did the retries
        }
        if (luck == 1) {
            backup(due, JobStatus.PARTIAL);
        }
        backup(due, JobStatus.SUCCEEDED);
    }

    private void backup(Instant due, JobStatus status) {
        var now = ledger.now();
        var job = ledger.isConnected(id) ? Optional.of(ledger.announce(id, schedule)) : Optional.<JobId>empty();
        var snapshot = ledger.write(now.plusSeconds(random.nextInt(60)).plus(clock), SimulatedLedger.tags(schedule));
        trueSlots.put(snapshot, due);
        unsent.add(new Pending(job, snapshot, status, now.plus(Duration.ofMinutes(random.nextInt(90)))));
    }

    private void send() {
        if (!ledger.isConnected(id)) {
            return;
        }
        Collections.shuffle(unsent, random);
        unsent.removeIf(pending -> {
            if (pending.sendAt().isAfter(ledger.now())) {
                return false;
            }
            var job = pending.job().orElseGet(() -> ledger.announce(id, schedule));
            ledger.finish(id, job, pending.snapshotId(), pending.status());
            return true;
        });
        if (unsent.isEmpty()) {
            ledger.drained(id);
        }
    }

    private Duration awakeFor() {
        return hours(4, 16);
    }

    private Duration connectedFor() {
        return kind == Kind.SERVER ? hours(24, 24 * 30) : hours(2, 24);
    }

    private Duration awayFor() {
        return switch (kind) {
            case SERVER -> Duration.ofMinutes(1 + random.nextInt(240));
            case LAPTOP -> Duration.ofMinutes(5 + random.nextInt(600));
            case ROAMING, USB_DISK -> hours(12, 24 * 6);
        };
    }

    private Duration hours(int least, int most) {
        return Duration.ofMinutes(60L * least + random.nextInt(60 * (most - least) + 1));
    }
}
