package io.resticfleet.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.link.Outbox;
import io.resticfleet.agent.link.ServerEpoch;
import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.faults.disk.MemoryDisk;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The agent's files after a power cut, on a disk that keeps no more than POSIX guarantees. */
class PowerCutTest {

    private static final LocalDate TODAY = LocalDate.parse("2026-03-01");

    @Test
    void archived_results_survive_a_power_cut_right_after_they_were_merged() {
        for (int seed = 0; seed < 50; seed++) {
            var disk = new MemoryDisk(() -> {});
            var outbox = open(disk);
            welcome(disk, outbox, "before", 0);
            for (int i = 0; i < 5; i++) {
                outbox.add(PowerCutTest::missed);
            }
            assertThat(sent(outbox)).hasSize(5);
            outbox.acked(5);
            outbox.tidy(TODAY);

            disk.cut(new SplittableRandom(seed));

            var after = open(disk);
            welcome(disk, after, "restored", 0);
            assertThat(sent(after)).containsExactly(1L, 2L, 3L, 4L, 5L);
        }
    }

    private static Outbox open(MemoryDisk disk) {
        return Outbox.open(state(disk));
    }

    private static StateDirectory state(MemoryDisk disk) {
        return StateDirectory.open(disk.root().resolve("state"));
    }

    private static void welcome(MemoryDisk disk, Outbox outbox, String epoch, long stored) {
        ServerEpoch.open(state(disk), new HostId("01H00000000000000000000001"), () -> false)
                .welcomed(
                        new ToAgent.Welcome(
                                "1",
                                10,
                                Instant.EPOCH,
                                Optional.of(epoch),
                                Optional.of(stored),
                                Optional.empty(),
                                Optional.empty()),
                        outbox);
    }

    private static List<Long> sent(Outbox outbox) {
        outbox.reconnected();
        var sent = new ArrayList<Long>();
        for (var next = outbox.next(); next.isPresent(); next = outbox.next()) {
            sent.add(((ToServer.Result) next.get()).sequence());
        }
        return sent;
    }

    private static ToServer.Result missed(long sequence) {
        return new ToServer.JobMissed(
                sequence,
                new JobId("01J%023d".formatted(sequence)),
                JobKind.BACKUP,
                new ScheduleId("01S00000000000000000000001"),
                Instant.EPOCH,
                Optional.empty(),
                "asleep");
    }
}
