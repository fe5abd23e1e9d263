package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The disks of server and machine fill up during runs, again and again, and are freed. */
@Tag("faults")
class FullDisksTest {

    private static final int SERVER_MIB = 80;
    private static final int AGENT_MIB = 24;
    private static final int[] LEFT = {0, 0, 4 * 1024, 100 * 1024, 1024 * 1024};

    /** A server in trouble probes every ten seconds whether it is over. */
    private static final Duration TO_HEAL = Duration.ofSeconds(60);

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void nothing_accepted_or_reported_is_lost_while_disks_fill_up_and_are_freed() throws Exception {
        var faults = new Faults(FullDisksTest.class);
        var server = fleet.server();
        var machine = fleet.machine(Restic.newest()).enrol();
        server.stop();
        try (var serverDisk = Disk.onFiles(server.dataDir(), fleet.directory("server disk"), SERVER_MIB);
                var agentDisk = Disk.inMemory(machine.stateDir(), AGENT_MIB)) {
            server.restart();
            var observed = ObservedMachine.start(
                    server,
                    machine,
                    new HookLog(fleet.directory("notes").resolve("notes")),
                    HistoryChecker.Allowed.FAILURE,
                    Recurrence.EVERY_MINUTE);
            int rounds = faults.count(4, 200);
            for (int i = 0; i < rounds; i++) {
                observed.requestRun(faults.random());
                faults.pause(Duration.ofSeconds(1));
                int which = i % 3; // the server's, the machine's, both
                if (which != 1) {
                    serverDisk.fill(left(faults));
                }
                if (which != 0) {
                    agentDisk.fill(left(faults));
                }
                work(observed, faults);
                if (i % 4 == 3) {
                    machine.agent().kill();
                    server.kill();
                    machine.agent().start();
                    server.restart();
                    work(observed, faults);
                }
                serverDisk.free();
                agentDisk.free();
                within(
                        TO_HEAL,
                        () -> assertThat(observed.requestRun(faults.random()))
                                .as("accepts jobs again")
                                .isTrue());
            }
            var violations = observed.settle();
            System.out.printf(
                    "faults: filled disks %d times: %s; lost or duplicated %d%n",
                    rounds, observed.figures(), violations.size());
            assertThat(violations).as(faults.replay()).isEmpty();
            assertThat(observed.ended("succeeded")).isPositive();
            assertThat(server.log()).contains("the disk with the server's data directory is full");
            assertThat(machine.agent().log()).contains("the disk is full");
            machine.agent().stop();
            server.stop();
        }
    }

    private static long left(Faults faults) {
        return LEFT[faults.random().nextInt(LEFT.length)];
    }

    private static void work(ObservedMachine observed, Faults faults) throws Exception {
        for (int i = faults.random().nextInt(4); i >= 0; i--) {
            observed.requestRun(faults.random());
            faults.pause(Duration.ofSeconds(1));
            observed.recordResults();
        }
    }
}
