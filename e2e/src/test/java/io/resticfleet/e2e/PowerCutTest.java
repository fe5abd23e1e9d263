package io.resticfleet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The power goes at random moments, and with it all that was not on the disks; what was told stays true. */
@Tag("faults")
class PowerCutTest {

    private static final int SERVER_MIB = 64;
    private static final int AGENT_MIB = 48;
    private static final Duration LONGEST_LIFE = Duration.ofMillis(2_500);

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void nothing_told_is_lost_and_nothing_done_twice_when_the_power_is_cut_at_any_moment() throws Exception {
        var faults = new Faults(PowerCutTest.class);
        var server = fleet.server();
        var machine = fleet.machine(Restic.newest()).enrol();
        server.stop();
        try (var serverDisk = Disk.onFiles(server.dataDir(), fleet.place("server disk"), SERVER_MIB);
                var agentDisk = Disk.onFiles(machine.stateDir(), fleet.place("agent disk"), AGENT_MIB)) {
            server.restart();
            var observed = ObservedMachine.start(
                    server,
                    machine,
                    new HookLog(fleet.place("notes").resolve("notes")),
                    HistoryChecker.Ends.BROKEN_OFF_TOO,
                    Recurrence.EVERY_MINUTE);
            int cuts = faults.count(6, 300);
            var struck = new int[2];
            for (int i = 0; i < cuts; i++) {
                int which = i % 3; // the server's machine, the other one, both
                work(observed, faults);
                if (which != 1) {
                    server.kill();
                    serverDisk.cut();
                    struck[0]++;
                }
                if (which != 0) {
                    killAll(machine);
                    agentDisk.cut();
                    machine.agent().start();
                    struck[1]++;
                }
                if (which != 1) {
                    server.restart();
                }
            }
            var wrong = observed.settle();
            System.out.printf(
                    "faults: cut the power of the server %d times, of the machine %d times: %s; lost or doubled %d%n",
                    struck[0], struck[1], observed.figures(), wrong.size());
            assertThat(wrong).as(faults.replay()).isEmpty();
            assertThat(observed.ended("succeeded")).isPositive();
            machine.agent().stop();
            server.stop();
        }
    }

    /** Often looks and asks right before the cut, when what was told is freshest. */
    private void work(ObservedMachine observed, Faults faults) throws Exception {
        if (faults.random().nextBoolean()) {
            fleet.server().awaitOnline(observed.machine().host());
        }
        for (int i = faults.random().nextInt(4); i >= 0; i--) {
            observed.ask(faults.random());
            faults.pass(LONGEST_LIFE);
            observed.look();
        }
    }

    private static void killAll(Fleet.Machine machine) throws Exception {
        machine.agent().kill();
        List<ProcessHandle> left = Processes.naming(machine.place());
        while (!left.isEmpty()) {
            for (var process : new ArrayList<>(left)) {
                process.destroyForcibly();
                process.onExit().get();
            }
            left = Processes.naming(machine.place());
        }
    }
}
