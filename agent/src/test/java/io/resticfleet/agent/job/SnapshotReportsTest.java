package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.present;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.SnapshotChecksums;
import io.resticfleet.protocol.SnapshotsOffer;
import io.resticfleet.protocol.SnapshotsPiece;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists of snapshots as they reach a server. */
@Tag("slow")
class SnapshotReportsTest {

    private static final RepositoryId REPOSITORY = new RepositoryId("01ARZ3NDEKTSV4RRFFQ69G5FAV");

    @TempDir
    Path root;

    JobHarness harness;

    /** Ids that the server has. */
    final TreeSet<String> stored = new TreeSet<>();

    @BeforeEach
    void start() throws IOException {
        var listing = JobHarness.resticBut(root, "*' snapshots '*) cat " + root.resolve("list") + "; exit 0;;");
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, listing, JobHarness.LIMITS);
        harness.createRepository();
        harness.credentials.store(new ToAgent.ConfigUpdate(
                "web-01",
                harness.credentials.repository().orElseThrow(),
                false,
                Optional.of(REPOSITORY),
                Optional.empty(),
                Optional.empty()));
        harness.snapshots.reconnected();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void a_long_list_arrives_whole_in_small_pieces() throws IOException {
        list(0, 10_002);
        harness.snapshots.asked();

        var offer = offer();
        var pieces = answer(offer);

        assertThat(offer.total()).isEqualTo(10_002);
        assertThat(offer.repositoryId()).isEqualTo(REPOSITORY);
        assertThat(stored).hasSize(10_002);
        assertThat(pieces).hasSizeGreaterThan(20).allSatisfy(piece -> {
            assertThat(piece.added()).hasSizeLessThanOrEqualTo(500);
            assertThat(Wire.encode(piece).getBytes(StandardCharsets.UTF_8).length)
                    .isLessThan(300_000);
        });
        assertThat(harness.sent(ToServer.SnapshotsReport.class)).isEmpty();
    }

    @Test
    void only_what_changed_is_sent() throws IOException {
        harness.snapshots.asked();
        list(0, 300);
        answer(offer());

        list(2, 301);
        var pieces = answer(offer());

        assertThat(pieces).singleElement().satisfies(piece -> {
            assertThat(piece.added()).extracting(Snapshot::id).containsExactly(id(300));
            assertThat(piece.removed()).containsExactlyInAnyOrder(id(0).substring(0, 16), id(1).substring(0, 16));
        });
    }

    @Test
    void after_a_lost_connection_the_list_is_offered_again_from_the_start() throws IOException {
        harness.snapshots.asked();
        list(0, 1_200);
        wanted(offer());
        assertThat(piece().added()).hasSize(500);

        harness.snapshots.reconnected();
        assertThat(harness.snapshots.next()).isEmpty();
        harness.snapshots.asked();
        answer(offer());

        assertThat(stored).hasSize(1_200);
    }

    @Test
    void a_restarted_agent_offers_its_last_list() throws IOException {
        harness.snapshots.asked();
        list(0, 3);
        offer();

        var restarted = new SnapshotLists(harness.state, harness.results);
        assertThat(restarted.follow(harness.credentials.each())).isFalse();
        restarted.reconnected();
        restarted.asked();

        assertThat(restarted.next())
                .hasValueSatisfying(message ->
                        assertThat(((SnapshotsOffer) message).total()).isEqualTo(3));
    }

    @Test
    void a_piece_that_was_not_stored_is_not_followed_by_another() throws IOException {
        harness.snapshots.asked();
        list(0, 1_200);
        var offer = offer();
        wanted(offer);
        piece();

        harness.snapshots.stored(new ToAgent.SnapshotsStored(offer.report(), 0, false));
        harness.snapshots.stored(new ToAgent.SnapshotsStored(offer.report() - 1, 1, false));

        assertThat(harness.snapshots.next()).isEmpty();
    }

    @Test
    void a_server_that_does_not_ask_receives_the_newest_in_one_result() throws IOException {
        list(0, 10_002);

        var report = present(
                () -> harness.sent(ToServer.SnapshotsReport.class).stream().findFirst());

        assertThat(report.snapshots()).last().extracting(Snapshot::id).isEqualTo(id(10_001));
        assertThat(Wire.encode(report).getBytes(StandardCharsets.UTF_8).length).isBetween(700_000, 1_100_000);
        assertThat(harness.snapshots.next()).isEmpty();
    }

    /** Lists snapshots of these numbers, as a job does. */
    private void list(int from, int until) throws IOException {
        Files.writeString(
                root.resolve("list"),
                IntStream.range(from, until)
                        .mapToObj(number -> "{\"id\":\"" + id(number) + "\",\"short_id\":\"x\",\"hostname\":\"web-01\","
                                + "\"time\":\"2026-03-01T12:00:00Z\",\"paths\":[\"/" + "ü".repeat(100) + "\"]}")
                        .collect(Collectors.joining(",", "[", "]")));
        harness.end(harness.submit(JobKind.CHECK));
        harness.end(harness.submit(JobKind.SNAPSHOTS));
    }

    private static String id(int number) {
        return "%016x".formatted((number + 1) * 0x9e3779b97f4a7c15L) + "%048x".formatted(number);
    }

    private SnapshotsOffer offer() {
        return (SnapshotsOffer) present(harness.snapshots::next);
    }

    private SnapshotsPiece piece() {
        return (SnapshotsPiece) present(harness.snapshots::next);
    }

    /** Asks for the difference, as a server does that has {@link #stored}. */
    private void wanted(SnapshotsOffer offer) {
        var checksums = new SnapshotChecksums();
        stored.forEach(id -> checksums.toggle(SnapshotChecksums.key(id)));
        var buckets = checksums.differing(SnapshotChecksums.parse(offer.checksums()));
        var known = stored.stream()
                .filter(id -> buckets.contains(SnapshotChecksums.bucket(SnapshotChecksums.key(id))))
                .map(id -> id.substring(0, 16))
                .toList();
        harness.snapshots.wanted(new ToAgent.SnapshotsWanted(offer.report(), buckets, known));
    }

    /** Stores the whole difference. */
    private List<SnapshotsPiece> answer(SnapshotsOffer offer) {
        wanted(offer);
        var pieces = new ArrayList<SnapshotsPiece>();
        do {
            var piece = piece();
            assertThat(piece.number()).isEqualTo(pieces.size() + 1L);
            pieces.add(piece);
            piece.added().forEach(snapshot -> stored.add(snapshot.id()));
            piece.removed().forEach(key -> stored.removeIf(id -> id.startsWith(key)));
            harness.snapshots.stored(new ToAgent.SnapshotsStored(offer.report(), piece.number(), false));
        } while (!pieces.get(pieces.size() - 1).last());
        return pieces;
    }
}
