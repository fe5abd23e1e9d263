package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Server and agents are killed at random moments, again and again. */
@Tag("faults")
class KillTest {

    private static final int MACHINES = 3;
    private static final Duration LONGEST_LIFE = Duration.ofMillis(1_500);

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void nothing_is_lost_or_duplicated_when_agents_and_server_are_killed_at_any_moment() throws Exception {
        var faults = new Faults(KillTest.class);
        var machines = new ArrayList<ObservedMachine>();
        for (int i = 0; i < MACHINES; i++) {
            var machine = fleet.machine(Restic.newest()).enrol();
            machines.add(ObservedMachine.start(
                    fleet.server(),
                    machine,
                    new HookLog(machine.directory().resolve("hook-log")),
                    HistoryChecker.Allowed.INTERRUPTION,
                    Recurrence.EVERY_MINUTE,
                    Recurrence.ODD_MINUTES));
        }
        int serverKills = faults.count(10, 500);
        long startedAt = System.nanoTime();

        for (int i = 0; i < serverKills; i++) {
            for (int j = 0; j < 2; j++) {
                killAgent(machines, faults);
            }
            faults.pause(LONGEST_LIFE);
            fleet.server().kill();
            fleet.server().restart();
            machines.get(i % MACHINES).recordResults();
        }

        var violations = ObservedMachine.settle(machines);
        System.out.printf(
                "faults: killed agents %d times, the server %d times in %d s; lost or duplicated %d%n",
                2 * serverKills,
                serverKills,
                Duration.ofNanos(System.nanoTime() - startedAt).toSeconds(),
                violations.size());
        assertThat(violations).as(faults.replay()).isEmpty();
        long succeeded = 0;
        long interrupted = 0;
        for (var machine : machines) {
            succeeded += machine.ended("succeeded");
            interrupted += machine.ended("interrupted");
        }
        assertThat(succeeded).isGreaterThan(5 * interrupted);
    }

    private void killAgent(List<ObservedMachine> machines, Faults faults) throws Exception {
        var order = new ArrayList<>(machines);
        Collections.shuffle(order, faults.random());
        var victim = faults.random().nextBoolean() ? online(order) : order.get(0);
        for (var machine : machines) {
            machine.requestRun(faults.random());
        }
        faults.pause(LONGEST_LIFE);
        victim.machine().agent().kill();
        victim.machine().agent().start();
    }

    /** The first agent to be online; otherwise most would be killed during their start. */
    private ObservedMachine online(List<ObservedMachine> machines) throws Exception {
        var found = new ArrayList<ObservedMachine>();
        within(ServerProcess.TO_RECONNECT, () -> {
            for (var machine : machines) {
                if (fleet.server().status(machine.machine().host()).equals("online")) {
                    found.add(machine);
                }
            }
            assertThat(found).isNotEmpty();
        });
        return found.get(0);
    }
}
