package io.resticfleet.server.retention;

import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.retention.HonestHost.Kind;
import io.resticfleet.server.retention.KeepTiers.Dated;
import io.resticfleet.server.retention.SimulatedLedger.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A random history of two hosts in one repository, of which one is taken over. Counts the real snapshots that are lost,
 * although the policy would keep them whatever the attacker puts into the slots that came after.
 */
final class AttackScript {

    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final Duration STEP = Duration.ofHours(1);

    private final Random random;
    private final SimulatedLedger ledger;
    private final Duration owedAge;
    private final HonestHost victim;
    private final HonestHost neighbour;
    private final Map<ScheduleId, List<Dated>> slotsSince = new HashMap<>();
    private final List<String> lost = new ArrayList<>();
    private Set<String> real = Set.of();
    private Instant nextListing = START;
    private Instant takenOver;
    private Instant nextDue;

    /** @param owedAge snapshots that were first seen later than so long ago must be there as well */
    AttackScript(SlotRetention rule, RemovalFloor leastKept, Duration owedAge, long seed) {
        this.random = new Random(seed);
        this.owedAge = owedAge;
        this.ledger = new SimulatedLedger(rule, leastKept);
        ledger.at(START);
        this.victim = newHost();
        this.neighbour = newHost();
    }

    private HonestHost newHost() {
        var kinds = Kind.values();
        return new HonestHost(
                ledger, kinds[random.nextInt(kinds.length)], HonestHost.randomTerms(START, random), random);
    }

    /** Runs it; returns what was lost, in words. */
    List<String> lost() {
        takenOver = START.plus(Duration.ofMinutes(60L * 24 * 8 + random.nextInt(60 * 24 * 20)));
        until(takenOver, victim::step);
        nextDue = ledger.dueTimes(victim.schedule).latest(takenOver).orElse(takenOver);
        real = ledger.snapshots().stream().map(Written::id).collect(Collectors.toSet());
        openSlots();
        var attacker = new Attacker(ledger, victim, List.of(neighbour.schedule), random);
        until(takenOver.plus(Duration.ofMinutes(60L * 24 + random.nextInt(60 * 24 * 14))), () -> {
            if (random.nextInt(4) == 0) {
                attacker.step();
            }
        });
        return lost.stream().map(text -> text + " " + attacker.tricks()).toList();
    }

    private void until(Instant end, Runnable attackedHost) {
        for (var now = ledger.now(); now.isBefore(end); now = now.plus(STEP)) {
            ledger.at(now);
            attackedHost.run();
            neighbour.step();
            if (!now.isBefore(nextListing)) {
                ledger.list();
                ledger.schedules().forEach(this::forget);
                nextListing = now.plus(Duration.ofHours(4 + random.nextInt(24)));
            }
            if (random.nextInt(150) == 0) {
                var job = ledger.click(victim.schedule);
                slotsSince
                        .computeIfAbsent(victim.schedule, id -> new ArrayList<>())
                        .addAll(twice(job.value(), now));
            }
        }
    }

    /** What the attacker may use: the last due time, and those of runs that were announced and have no result. */
    private void openSlots() {
        ledger.open().stream()
                .filter(run -> run.host().equals(victim.id))
                .forEach(run -> ledger.dueTimes(run.schedule())
                        .latest(run.at().plus(LiveRun.CLOCKS))
                        .ifPresent(due -> slotsSince
                                .computeIfAbsent(run.schedule(), id -> new ArrayList<>())
                                .addAll(twice(run.id().value(), due))));
    }

    private void forget(ScheduleId schedule) {
        var remove = ledger.removable(schedule);
        if (!remove.isEmpty()) {
            var owed = owed(schedule);
            remove.stream()
                    .filter(owed::contains)
                    .map(id -> schedule + " lost " + id + " at " + ledger.now() + " taken over " + takenOver)
                    .forEach(lost::add);
            ledger.remove(remove);
        }
    }

    /** Real snapshots that must be there: kept by the policy beside whatever fills the slots since, or seen lately. */
    private Set<String> owed(ScheduleId schedule) {
        var host = schedule.equals(victim.schedule) ? victim : neighbour;
        var terms = ledger.dueTimes(schedule).current();
        var dated = new ArrayList<Dated>();
        var young = new HashSet<String>();
        for (var written : ledger.snapshots()) {
            var slot = ledger.binding(schedule, written.id())
                    .map(binding -> binding.slot().at());
            if (slot.isPresent() && host.trueSlots.containsKey(written.id()) && isReal(host, written.id())) {
                dated.add(new Dated(written.id(), slot.get()));
                ledger.sighting(written.id())
                        .filter(seen -> seen.firstSeen().isAfter(ledger.now().minus(owedAge)))
                        .ifPresent(seen -> young.add(written.id()));
            }
        }
        if (host == victim && nextDue != null) {
            for (var due = nextDue; !due.isAfter(ledger.now()); due = next(due)) {
                slotsSince.computeIfAbsent(schedule, id -> new ArrayList<>()).addAll(twice("due", due));
                nextDue = next(due);
            }
            var used = dated.stream().collect(Collectors.groupingBy(Dated::at, Collectors.counting()));
            slotsSince.getOrDefault(schedule, List.of()).stream()
                    .filter(fill -> used.merge(fill.at(), -1L, Long::sum) < 0)
                    .forEach(dated::add);
        }
        var owed = new HashSet<>(new KeepTiers(terms.policy(), terms.zone())
                .keep(dated, ledger.now())
                .keySet());
        owed.addAll(young);
        return owed;
    }

    private boolean isReal(HonestHost host, String snapshotId) {
        return host == neighbour || nextDue == null || real.contains(snapshotId);
    }

    private Instant next(Instant due) {
        var terms = ledger.dueTimes(victim.schedule).current();
        return terms.cron().orElseThrow().next(due, terms.zone()).orElseThrow();
    }

    private static List<Dated> twice(String name, Instant at) {
        return List.of(new Dated(name + " partial " + at, at), new Dated(name + " success " + at, at));
    }
}
