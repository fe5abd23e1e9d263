package io.resticfleet.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutboxTest {

    @TempDir
    Path root;

    Outbox outbox;

    @BeforeEach
    void open() {
        outbox = Outbox.open(StateDirectory.open(root));
    }

    @Test
    void results_are_sent_in_order_and_again_after_a_reconnect_until_acknowledged() {
        addMissed(3);

        assertThat(sent()).containsExactly(1L, 2L, 3L);
        assertThat(sent()).isEmpty();
        outbox.acked(2);
        outbox.reconnected();
        assertThat(sent()).containsExactly(3L);
    }

    @Test
    void only_results_sent_on_this_connection_can_be_acknowledged_on_it() {
        addMissed(3);
        sent();
        outbox.reconnected();

        outbox.acked(3); // from the previous connection, replayed

        assertThat(sent()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void a_damaged_result_never_counts_as_acknowledged() throws IOException {
        addMissed(3);
        Files.writeString(root.resolve("outbox/%019d.json".formatted(2)), "");
        assertThat(sent()).containsExactly(1L, 3L);

        outbox.acked(3);

        assertThat(outbox.holds(2)).isTrue();
        assertThat(outbox.lost(2)).isTrue();
        open();
        assertThat(outbox.lost(2)).isTrue();
        assertThat(outbox.holds(3)).isFalse();
        outbox.lostReported();
        assertThat(outbox.lost(2)).isFalse();
    }

    @Test
    void a_dropped_result_never_counts_as_acknowledged() {
        outbox = Outbox.open(StateDirectory.open(root), 3);
        addMissed(4);
        sent();

        outbox.acked(4);

        assertThat(outbox.lost(1)).isTrue();
        assertThat(outbox.holds(2)).isFalse();
    }

    @Test
    void a_result_whose_file_is_gone_at_the_start_is_lost_and_not_acknowledged() throws IOException {
        addMissed(2);
        sent();
        outbox.acked(1);
        Files.delete(root.resolve("outbox/%019d.json".formatted(2)));

        open();

        assertThat(outbox.lost(2)).isTrue();
        assertThat(outbox.holds(1)).isFalse();
    }

    @Test
    void results_acknowledged_before_there_was_an_archive_are_not_lost_after_the_upgrade() throws IOException {
        addMissed(3);
        Files.delete(root.resolve("outbox/%019d.json".formatted(1)));
        Files.delete(root.resolve("archive"));

        open();

        assertThat(outbox.holds(1)).isFalse();
        assertThat(sent()).containsExactly(2L, 3L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "{", "-", "\u0000"})
    void damaged_and_unknown_files_do_not_stop_the_agent(String damage) throws IOException {
        addMissed(2);
        Files.writeString(root.resolve("outbox/highest"), damage);
        Files.writeString(root.resolve("outbox/lost"), damage);
        Files.writeString(root.resolve("outbox/notes.json"), damage);
        Files.writeString(root.resolve("outbox/.%019d.json.tmp".formatted(7)), damage);

        open();

        assertThat(sent()).containsExactly(1L, 2L);
        assertThat(outbox.add(OutboxTest::missed)).isEqualTo(3);
    }

    @Test
    void a_state_directory_restored_from_a_copy_reuses_no_sequence_number() {
        addMissed(2);

        outbox.continueAfter(100);
        outbox.continueAfter(Long.MAX_VALUE);

        assertThat(outbox.add(OutboxTest::missed)).isEqualTo(101);
    }

    @Test
    void results_survive_a_restart() {
        addMissed(2);

        open();

        assertThat(sent()).containsExactly(1L, 2L);
    }

    @Test
    void a_result_stored_before_there_were_error_codes_is_sent() throws IOException {
        Files.writeString(
                root.resolve("outbox/%019d.json".formatted(1)),
                "{\"type\":\"job.finished\",\"sequence\":1,\"job_id\":\"01J00000000000000000000001\",\"kind\":\"check\",\"trigger\":\"manual\","
                        + "\"finished_at\":\"2026-03-01T12:00:00Z\",\"status\":\"failed\",\"error\":\"is locked\","
                        + "\"stats\":{}}");

        open();

        assertThat(sent()).containsExactly(1L);
    }

    @Test
    void a_sequence_number_is_never_reused_even_if_all_were_acknowledged() {
        addMissed(2);
        sent();
        outbox.acked(2);
        assertThat(sent()).isEmpty();

        open();

        assertThat(outbox.add(OutboxTest::missed)).isEqualTo(3);
    }

    @Test
    void an_acknowledgement_of_results_never_sent_has_no_later_effect() {
        addMissed(1);
        outbox.acked(100);

        assertThat(outbox.add(OutboxTest::missed)).isEqualTo(2);
        assertThat(outbox.holds(2)).isTrue();
    }

    @Test
    void the_number_of_unacknowledged_results_in_flight_is_limited() {
        addMissed(100);

        assertThat(sent()).hasSize(64);
        outbox.acked(10);
        assertThat(sent()).hasSize(10);
    }

    @Test
    void only_the_newest_list_of_snapshots_is_kept() {
        outbox.add(sequence -> new ToServer.SnapshotsReport(sequence, Instant.EPOCH, List.of()));
        outbox.add(OutboxTest::missed);
        outbox.add(sequence -> new ToServer.SnapshotsReport(sequence, Instant.EPOCH, List.of()));

        assertThat(sent()).containsExactly(2L, 3L);
    }

    @Test
    void too_many_missed_runs_drop_the_oldest_and_the_next_one_has_their_number() {
        outbox = Outbox.open(StateDirectory.open(root), 3);
        addMissed(5);

        var next = outbox.add(OutboxTest::missed);

        var messages = new ArrayList<ToServer.JobMissed>();
        for (var message = outbox.next(); message.isPresent(); message = outbox.next()) {
            messages.add((ToServer.JobMissed) message.get());
        }
        assertThat(messages).extracting(ToServer.JobMissed::sequence).containsExactly(4L, 5L, next);
        assertThat(messages.get(2).reason()).contains("older missed runs that were dropped");
    }

    @Test
    void a_result_that_is_temporarily_unreadable_is_sent_later_and_in_order() throws IOException {
        addMissed(2);
        var file = root.resolve("outbox/%019d.json".formatted(1));
        var content = Files.readAllBytes(file);
        Files.delete(file);
        Files.createDirectory(file);
        assertThat(sent()).isEmpty();

        Files.delete(file);
        Files.write(file, content);

        assertThat(sent()).containsExactly(1L, 2L);
    }

    @Test
    void a_file_that_is_not_a_message_is_set_aside() throws IOException {
        addMissed(2);
        Files.write(root.resolve("outbox/%019d.json".formatted(1)), new byte[] {(byte) 0xff, 0, 1});

        assertThat(sent()).containsExactly(2L);
        assertThat(root.resolve("outbox/%019d.json.damaged".formatted(1))).exists();
    }

    /** Of 200 bytes. */
    private static final Snapshot SNAPSHOT = new Snapshot(
            "a".repeat(64),
            "a".repeat(8),
            Instant.EPOCH,
            "web",
            "root",
            List.of("/etc"),
            List.of(),
            Optional.of("b".repeat(64)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    @Test
    void a_result_too_long_for_the_link_is_refused_and_uses_no_sequence_number() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> outbox.add(sequence ->
                        new ToServer.SnapshotsReport(sequence, Instant.EPOCH, Collections.nCopies(50_000, SNAPSHOT))));

        assertThat(outbox.add(OutboxTest::missed)).isEqualTo(1);
    }

    private void addMissed(int count) {
        for (int i = 0; i < count; i++) {
            outbox.add(OutboxTest::missed);
        }
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
}
