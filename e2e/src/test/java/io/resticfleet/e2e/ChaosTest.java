package io.resticfleet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runs over a network that cuts, stalls, repeats and reorders messages. */
@Tag("faults")
class ChaosTest {

    private static final int MACHINES = 3;
    private static final Duration LONGEST_CALM = Duration.ofSeconds(6);

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void nothing_is_lost_or_done_twice_over_a_bad_network() throws Exception {
        var faults = new Faults(ChaosTest.class);
        try (var proxy =
                new ChaosProxy(fleet.server().url(), new Random(faults.random().nextLong()))) {
            var machines = new ArrayList<ObservedMachine>();
            for (int i = 0; i < MACHINES; i++) {
                var machine =
                        fleet.machine(Restic.newest()).through(proxy.url()).enrol();
                machines.add(ObservedMachine.start(
                        fleet.server(),
                        machine,
                        new HookLog(machine.directory().resolve("hook-log")),
                        HistoryChecker.Allowed.SUCCESS,
                        Recurrence.EVERY_MINUTE,
                        Recurrence.MOST_MINUTES));
            }
            proxy.startFaults();

            for (int i = 0; i < faults.count(12, 1_000); i++) {
                for (var machine : machines) {
                    machine.requestRun(faults.random());
                    machine.recordResults();
                }
                faults.pause(LONGEST_CALM);
                proxy.cut();
            }
            var injected = new TreeMap<>(proxy.injected());
            proxy.stopFaults();

            var violations = ObservedMachine.settle(machines);
            System.out.printf("faults: connections %s; lost or duplicated %d%n", injected, violations.size());
            assertThat(violations).as(faults.replay()).isEmpty();
            assertThat(injected).containsKeys(ChaosProxy.Fault.values());
            for (var machine : machines) {
                assertThat(machine.ended("succeeded")).isPositive();
            }
        }
    }
}
