package io.resticfleet.server.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Json;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.Snapshot;
import io.resticfleet.server.TestServer;
import io.resticfleet.server.job.BackupRun;
import io.resticfleet.server.job.Remark;
import io.resticfleet.server.job.SampleReports;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which backups hold retention until somebody looks. */
@Tag("slow")
class ShrinkGuardTest {

    private static final long GIB = 1L << 30;
    private static final RepositoryId REPOSITORY = new RepositoryId("01ARZ3NDEKTSV4RRFFQ69G5FAV");

    private final List<ShrinkGuard.Run> runs = new ArrayList<>();
    private Optional<JobId> accepted = Optional.empty();
    private Schedule schedule = schedule("/etc");
    private ShrinkGuard guard = new ShrinkGuard(ShrinkGuard.Limits.of(50, GIB));

    @Test
    void a_backup_that_lost_more_than_half_of_its_files_or_bytes_holds_retention() {
        backup(1_000, 50 * GIB);
        backup(1_100, 52 * GIB);
        backup(900, 48 * GIB);
        backup(500, 25 * GIB);
        assertThat(held()).isEmpty();

        backup(449, 50 * GIB);

        assertThat(held()).contains(ErrorCode.BACKUP_SHRUNK);
        assertThat(last().text())
                .isEqualTo(
                        "this backup has 449 files with 50.0 GiB, the ones before had 950 files with 49.0 GiB (median);"
                                + " no snapshots of this schedule are removed until this backup is accepted");
        runs.remove(4);
        backup(1_000, 24 * GIB);
        assertThat(held()).contains(ErrorCode.BACKUP_SHRUNK);
    }

    @Test
    void a_slow_decrease_is_compared_with_the_last_ten_backups() {
        for (int files = 2_000; files > 20; files = files * 9 / 10) {
            backup(files, 1_000L * files);
        }

        assertThat(held()).isEmpty();
    }

    @Test
    void later_backups_do_not_end_it_but_an_accepted_one_does() {
        backup(1_000, GIB);
        backup(10, GIB);
        backup(10, GIB);
        backup(1_000, GIB);

        assertThat(held()).contains(ErrorCode.BACKUP_SHRUNK);
        assertThat(last().code()).isEqualTo(ErrorCode.RETENTION_HELD);
        assertThat(last().text()).contains("look at job " + id(1));
        assertThat(judge().unusual()).containsExactly(id(1), id(2));

        accepted = Optional.of(id(1));
        assertThat(held()).isEmpty();
        assertThat(judge().remarks().values()).containsOnly(Optional.empty());
        backup(4, GIB);
        assertThat(judge().unusual()).containsExactly(id(4));
        accepted = Optional.of(id(4));
        assertThat(held()).isEmpty();
    }

    @Test
    void a_recorded_remark_holds_retention_when_the_backups_before_it_are_forgotten() {
        backup(1_000, GIB);
        backup(10, GIB);
        record();
        runs.remove(0);
        backup(10, GIB);

        assertThat(held()).contains(ErrorCode.BACKUP_SHRUNK);
        record();
        runs.remove(0);

        assertThat(held()).contains(ErrorCode.RETENTION_HELD);
        assertThat(last().text()).contains("look at job " + id(1));
    }

    @Test
    void what_a_partial_backup_lacks_holds_retention_until_it_is_there_again() {
        backup(1_000, GIB);
        partial(10, GIB);
        assertThat(held()).contains(ErrorCode.BACKUP_SHRUNK);
        partial(20, GIB);
        assertThat(held()).contains(ErrorCode.BACKUP_SHRUNK);

        backup(1_000, GIB);

        assertThat(held()).isEmpty();
    }

    @Test
    void a_changed_schedule_begins_anew() {
        backup(1_000, GIB);
        schedule = schedule("/srv");
        backup(10, GIB);
        assertThat(held()).isEmpty();

        backup(1, GIB);

        assertThat(held()).contains(ErrorCode.BACKUP_SHRUNK);
    }

    @Test
    void a_snapshot_of_other_paths_is_compared_but_is_no_measure() {
        backup(1_000, GIB);
        runs.add(run(JobStatus.SUCCEEDED, snapshot("/tmp", 600, GIB, 0, 0)));

        backup(450, GIB);

        assertThat(held()).contains(ErrorCode.BACKUP_SHRUNK);
    }

    @Test
    void new_data_that_does_not_compress_where_earlier_data_did_holds_retention() {
        added(20 * GIB, 12 * GIB);
        for (int day = 0; day < 30; day++) {
            added(GIB / 100, GIB / 200);
        }
        added(GIB - 1, GIB - 1); // too little
        added(GIB, GIB - GIB / 20); // compresses
        assertThat(held()).isEmpty();

        added(18 * GIB, 18 * GIB + 1);

        assertThat(held()).contains(ErrorCode.DATA_INCOMPRESSIBLE);
        assertThat(last().text()).startsWith("18.0 GiB of new data did not compress");
        added(0, 0);
        assertThat(held()).contains(ErrorCode.DATA_INCOMPRESSIBLE);
    }

    @Test
    void photos_never_compress_and_hold_nothing() {
        added(20 * GIB, 20 * GIB);
        for (int day = 0; day < 50; day++) {
            added(10_000, 4_000); // only metadata
        }

        added(10 * GIB, 10 * GIB - 1_000);

        assertThat(held()).isEmpty();
    }

    @Test
    void the_first_backup_has_no_measure() {
        added(20 * GIB, 20 * GIB);

        assertThat(held()).isEmpty();
    }

    @Test
    void with_real_restic_encrypted_files_hold_retention_and_photos_do_not(@TempDir Path root) throws Exception {
        guard = new ShrinkGuard(ShrinkGuard.Limits.of(50, 1 << 20));
        var restic = new Restic(root);
        restic.call("init");
        var random = new Random(1);

        var documents = Files.createDirectory(root.resolve("documents"));
        schedule = schedule(documents.toString());
        for (int file = 0; file < 20; file++) {
            write(
                    documents,
                    file,
                    "line of a document\n".repeat(10_000).getBytes(StandardCharsets.UTF_8),
                    random.nextInt());
        }
        restic.backUp(documents);
        write(documents, 0, "changed\n".repeat(20_000).getBytes(StandardCharsets.UTF_8), 0);
        restic.backUp(documents);
        assertThat(held()).isEmpty();
        for (int file = 0; file < 20; file++) {
            write(documents, file, noise(random, 190_000), 0);
        }
        restic.backUp(documents);
        assertThat(held()).contains(ErrorCode.DATA_INCOMPRESSIBLE);

        runs.clear();
        var photos = Files.createDirectory(root.resolve("photos"));
        schedule = schedule(photos.toString());
        for (int day = 0; day < 3; day++) {
            for (int file = 0; file < 10; file++) {
                write(photos, 10 * day + file, noise(random, 200_000), 0);
            }
            restic.backUp(photos);
        }
        assertThat(runs)
                .last()
                .satisfies(run -> assertThat(
                                run.snapshot().orElseThrow().dataAdded().orElseThrow())
                        .isGreaterThan(1 << 20));
        assertThat(held()).isEmpty();
    }

    private static byte[] noise(Random random, int size) {
        var noise = new byte[size];
        random.nextBytes(noise);
        return noise;
    }

    private static void write(Path folder, int file, byte[] content, int mark) throws IOException {
        content[0] = (byte) mark;
        content[1] = (byte) (mark >> 8);
        Files.write(folder.resolve("file-" + file), content);
    }

    /** The newest restic under {@code .tools}, with a repository. */
    private final class Restic {
        private final Path program;
        private final Path root;

        private Restic(Path root) throws IOException {
            var tools = Path.of("../.tools").toAbsolutePath().normalize();
            assumeTrue(
                    Files.isDirectory(tools), "no newer restic is under .tools; scripts/newer-restic.sh fetches them");
            try (var found = Files.list(tools)) {
                program = found.filter(folder -> folder.getFileName().toString().startsWith("restic-"))
                        .max(Path::compareTo)
                        .orElseThrow()
                        .resolve("restic");
            }
            this.root = root;
        }

        private JsonNode call(String... arguments) throws IOException, InterruptedException {
            var command = new ArrayList<>(List.of(program.toString(), "--json"));
            command.addAll(List.of(arguments));
            var builder = new ProcessBuilder(command).redirectInput(new File("/dev/null"));
            builder.environment()
                    .putAll(Map.of(
                            "RESTIC_REPOSITORY",
                            root.resolve("repository").toString(),
                            "RESTIC_PASSWORD",
                            "x",
                            "RESTIC_CACHE_DIR",
                            root.resolve("cache").toString()));
            var process = builder.redirectError(root.resolve("stderr").toFile()).start();
            var lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            assertThat(process.waitFor()).isZero();
            return Json.LENIENT.readTree(lines.get(lines.size() - 1));
        }

        private void backUp(Path folder) throws Exception {
            var id = call("backup", folder.toString()).path("snapshot_id").asText();
            var summary = call("snapshots", id).at("/0/summary");
            runs.add(run(
                    JobStatus.SUCCEEDED,
                    snapshot(
                            folder.toString(),
                            summary.path("total_files_processed").asLong(),
                            summary.path("total_bytes_processed").asLong(),
                            summary.path("data_added").asLong(),
                            summary.path("data_added_packed").asLong())));
        }
    }

    private ShrinkGuard.Judgement judge() {
        return guard.judge(runs, accepted, schedule);
    }

    private Optional<ErrorCode> held() {
        return judge().held().map(held -> held.remark().code());
    }

    /** What is recorded at the last backup. */
    private Remark last() {
        return judge().remarks().get(runs.get(runs.size() - 1).backup()).orElseThrow();
    }

    /** Stores the remarks. */
    private void record() {
        var remarks = judge().remarks();
        runs.replaceAll(run -> new ShrinkGuard.Run(
                new BackupRun(
                        run.backup().id(),
                        run.backup().status(),
                        remarks.get(run.backup()).map(Remark::text),
                        remarks.get(run.backup()).map(remark -> remark.code().reported()),
                        run.backup().snapshotId(),
                        run.backup().repositoryId(),
                        run.backup().finishedAt()),
                run.snapshot()));
    }

    private void backup(long files, long bytes) {
        runs.add(run(JobStatus.SUCCEEDED, snapshot(schedule.paths().get(0), files, bytes, 0, 0)));
    }

    private void partial(long files, long bytes) {
        runs.add(run(JobStatus.PARTIAL, snapshot(schedule.paths().get(0), files, bytes, 0, 0)));
    }

    private void added(long bytes, long packed) {
        runs.add(run(JobStatus.SUCCEEDED, snapshot(schedule.paths().get(0), 1_000, 20 * GIB, bytes, packed)));
    }

    private int made;

    private ShrinkGuard.Run run(JobStatus status, Snapshot snapshot) {
        return new ShrinkGuard.Run(
                new BackupRun(
                        id(made++),
                        status,
                        Optional.empty(),
                        Optional.empty(),
                        snapshot.id(),
                        Optional.of(REPOSITORY),
                        TestServer.START.plusSeconds(made)),
                Optional.of(snapshot));
    }

    private static Schedule schedule(String path) {
        return new Schedule(
                new ScheduleId("01ARZ3NDEKTSV4RRFFQ69G5FAV"),
                JobKind.BACKUP,
                "nightly",
                true,
                true,
                Optional.empty(),
                Optional.empty(),
                List.of(path),
                List.of(),
                List.of(),
                RetentionPolicy.NONE,
                BackupOptions.NONE,
                Hooks.NONE,
                CatchUp.RUN_ONCE,
                0,
                Optional.empty());
    }

    private static JobId id(int number) {
        return new JobId(SampleReports.id(number));
    }

    private static Snapshot snapshot(String path, long files, long bytes, long added, long packed) {
        return new Snapshot(
                SampleReports.SNAPSHOT,
                SampleReports.SNAPSHOT.substring(0, 8),
                TestServer.START,
                "web",
                "root",
                List.of(path),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("restic 0.19.1"),
                Optional.of(files),
                Optional.of(bytes),
                Optional.of(added),
                Optional.of(packed),
                Optional.empty());
    }
}
