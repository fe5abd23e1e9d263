package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The line between server and machine goes dead and neither is told. */
@Tag("faults")
class SilentCutTest {

    private static final int MACHINES = Networks.Cut.values().length;

    /** The promise. */
    private static final Duration NOTICED = Duration.ofSeconds(60);

    private static final Duration A_DUE_TIME = Duration.ofSeconds(100);

    private Networks networks;

    @RegisterExtension
    final Fleet fleet = new Fleet(this::serverOfItsOwn);

    private ServerProcess serverOfItsOwn(Path directory) throws Exception {
        networks = Networks.of(MACHINES);
        return ServerProcess.start(directory, networks.place());
    }

    @AfterEach
    void close() {
        if (networks != null) {
            networks.close();
        }
    }

    @Test
    void both_ends_notice_within_a_minute_and_what_ran_meanwhile_arrives_once() throws Exception {
        var faults = new Faults(SilentCutTest.class);
        var machines = new ArrayList<ObservedMachine>();
        for (int i = 0; i < MACHINES; i++) {
            var machine = fleet.machine(Restic.newest())
                    .through(networks.url(i))
                    .under(networks.atMachine(i))
                    .enrol();
            machines.add(ObservedMachine.start(
                    fleet.server(),
                    machine,
                    new HookLog(fleet.place("notes").resolve("notes")),
                    HistoryChecker.Ends.WELL,
                    Recurrence.EVERY_MINUTE));
        }
        var noticed = new TreeMap<String, Double>();
        int rounds = faults.count(1, 30);
        for (int round = 0; round < rounds; round++) {
            for (var observed : machines) {
                observed.ask(faults.random());
            }
            faults.pass(Duration.ofSeconds(2));
            if (round % 3 == 2) {
                cutBriefly(faults, round);
            } else {
                cut(machines, round, noticed);
            }
        }
        var wrong = ObservedMachine.settle(machines);
        System.out.printf(
                "faults: cut %d lines silently %d times; the latest notice in seconds %s; lost or doubled %d%n",
                MACHINES, rounds, noticed, wrong.size());
        assertThat(wrong).as(faults.replay()).isEmpty();
    }

    /** Shorter than anybody notices, or just longer. */
    private void cutBriefly(Faults faults, int round) throws Exception {
        for (int i = 0; i < MACHINES; i++) {
            networks.cut(i, kind(i, round));
        }
        faults.pass(Duration.ofSeconds(50));
        for (int i = 0; i < MACHINES; i++) {
            networks.heal(i);
        }
    }

    private void cut(List<ObservedMachine> machines, int round, Map<String, Double> noticed) throws Exception {
        var begun = new ArrayList<Long>();
        var missing = new TreeMap<String, Sign>();
        for (int i = 0; i < MACHINES; i++) {
            var machine = machines.get(i).machine();
            int complaints = complaints(machine);
            fleet.server().awaitOnline(machine.host());
            networks.cut(i, kind(i, round));
            begun.add(machines.get(i).begun());
            missing.put(
                    kind(i, round) + " server",
                    () -> !fleet.server().status(machine.host()).equals("online"));
            missing.put(kind(i, round) + " machine", () -> complaints(machine) > complaints);
        }
        long cutAt = System.nanoTime();
        within(NOTICED, () -> {
            for (var who : List.copyOf(missing.keySet())) {
                if (missing.get(who).seen()) {
                    missing.remove(who);
                    noticed.merge(who, (System.nanoTime() - cutAt) / 100_000_000L / 10.0, Math::max);
                }
            }
            assertThat(missing.keySet()).as("who has not noticed").isEmpty();
        });
        for (int i = 0; i < MACHINES; i++) {
            var observed = machines.get(i);
            long before = begun.get(i);
            within(
                    A_DUE_TIME,
                    () -> assertThat(observed.begun())
                            .as("a run without the server")
                            .isGreaterThan(before));
        }
        for (int i = 0; i < MACHINES; i++) {
            networks.heal(i);
        }
        for (var observed : machines) {
            fleet.server().awaitOnline(observed.machine().host());
            observed.look();
        }
    }

    private static Networks.Cut kind(int machine, int round) {
        return Networks.Cut.values()[(machine + round) % MACHINES];
    }

    private interface Sign {
        boolean seen() throws Exception;
    }

    private static int complaints(Fleet.Machine machine) throws Exception {
        return machine.agent().log().split("no connection to the server", -1).length;
    }
}
