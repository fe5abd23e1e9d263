package io.resticfleet.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.JobKind;
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

/** What was acknowledged is there for a server that was restored from an older copy. */
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
        epoch = ServerEpoch.open(state, HOST, () -> false);
    }

    @Test
    void a_server_that_has_less_than_it_acknowledged_gets_the_rest_again_in_order() {
        meet("epoch-1", 0);
        acknowledge(5);
        add(1);

        meet("epoch-1", 2);

        assertThat(sent()).containsExactly(3L, 4L, 5L, 6L);
    }

    @Test
    void a_server_restored_by_command_gets_what_it_has_lost_even_before_it_has_anything() {
        meet("epoch-1", 0);
        acknowledge(3);
        open();

        epoch.welcomed(
                new ToAgent.Welcome("1", 10, Instant.EPOCH, Optional.of("epoch-2"), Optional.empty(), Optional.empty()),
                outbox);

        assertThat(sent()).containsExactly(1L, 2L, 3L);
        assertThat(epoch.find()).contains("epoch-2");
    }

    @Test
    void sending_again_goes_on_after_a_crash_where_the_server_has_got_to() {
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
    void a_restored_server_gets_all_again_from_a_machine_that_has_a_clone() {
        openTwinned();
        meet("epoch-1", 0);
        acknowledge(100);
        meet("epoch-2", 100); // which the clone has told it
        assertThat(sent()).hasSize(64).startsWith(1L);
        outbox.acked(40);
        openTwinned();

        meet("epoch-2", 100);
        assertThat(sent()).hasSize(64).startsWith(1L);
        outbox.acked(64);
        assertThat(sent()).endsWith(100L);
        outbox.acked(100);
        openTwinned();
        meet("epoch-2", 100);

        assertThat(sent()).isEmpty();
    }

    private void openTwinned() {
        var state = StateDirectory.open(root);
        outbox = Outbox.open(state);
        epoch = ServerEpoch.open(state, HOST, () -> true);
    }

    @Test
    void a_server_that_has_all_gets_nothing_again() {
        meet("epoch-1", 0);
        acknowledge(5);

        meet("epoch-1", 5);

        assertThat(sent()).isEmpty();
    }

    @Test
    void another_server_is_told_nothing_of_what_the_one_before_was() {
        meet("epoch-1", 0);
        acknowledge(5);
        epoch = ServerEpoch.open(StateDirectory.open(root), "01ARZ3NDEKTSV4RRFFQ69G5FAX", () -> false);

        assertThat(epoch.find()).isEmpty();
        meet("epoch-2", 0);
        meet("epoch-2", 0);

        assertThat(sent()).containsExactly(5L); // the newest is how it is known what was acknowledged
    }

    @Test
    void folded_by_day_nothing_is_lost_and_the_files_are_few() throws IOException {
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
    void thirty_days_are_kept_and_a_clock_that_was_wrong_for_a_day_throws_nothing_away() {
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
    void given_up_for_a_full_disk_no_sequence_is_given_twice_and_nothing_counts_as_lost() {
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
    void the_reserve_is_given_up_only_after_what_was_acknowledged() {
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
    void a_torn_line_costs_that_result_only() throws IOException {
        meet("epoch-1", 0);
        acknowledge(5);
        outbox.tidy(DAY);
        var folded = files().stream()
                .filter(file -> file.toString().endsWith(".ndjson"))
                .findFirst()
                .orElseThrow();
        var text = Files.readString(folded);
        Files.writeString(folded, text.substring(0, text.length() - 20));

        meet("epoch-2", 0);

        assertThat(sent()).containsExactly(1L, 2L, 3L, 5L);
    }

    private void meet(String name, long stored) {
        outbox.reconnected();
        epoch.welcomed(
                new ToAgent.Welcome("1", 10, Instant.EPOCH, Optional.of(name), Optional.of(stored), Optional.empty()),
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
                sequence, "job-" + sequence, JobKind.BACKUP, "s", Instant.EPOCH, Optional.empty(), "asleep");
    }

    private List<Long> sent() {
        var sequences = new ArrayList<Long>();
        for (var message = outbox.next(); message.isPresent(); message = outbox.next()) {
            sequences.add(((ToServer.Result) message.get()).sequence());
        }
        return sequences;
    }

    /** Acknowledges what it hears. */
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
