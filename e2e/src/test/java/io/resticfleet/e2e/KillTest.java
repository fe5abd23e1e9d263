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

/** Server and agents are killed at random moments, again and again; no run is lost and none done twice. */
@Tag("faults")
class KillTest {

    private static final int MACHINES = 3;
    private static final Duration LONGEST_LIFE = Duration.ofMillis(1_500);

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void nothing_is_lost_or_done_twice_when_agents_and_server_are_killed_at_any_moment() throws Exception {
        var faults = new Faults(KillTest.class);
        var machines = new ArrayList<ObservedMachine>();
        for (int i = 0; i < MACHINES; i++) {
            var machine = fleet.machine(Restic.newest()).enrol();
            machines.add(ObservedMachine.start(
                    fleet.server(),
                    machine,
                    new HookLog(machine.place().resolve("hook-log")),
                    HistoryChecker.Ends.INTERRUPTED_WHILE_STARTING,
                    Recurrence.EVERY_MINUTE,
                    Recurrence.ODD_MINUTES));
        }
        int serverKills = faults.count(10, 500);
        long began = System.nanoTime();

        for (int i = 0; i < serverKills; i++) {
            for (int j = 0; j < 2; j++) {
                killAgent(machines, faults);
            }
            faults.pass(LONGEST_LIFE);
            fleet.server().kill();
            fleet.server().restart();
            machines.get(i % MACHINES).look();
        }

        var wrong = ObservedMachine.settle(machines);
        System.out.printf(
                "faults: killed agents %d times, the server %d times in %d s; lost or doubled %d%n",
                2 * serverKills,
                serverKills,
                Duration.ofNanos(System.nanoTime() - began).toSeconds(),
                wrong.size());
        assertThat(wrong).as(faults.replay()).isEmpty();
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
            machine.ask(faults.random());
        }
        faults.pass(LONGEST_LIFE);
        victim.machine().agent().kill();
        victim.machine().agent().start();
    }

    /** One that the server sees, waiting for it: else they would be killed while they start, mostly. */
    private ObservedMachine online(List<ObservedMachine> machines) throws Exception {
        var found = new ArrayList<ObservedMachine>();
        within(ServerProcess.TO_DIAL, () -> {
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
