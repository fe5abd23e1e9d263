package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.present;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When restic lists the snapshots, and what is known of them without. */
@Tag("slow")
class SnapshotRowsTest {

    @TempDir
    Path root;

    private JobHarness harness;

    /** Lists that the server received. */
    private int reports;

    @AfterEach
    void stop() {
        if (harness != null) {
            harness.close();
        }
    }

    @Test
    void an_unchanged_run_starts_one_restic_and_its_summary_becomes_the_row() throws IOException {
        for (var restic : newer()) {
            root = Files.createDirectory(root.resolve(restic.getParent().getFileName()));
            start(restic);
            backUp();
            assertThat(calls()).containsExactly("version", "backup", "snapshots");

            backUp();
            var rows = backUp();

            assertThat(calls()).containsExactly("backup", "backup");
            assertThat(rows).hasSize(3);
            assertThat(rows.get(1).totalFiles()).hasValue(3L);
            var listed = listed();
            assertThat(calls()).containsExactly("snapshots", "snapshots");
            assertThat(rows.get(2)).isEqualTo(withoutParentAndTree(listed.get(2)));
            assertThat(rows.get(1)).isEqualTo(withoutParentAndTree(listed.get(1)));
            stop();
            root = root.getParent();
        }
    }

    @Test
    void the_repository_is_listed_daily() throws IOException {
        start(newest());
        backUp();
        harness.ahead = Duration.ofHours(22);
        backUp();
        assertThat(calls()).containsExactly("version", "backup", "snapshots", "backup");

        harness.ahead = Duration.ofHours(24);
        restart();
        backUp();
        backUp();

        assertThat(calls()).containsExactly("version", "backup", "snapshots", "backup");
    }

    @Test
    void the_repository_is_listed_after_snapshots_were_removed() throws IOException {
        start(newest());
        backUp();
        backUp();
        calls();

        var forget = harness.run(JobHarness.schedule(
                JobKind.FORGET,
                List.of(),
                new RetentionPolicy(1, 0, 0, 0, 0, 0, Optional.empty()),
                BackupOptions.NONE,
                Hooks.NONE));

        assertThat(forget.status()).as(forget.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(rows()).hasSize(1);
        assertThat(calls()).endsWith("snapshots");
    }

    @Test
    void a_run_whose_row_is_not_certain_is_followed_by_a_listing() throws IOException {
        start(newest());
        backUp();
        calls();

        harness.run(JobHarness.backupOf(
                harness.files.toString(), root.resolve("absent").toString()));

        assertThat(rows())
                .hasSize(2)
                .last()
                .satisfies(row -> assertThat(row.paths()).containsExactly(harness.files.toString()));
        assertThat(calls()).containsExactly("backup", "snapshots");
    }

    @Test
    void a_list_with_a_part_of_a_row_is_read_again() throws IOException {
        start(newest());
        backUp();
        backUp();
        harness.finish();
        harness.close();
        var file = root.resolve("state/snapshots/one/snapshots.ndjson");
        var content = Files.readString(file);
        Files.writeString(file, content.substring(0, content.length() - 9), StandardOpenOption.TRUNCATE_EXISTING);
        calls();

        restart();

        assertThat(backUp()).hasSize(3);
        assertThat(calls()).containsExactly("version", "backup", "snapshots");
    }

    @Test
    void an_old_restic_is_started_once_as_well_and_the_sizes_stay_when_it_lists_without_them() throws IOException {
        start(Path.of("/usr/bin/restic"));
        backUp();
        JobHarness.write(harness.files.resolve("more.txt"), "more");

        var rows = backUp();

        assertThat(calls()).containsExactly("version", "backup", "snapshots", "backup");
        assertThat(rows).extracting(row -> row.totalFiles().orElse(-1L)).containsExactly(3L, 4L);
        assertThat(rows).extracting(row -> row.totalBytes().orElse(-1L)).containsExactly(11L, 15L);
        var listed = listed();
        assertThat(listed).extracting(Snapshot::totalFiles).containsExactly(Optional.of(3L), Optional.of(4L));
        assertThat(rows.get(1).time()).isCloseTo(listed.get(1).time(), within(10, ChronoUnit.SECONDS));
        assertThat(rows.get(1))
                .usingRecursiveComparison()
                .ignoringFields("time")
                .isEqualTo(withoutParentAndTree(listed.get(1)));
    }

    @Test
    void an_old_restic_without_its_cache_lists_after_each_run_and_the_sizes_are_those_of_the_job() throws IOException {
        start(Path.of("/usr/bin/restic"), "--no-cache");
        backUp();

        var rows = backUp();

        assertThat(calls()).containsExactly("version", "backup", "snapshots", "backup", "snapshots");
        assertThat(rows).extracting(row -> row.totalFiles().orElse(-1L)).containsExactly(3L, 3L);
    }

    /** Versions of restic whose summary has the snapshot's time, oldest first. */
    private static List<Path> newer() throws IOException {
        var tools = Path.of("../.tools").toAbsolutePath().normalize();
        try (var folders = Files.isDirectory(tools) ? Files.list(tools) : Stream.<Path>empty()) {
            var found = folders.filter(folder -> folder.getFileName().toString().startsWith("restic-"))
                    .sorted()
                    .map(folder -> folder.resolve("restic"))
                    .toList();
            assumeTrue(!found.isEmpty(), "no newer restic is under .tools; scripts/newer-restic.sh fetches them");
            return found;
        }
    }

    private static Path newest() throws IOException {
        var found = newer();
        return found.get(found.size() - 1);
    }

    /** With a restic that records its calls. */
    private void start(Path restic, String... options) throws IOException {
        var counting = Files.writeString(
                root.resolve("restic"), """
                #!/bin/sh
                for word; do case $word in -*) ;; *) echo "$word" >> '%s'; break ;; esac; done
                exec '%s' %s "$@"
                """.formatted(root.resolve("calls"), restic, String.join(" ", options)));
        Files.setPosixFilePermissions(counting, PosixFilePermissions.fromString("rwxr-xr-x"));
        restart();
        harness.createRepository();
        JobHarness.write(root.resolve("a b/x"), "abc");
        JobHarness.write(root.resolve("a b/y"), "abc");
    }

    private void restart() {
        if (harness != null) {
            harness.close();
        }
        var ahead = harness == null ? Duration.ZERO : harness.ahead;
        harness =
                new JobHarness(root, HookRule.LOCAL_ONLY, root.resolve("restic").toString(), JobHarness.LIMITS);
        harness.ahead = ahead;
        reports = harness.sent(ToServer.SnapshotsReport.class).size();
    }

    /** The first words of restic's command lines since the last call of this. */
    private List<String> calls() throws IOException {
        var calls = Files.readAllLines(root.resolve("calls"));
        Files.writeString(root.resolve("calls"), "");
        return calls;
    }

    private List<Snapshot> backUp() {
        var schedule = JobHarness.backupOf(root.resolve("a b").toString() + "/", harness.files.toString());
        var end = harness.run(schedule);
        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        return rows();
    }

    private List<Snapshot> listed() {
        harness.end(harness.submit(JobKind.SNAPSHOTS));
        return rows();
    }

    /** The next list that the server receives. */
    private List<Snapshot> rows() {
        var received = present(() -> harness.sent(ToServer.SnapshotsReport.class).stream()
                .skip(reports)
                .findFirst());
        reports++;
        return received.snapshots();
    }

    private static Snapshot withoutParentAndTree(Snapshot row) {
        return new Snapshot(
                row.id(),
                row.shortId(),
                row.time(),
                row.hostname(),
                row.username(),
                row.paths(),
                row.tags(),
                Optional.empty(),
                Optional.empty(),
                row.programVersion(),
                row.totalFiles(),
                row.totalBytes(),
                row.dataAdded(),
                row.dataAddedPacked(),
                Optional.empty());
    }
}
