package io.resticfleet.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Power cuts at random moments, with the loss of everything that was not on the disks. */
@Tag("faults")
class PowerCutTest {

    private static final int SERVER_MIB = 64;
    private static final int AGENT_MIB = 48;
    private static final Duration LONGEST_LIFE = Duration.ofMillis(2_500);

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void nothing_reported_is_lost_or_duplicated_when_the_power_is_cut_at_any_moment() throws Exception {
        var faults = new Faults(PowerCutTest.class);
        var server = fleet.server();
        var machine = fleet.machine(Restic.newest()).enrol();
        server.stop();
        try (var serverDisk = Disk.onFiles(server.dataDir(), fleet.directory("server disk"), SERVER_MIB);
                var agentDisk = Disk.onFiles(machine.stateDir(), fleet.directory("agent disk"), AGENT_MIB)) {
            server.restart();
            var observed = ObservedMachine.start(
                    server,
                    machine,
                    new HookLog(fleet.directory("notes").resolve("notes")),
                    HistoryChecker.Allowed.FAILURE,
                    Recurrence.EVERY_MINUTE);
            int cuts = faults.count(6, 300);
            var cutCounts = new int[2];
            for (int i = 0; i < cuts; i++) {
                int which = i % 3; // the server's machine, the other one, both
                work(observed, faults);
                if (which != 1) {
                    server.kill();
                    serverDisk.cut();
                    cutCounts[0]++;
                }
                if (which != 0) {
                    killAll(machine);
                    agentDisk.cut();
                    machine.agent().start();
                    cutCounts[1]++;
                }
                if (which != 1) {
                    server.restart();
                }
            }
            var violations = observed.settle();
            System.out.printf(
                    "faults: cut the power of the server %d times, of the machine %d times: %s; lost or duplicated %d%n",
                    cutCounts[0], cutCounts[1], observed.figures(), violations.size());
            assertThat(violations).as(faults.replay()).isEmpty();
            assertThat(observed.ended("succeeded")).isPositive();
            machine.agent().stop();
            server.stop();
        }
    }

    /** Ends often with a report or a request right before the cut. */
    private void work(ObservedMachine observed, Faults faults) throws Exception {
        if (faults.random().nextBoolean()) {
            fleet.server().awaitOnline(observed.machine().host());
        }
        for (int i = faults.random().nextInt(4); i >= 0; i--) {
            observed.requestRun(faults.random());
            faults.pause(LONGEST_LIFE);
            observed.recordResults();
        }
    }

    private static void killAll(Fleet.Machine machine) throws Exception {
        machine.agent().kill();
        List<ProcessHandle> left = Processes.using(machine.directory());
        while (!left.isEmpty()) {
            for (var process : new ArrayList<>(left)) {
                process.destroyForcibly();
                process.onExit().get();
            }
            left = Processes.using(machine.directory());
        }
    }
}
