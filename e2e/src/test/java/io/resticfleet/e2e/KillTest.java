package io.resticfleet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Server and agents are killed at random moments, again and again; no run is lost and none done twice. */
@Tag("faults")
class KillTest {

    private static final int MACHINES = 3;
    private static final int SCHEDULES = 2;
    private static final Duration LONGEST_LIFE = Duration.ofMillis(1_500);

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void nothing_is_lost_or_done_twice_when_agents_and_server_are_killed_at_any_moment() throws Exception {
        var faults = new Faults(KillTest.class);
        var machines = new ArrayList<Watched>();
        for (int i = 0; i < MACHINES; i++) {
            var machine = fleet.machine(Restic.newest()).enrol();
            machines.add(Watched.start(fleet.server(), machine, SCHEDULES));
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
        }

        var wrong = new ArrayList<String>();
        var counts = new TreeMap<String, Long>();
        int promised = 0;
        for (var machine : machines) {
            wrong.addAll(machine.settle());
            machine.ledger().counts().forEach((status, count) -> counts.merge(status, count, Long::sum));
            promised += machine.promised();
        }
        System.out.printf(
                "faults: killed agents %d times, the server %d times in %d s: jobs %s, %d of them asked for; lost or"
                        + " doubled %d%n",
                2 * serverKills,
                serverKills,
                Duration.ofNanos(System.nanoTime() - began).toSeconds(),
                counts,
                promised,
                wrong.size());
        assertThat(wrong).as(faults.replay()).isEmpty();
        assertThat(counts.getOrDefault("succeeded", 0L)).isPositive();
    }

    private void killAgent(List<Watched> machines, Faults faults) throws Exception {
        var machine = machines.get(faults.random().nextInt(machines.size()));
        if (faults.random().nextBoolean()) {
            fleet.server().awaitOnline(machine.machine().host()); // else it is killed while it starts, mostly
        }
        for (var any : machines) {
            any.ask(faults.random());
        }
        faults.pass(LONGEST_LIFE);
        machine.machine().agent().kill();
        machine.machine().agent().start();
    }
}
