package io.resticfleet.e2e;

import static io.resticfleet.e2e.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The disks of server and machine fill up in the midst of runs, again and again, and get room again. */
@Tag("faults")
class FullDisksTest {

    private static final int SERVER_MIB = 80;
    private static final int AGENT_MIB = 24;
    private static final int[] LEFT = {0, 0, 4 * 1024, 100 * 1024, 1024 * 1024};

    /** A server in trouble looks every ten seconds whether it is over. */
    private static final Duration TO_HEAL = Duration.ofSeconds(60);

    @RegisterExtension
    final Fleet fleet = new Fleet();

    @Test
    void nothing_is_lost_or_promised_in_vain_while_disks_fill_up_and_get_room_again() throws Exception {
        var faults = new Faults(FullDisksTest.class);
        var server = fleet.server();
        var machine = fleet.machine(Restic.newest()).enrol();
        server.stop();
        try (var serverDisk = Disk.onFiles(server.dataDir(), fleet.place("server disk"), SERVER_MIB);
                var agentDisk = Disk.inMemory(machine.stateDir(), AGENT_MIB)) {
            server.restart();
            var observed = ObservedMachine.start(
                    server,
                    machine,
                    new HookLog(fleet.place("notes").resolve("notes")),
                    HistoryChecker.Ends.BROKEN_OFF_TOO,
                    Recurrence.EVERY_MINUTE);
            int rounds = faults.count(4, 200);
            for (int i = 0; i < rounds; i++) {
                observed.ask(faults.random());
                faults.pass(Duration.ofSeconds(1));
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
                        () -> assertThat(observed.ask(faults.random()))
                                .as("it takes jobs again")
                                .isTrue());
            }
            var wrong = observed.settle();
            System.out.printf(
                    "faults: filled disks %d times: %s; lost or doubled %d%n",
                    rounds, observed.figures(), wrong.size());
            assertThat(wrong).as(faults.replay()).isEmpty();
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
            observed.ask(faults.random());
            faults.pass(Duration.ofSeconds(1));
            observed.look();
        }
    }
}
