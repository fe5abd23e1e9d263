package io.resticfleet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A network that cuts, stalls, repeats and muddles what is said changes nothing in what is done and told. */
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
                        new HookLog(machine.place().resolve("hook-log")),
                        HistoryChecker.Ends.WELL,
                        Recurrence.EVERY_MINUTE,
                        Recurrence.MOST_MINUTES));
            }
            proxy.rage();

            for (int i = 0; i < faults.count(20, 1_000); i++) {
                for (var machine : machines) {
                    machine.ask(faults.random());
                    machine.look();
                }
                faults.pass(LONGEST_CALM);
                proxy.cut();
            }
            var befell = new TreeMap<>(proxy.befell());
            proxy.calm();

            var wrong = ObservedMachine.settle(machines);
            System.out.printf("faults: connections %s; lost or doubled %d%n", befell, wrong.size());
            assertThat(wrong).as(faults.replay()).isEmpty();
            assertThat(befell).containsKeys(ChaosProxy.Fate.values());
            for (var machine : machines) {
                assertThat(machine.ended("succeeded")).isPositive();
            }
        }
    }
}
