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

/** The link between server and machine goes dead without notice to either end. */
@Tag("faults")
class SilentCutTest {

    private static final int MACHINES = Networks.Cut.values().length;

    /** The documented limit. */
    private static final Duration TO_NOTICE = Duration.ofSeconds(60);

    private static final Duration TO_BE_DUE = Duration.ofSeconds(100);

    private Networks networks;

    @RegisterExtension
    final Fleet fleet = new Fleet(this::serverInNetwork);

    private ServerProcess serverInNetwork(Path directory) throws Exception {
        networks = Networks.of(MACHINES);
        return ServerProcess.start(directory, networks.location());
    }

    @AfterEach
    void close() {
        if (networks != null) {
            networks.close();
        }
    }

    @Test
    void both_ends_notice_within_a_minute_and_runs_meanwhile_are_reported_once() throws Exception {
        var faults = new Faults(SilentCutTest.class);
        var machines = new ArrayList<ObservedMachine>();
        for (int i = 0; i < MACHINES; i++) {
            var machine = fleet.machine(Restic.newest())
                    .through(networks.url(i))
                    .startedBy(networks.atMachine(i))
                    .enrol();
            machines.add(ObservedMachine.start(
                    fleet.server(),
                    machine,
                    new HookLog(fleet.directory("notes").resolve("notes")),
                    HistoryChecker.Allowed.SUCCESS,
                    Recurrence.EVERY_MINUTE));
        }
        var noticed = new TreeMap<String, Double>();
        int rounds = faults.count(1, 30);
        for (int round = 0; round < rounds; round++) {
            for (var observed : machines) {
                observed.requestRun(faults.random());
            }
            faults.pause(Duration.ofSeconds(2));
            if (round % 3 == 2) {
                cutBriefly(faults, round);
            } else {
                cut(machines, round, noticed);
            }
        }
        var violations = ObservedMachine.settle(machines);
        System.out.printf(
                "faults: cut %d links silently %d times; slowest detection in seconds %s; lost or duplicated %d%n",
                MACHINES, rounds, noticed, violations.size());
        assertThat(violations).as(faults.replay()).isEmpty();
    }

    /** Cuts the links for less time than detection takes, or slightly more. */
    private void cutBriefly(Faults faults, int round) throws Exception {
        for (int i = 0; i < MACHINES; i++) {
            networks.cut(i, kind(i, round));
        }
        faults.pause(Duration.ofSeconds(50));
        for (int i = 0; i < MACHINES; i++) {
            networks.heal(i);
        }
    }

    private void cut(List<ObservedMachine> machines, int round, Map<String, Double> noticed) throws Exception {
        var started = new ArrayList<Long>();
        var missing = new TreeMap<String, Sign>();
        for (int i = 0; i < MACHINES; i++) {
            var machine = machines.get(i).machine();
            int disconnects = disconnects(machine);
            fleet.server().awaitOnline(machine.host());
            networks.cut(i, kind(i, round));
            started.add(machines.get(i).started());
            missing.put(
                    kind(i, round) + " server",
                    () -> !fleet.server().status(machine.host()).equals("online"));
            missing.put(kind(i, round) + " machine", () -> disconnects(machine) > disconnects);
        }
        long cutAt = System.nanoTime();
        within(TO_NOTICE, () -> {
            for (var who : List.copyOf(missing.keySet())) {
                if (missing.get(who).seen()) {
                    missing.remove(who);
                    noticed.merge(who, (System.nanoTime() - cutAt) / 100_000_000L / 10.0, Math::max);
                }
            }
            assertThat(missing.keySet()).as("not noticed by").isEmpty();
        });
        for (int i = 0; i < MACHINES; i++) {
            var observed = machines.get(i);
            long before = started.get(i);
            within(
                    TO_BE_DUE,
                    () -> assertThat(observed.started())
                            .as("a run without the server")
                            .isGreaterThan(before));
        }
        for (int i = 0; i < MACHINES; i++) {
            networks.heal(i);
        }
        for (var observed : machines) {
            fleet.server().awaitOnline(observed.machine().host());
            observed.recordResults();
        }
    }

    private static Networks.Cut kind(int machine, int round) {
        return Networks.Cut.values()[(machine + round) % MACHINES];
    }

    private interface Sign {
        boolean seen() throws Exception;
    }

    private static int disconnects(Fleet.Machine machine) throws Exception {
        return machine.agent().log().split("no connection to the server", -1).length;
    }
}
