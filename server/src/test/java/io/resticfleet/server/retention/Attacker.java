package io.resticfleet.server.retention;

import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ScheduleId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * An intruder on a machine: has its identity and its credentials, which can add to the repository, but delete nothing there.
 * Which tricks it tries, and when, is random.
 */
final class Attacker {

    /** A trick, tried again and again. */
    enum Trick {
        /** Snapshots of the past, reported as runs that just took place. */
        BACKDATE,
        /** Runs at due times that have passed, reported after a silence. */
        FILL_PAST,
        /** Many runs for one due time. */
        FLOOD,
        /** Ids of older snapshots, and of other hosts, reported as its own. */
        CLAIM_OTHERS,
        /** Snapshots tagged as another schedule's. */
        RETAG,
        /** Snapshots that no run is reported for. */
        PLANT,
        /** Runs at the moment at which a day, a week, or a month begins. */
        EDGES,
        /** Long silences. */
        SILENCE
    }

    private final SimulatedLedger ledger;
    private final HonestHost host;
    private final List<ScheduleId> others;
    private final Random random;
    private final List<Trick> tricks = new ArrayList<>();
    private final List<String> own = new ArrayList<>();
    private final List<JobId> jobs = new ArrayList<>();
    private Instant silentUntil;

    Attacker(SimulatedLedger ledger, HonestHost host, List<ScheduleId> others, Random random) {
        this.ledger = ledger;
        this.host = host;
        this.others = others;
        this.random = random;
        this.silentUntil = ledger.now();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            tricks.add(Trick.values()[random.nextInt(Trick.values().length)]);
        }
        ledger.open().stream().filter(run -> run.host().equals(host.id)).forEach(run -> jobs.add(run.id()));
    }

    List<Trick> tricks() {
        return tricks;
    }

    /** What it does at this time. */
    void step() {
        if (ledger.now().isBefore(silentUntil)) {
            if (random.nextInt(3) == 0) {
                forge(time(), SimulatedLedger.tags(host.schedule));
            }
            return;
        }
        ledger.connect(host.id);
        switch (tricks.get(random.nextInt(tricks.size()))) {
            case BACKDATE -> run(forge(time(), SimulatedLedger.tags(host.schedule)));
            case FILL_PAST -> fillPast();
            case FLOOD -> flood();
            case CLAIM_OTHERS -> claimOthers();
            case RETAG -> run(forge(time(), retagged()));
            case PLANT -> forge(time(), SimulatedLedger.tags(host.schedule));
            case EDGES -> run(forge(edge(), SimulatedLedger.tags(host.schedule)));
            case SILENCE -> {
                ledger.disconnect(host.id);
                silentUntil = ledger.now().plus(Duration.ofMinutes(random.nextInt(60 * 24 * 6)));
            }
        }
        if (random.nextInt(4) == 0) {
            ledger.drained(host.id);
        }
    }

    private void fillPast() {
        if (random.nextInt(3) == 0) {
            ledger.disconnect(host.id);
            silentUntil = ledger.now().plus(Duration.ofMinutes(random.nextInt(600)));
        }
        int count = 1 + random.nextInt(12);
        var due = ledger.now();
        for (int i = 0; i < count; i++) {
            due = ledger.dueTimes(host.schedule).latest(due.minusSeconds(1)).orElse(due);
            own.add(forge(due.plusSeconds(random.nextInt(300)), SimulatedLedger.tags(host.schedule)));
        }
        ledger.connect(host.id);
        own.forEach(this::run);
        own.clear();
    }

    private void flood() {
        int count = 1 + random.nextInt(10);
        for (int i = 0; i < count; i++) {
            run(forge(ledger.now().minusSeconds(random.nextInt(500)), SimulatedLedger.tags(host.schedule)));
        }
    }

    private void claimOthers() {
        var snapshots = ledger.snapshots();
        if (!snapshots.isEmpty()) {
            var victim = snapshots.get(random.nextInt(snapshots.size()));
            run(victim.id());
            run(forge(victim.time(), victim.tags()));
        }
    }

    private String forge(Instant time, List<String> tags) {
        return ledger.write(time, tags);
    }

    /** Reports a run with that snapshot, before or after it can have been listed, of a schedule of its choice. */
    private void run(String snapshotId) {
        var schedule = random.nextInt(8) == 0 && !others.isEmpty() ? others.get(0) : host.schedule;
        jobs.add(ledger.announce(host.id, schedule));
        var job = jobs.remove(random.nextInt(4) == 0 ? random.nextInt(jobs.size()) : jobs.size() - 1);
        if (random.nextInt(3) == 0) {
            ledger.list();
        }
        ledger.finish(host.id, job, snapshotId, random.nextInt(3) == 0 ? JobStatus.PARTIAL : JobStatus.SUCCEEDED);
    }

    private List<String> retagged() {
        var tags = new ArrayList<String>();
        if (random.nextBoolean()) {
            tags.addAll(SimulatedLedger.tags(host.schedule));
        }
        others.forEach(other -> tags.addAll(SimulatedLedger.tags(other)));
        return tags;
    }

    private Instant time() {
        var now = ledger.now();
        return switch (random.nextInt(5)) {
            case 0 -> now.minus(Duration.ofMinutes(random.nextInt(20)));
            case 1 -> now.minus(Duration.ofMinutes(random.nextInt(60 * 24 * 40)));
            case 2 -> now.plus(Duration.ofMinutes(random.nextInt(60 * 24 * 40)));
            case 3 -> pastTime();
            default -> now;
        };
    }

    /** Just after a snapshot that is there, to be the newer one in each of its buckets. */
    private Instant pastTime() {
        var snapshots = ledger.snapshots();
        return snapshots.isEmpty()
                ? ledger.now()
                : snapshots.get(random.nextInt(snapshots.size())).time().plusSeconds(1 + random.nextInt(3600));
    }

    private Instant edge() {
        var zone = ledger.dueTimes(host.schedule).current().zone();
        var midnight =
                ledger.now().atZone(zone).toLocalDate().atStartOfDay(zone).toInstant();
        return midnight.plusSeconds(random.nextInt(600) - 300L);
    }
}
