package io.resticfleet.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Acknowledged results, kept for a server that is restored from an older copy. */
class ArchiveTest {

    private static final LocalDate DAY = LocalDate.parse("2026-03-01");
    private static final String HOST = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

    @TempDir
    Path root;

    Outbox outbox;
    ServerEpoch epoch;

    @BeforeEach
    void open() {
        var state = StateDirectory.open(root);
        outbox = Outbox.open(state);
        epoch = ServerEpoch.open(state, new HostId(HOST), () -> false);
    }

    @Test
    void a_server_that_has_lost_results_receives_them_again_in_order() {
        meet("epoch-1", 0);
        acknowledge(5);
        add(1);

        meet("epoch-1", 2);

        assertThat(sent()).containsExactly(3L, 4L, 5L, 6L);
    }

    @Test
    void a_server_restored_by_command_receives_its_lost_results_even_if_it_has_none() {
        meet("epoch-1", 0);
        acknowledge(3);
        open();

        epoch.welcomed(
                new ToAgent.Welcome(
                        "1",
                        10,
                        Instant.EPOCH,
                        Optional.of("epoch-2"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                outbox);

        assertThat(sent()).containsExactly(1L, 2L, 3L);
        assertThat(epoch.find()).contains("epoch-2");
    }

    @Test
    void resending_continues_after_a_crash_from_the_servers_last_sequence() {
        meet("epoch-1", 0);
        acknowledge(100);
        meet("epoch-2", 10);
        assertThat(sent()).hasSize(64).startsWith(11L);
        outbox.acked(40);
        open();

        meet("epoch-2", 40);

        assertThat(sent()).hasSize(60).startsWith(41L);
    }

    @Test
    void a_restored_server_receives_everything_again_from_a_machine_with_a_clone() {
        openCloned();
        meet("epoch-1", 0);
        acknowledge(100);
        meet("epoch-2", 100); // sent by the clone
        assertThat(sent()).hasSize(64).startsWith(1L);
        outbox.acked(40);
        openCloned();

        meet("epoch-2", 100);
        assertThat(sent()).hasSize(64).startsWith(1L);
        outbox.acked(64);
        assertThat(sent()).endsWith(100L);
        outbox.acked(100);
        openCloned();
        meet("epoch-2", 100);

        assertThat(sent()).isEmpty();
    }

    private void openCloned() {
        var state = StateDirectory.open(root);
        outbox = Outbox.open(state);
        epoch = ServerEpoch.open(state, new HostId(HOST), () -> true);
    }

    @Test
    void a_server_that_has_everything_receives_nothing_again() {
        meet("epoch-1", 0);
        acknowledge(5);

        meet("epoch-1", 5);

        assertThat(sent()).isEmpty();
    }

    @Test
    void another_server_receives_no_results_of_the_previous_one() {
        meet("epoch-1", 0);
        acknowledge(5);
        epoch = ServerEpoch.open(StateDirectory.open(root), new HostId("01ARZ3NDEKTSV4RRFFQ69G5FAX"), () -> false);

        assertThat(epoch.find()).isEmpty();
        meet("epoch-2", 0);
        meet("epoch-2", 0);

        assertThat(sent()).containsExactly(5L); // the newest is kept as the mark of what was acknowledged
    }

    @Test
    void merging_files_by_day_loses_nothing() throws IOException {
        meet("epoch-1", 0);
        for (int day = 0; day < 10; day++) {
            acknowledge(30);
            outbox.tidy(DAY.plusDays(day));
        }
        open();
        assertThat(files()).hasSize(11);

        meet("epoch-2", 0);

        assertThat(allSent()).isEqualTo(LongStream.rangeClosed(1, 300).boxed().toList());
    }

    @Test
    void thirty_days_are_kept_even_if_the_clock_was_wrong_for_a_day() {
        meet("epoch-1", 0);
        for (int day = 0; day < 40; day++) {
            acknowledge(3);
            outbox.tidy(day == 39 ? DAY.plusYears(50) : DAY.plusDays(day));
        }

        meet("epoch-2", 0);

        assertThat(allSent()).hasSizeBetween(30 * 3, 32 * 3).endsWith(120L);
    }

    @Test
    void only_the_newest_list_of_snapshots_is_kept() {
        meet("epoch-1", 0);
        for (int i = 0; i < 10; i++) {
            outbox.add(sequence -> new ToServer.SnapshotsReport(sequence, Instant.EPOCH, List.of()));
            acknowledge(1);
        }
        outbox.tidy(DAY);

        meet("epoch-2", 0);

        assertThat(allSent()).containsSubsequence(18L, 19L, 20L).doesNotContain(1L, 3L, 15L, 17L);
    }

    @Test
    void after_a_full_disk_took_the_archive_no_sequence_is_reused_and_nothing_counts_as_lost() {
        meet("epoch-1", 0);
        acknowledge(5);
        var state = StateDirectory.open(root);
        outbox = Outbox.open(state);

        assertThat(state.reserve().release()).isTrue();
        open();

        assertThat(outbox.acked()).isEqualTo(5);
        assertThat(outbox.holds(3)).isFalse();
        assertThat(outbox.add(ArchiveTest::missed)).isEqualTo(6);
    }

    @Test
    void the_archive_is_deleted_before_the_reserve() {
        var state = StateDirectory.open(root);
        outbox = Outbox.open(state);
        state.reserve().restore();
        meet("epoch-1", 0);
        acknowledge(5);

        state.reserve().release();
        assertThat(root.resolve("ballast")).exists();
        state.reserve().release();
        assertThat(root.resolve("ballast")).doesNotExist();
    }

    @Test
    void a_truncated_line_loses_that_result_only() throws IOException {
        meet("epoch-1", 0);
        acknowledge(5);
        outbox.tidy(DAY);
        var merged = files().stream()
                .filter(file -> file.toString().endsWith(".ndjson"))
                .findFirst()
                .orElseThrow();
        var text = Files.readString(merged);
        Files.writeString(merged, text.substring(0, text.length() - 20));

        meet("epoch-2", 0);

        assertThat(sent()).containsExactly(1L, 2L, 3L, 5L);
    }

    private void meet(String name, long stored) {
        outbox.reconnected();
        epoch.welcomed(
                new ToAgent.Welcome(
                        "1",
                        10,
                        Instant.EPOCH,
                        Optional.of(name),
                        Optional.of(stored),
                        Optional.empty(),
                        Optional.empty()),
                outbox);
    }

    private void add(int count) {
        for (int i = 0; i < count; i++) {
            outbox.add(ArchiveTest::missed);
        }
    }

    private void acknowledge(int count) {
        add(count);
        allSent();
    }

    private static ToServer.JobMissed missed(long sequence) {
        return new ToServer.JobMissed(
                sequence,
                new JobId("01J%023d".formatted(sequence)),
                JobKind.BACKUP,
                new ScheduleId("01S00000000000000000000001"),
                Instant.EPOCH,
                Optional.empty(),
                "asleep");
    }

    private List<Long> sent() {
        var sequences = new ArrayList<Long>();
        for (var message = outbox.next(); message.isPresent(); message = outbox.next()) {
            sequences.add(((ToServer.Result) message.get()).sequence());
        }
        return sequences;
    }

    /** Acknowledges everything it receives. */
    private List<Long> allSent() {
        var all = new ArrayList<Long>();
        for (var sent = sent(); !sent.isEmpty(); sent = sent()) {
            all.addAll(sent);
            outbox.acked(sent.get(sent.size() - 1));
        }
        return all;
    }

    private List<Path> files() throws IOException {
        try (var files = Files.list(root.resolve("archive"))) {
            return files.toList();
        }
    }
}
