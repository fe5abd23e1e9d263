package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.restic.ListedFile;
import io.resticfleet.agent.restic.ResticEvent;
import io.resticfleet.protocol.Drill;
import io.resticfleet.protocol.DrillResult;
import io.resticfleet.protocol.DrillSample;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Drills with real repositories: what they prove, what they fail on, and what they leave behind. */
class DrillJobTest {

    @TempDir
    Path root;

    JobHarness harness;

    @AfterEach
    void stop() throws IOException {
        if (harness == null) {
            return;
        }
        harness.close();
        Files.setPosixFilePermissions(harness.files.resolve("odd"), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    static Stream<Path> restics() {
        return Tools.restics();
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_sample_and_all_canaries_are_restored_compared_and_removed_and_damaged_data_fails(Path restic)
            throws IOException {
        start(restic.toString());
        var canary = harness.files.resolve("odd/[a]*?\\b");
        harness.run(harness.everything());
        JobHarness.write(harness.files.resolve("hello.txt"), "changed since");

        var end = harness.end(harness.submit(drill(20, canary.toString())));

        var log = text(end);
        assertThat(end.status()).as(log).isEqualTo(JobStatus.SUCCEEDED);
        var result = (DrillResult) end.stats();
        assertThat(result.files()).as(log).isEqualTo(7);
        assertThat(result.snapshotFiles()).isEqualTo(8);
        assertThat(result.canaries()).isEqualTo(1);
        assertThat(result.comparedWithSource()).as("all but the changed one").isEqualTo(6);
        assertThat(result.leftOut()).as("a name that is no UTF-8").isEqualTo(1);
        assertThat(result.bytes()).isEqualTo(1_500_000 + 5 + 4 * 3);
        assertThat(result.seconds().orElseThrow()).isPositive();
        assertThat(result.snapshotId().orElseThrow()).hasSize(64);
        assertThat(log).contains("--verify").contains("restoring 7 of 8 files");
        assertNothingIsLeft();

        damageData();
        var failed = harness.end(
                harness.submit(drill(20, harness.files.resolve("noise").toString())));

        assertThat(failed.status()).as(text(failed)).isEqualTo(JobStatus.FAILED);
        assertThat(failed.errorCode())
                .isIn(List.of(
                        Optional.of(ErrorCode.DAMAGED.reported()), Optional.of(ErrorCode.DRILL_MISMATCH.reported())));
        assertThat(failed.error().orElseThrow()).contains("verification failed");
        assertNothingIsLeft();
    }

    @Test
    void a_file_that_differs_although_its_times_and_size_have_not_changed_is_found() throws IOException {
        var same = root.resolve("same");
        var other = root.resolve("other");
        var changed = root.resolve("changed");
        var files = new ArrayList<ListedFile>();
        var restored = root.resolve("restored");
        for (var file : List.of(same, other, changed)) {
            JobHarness.write(file, new byte[200_000]);
            JobHarness.write(restored.resolve(file.toString().substring(1)), new byte[200_000]);
            files.add(new ListedFile(
                    file.toString(),
                    200_000,
                    Files.getLastModifiedTime(file).toInstant(),
                    ((FileTime) Files.getAttribute(file, "unix:ctime")).toInstant()));
        }
        var damaged = new byte[200_000];
        damaged[199_000] = 1;
        JobHarness.write(restored.resolve(other.toString().substring(1)), damaged);
        JobHarness.write(restored.resolve(changed.toString().substring(1)), damaged);
        Files.setLastModifiedTime(changed, FileTime.fromMillis(1));
        Files.setLastModifiedTime(changed, FileTime.from(files.get(2).modified())); // only its inode tells

        var compared = new RestoredFiles(restored, files);
        compared.compare();

        assertThat(compared.incomplete()).isEmpty();
        assertThat(compared.different())
                .singleElement()
                .asString()
                .startsWith(other.toString())
                .contains("differs");
        assertThat(compared.compared()).isEqualTo(1);
        Files.delete(restored.resolve(same.toString().substring(1)));
        assertThat(compared.incomplete()).singleElement().asString().contains("was not restored");
    }

    @Test
    void a_canary_that_is_not_in_the_snapshot_no_snapshot_and_nothing_that_fits_fail_the_drill() throws IOException {
        start("/usr/bin/restic");
        var without = harness.end(harness.submit(drill(5)));
        harness.run(harness.everything());
        var missing = harness.files.resolve("payroll.db").toString();
        var other = new ScheduleId("01ARZ3NDEKTSV4RRFFQ69G5FZZ");

        var lacking = harness.end(harness.submit(drill(5, missing)));
        var ofOther = harness.end(
                harness.submit(new Drill(Optional.empty(), DrillSample.DEFAULT, List.of(), Optional.of(other))));
        var ofThis = harness.end(harness.submit(new Drill(
                Optional.empty(),
                new DrillSample(Optional.empty(), Optional.empty(), Optional.of(0.2)),
                List.of(),
                Optional.of(harness.everything().id()))));

        var tiny = harness.end(harness.submit(new Drill(
                Optional.empty(),
                new DrillSample(Optional.empty(), Optional.of(1L), Optional.empty()),
                List.of(),
                Optional.empty())));

        assertThat(tiny.status()).as("nothing fits").isEqualTo(JobStatus.FAILED);
        assertThat(tiny.errorCode()).contains(ErrorCode.DRILL_EMPTY.reported());
        assertThat(without.errorCode()).contains(ErrorCode.SNAPSHOT_NOT_FOUND.reported());
        assertThat(lacking.status()).isEqualTo(JobStatus.FAILED);
        assertThat(lacking.errorCode()).contains(ErrorCode.DRILL_CANARY_MISSING.reported());
        assertThat(lacking.error().orElseThrow()).contains(missing);
        assertThat(ofOther.errorCode()).contains(ErrorCode.SNAPSHOT_NOT_FOUND.reported());
        assertThat(ofThis.status()).as(text(ofThis)).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(((DrillResult) ofThis.stats()).files()).as("a fifth of 8").isEqualTo(2);
        assertNothingIsLeft();
    }

    @Test
    void a_drill_leaves_nothing_when_its_agent_is_restarted_or_it_is_cancelled() throws IOException {
        start(JobHarness.resticBut(root, "*' restore '*) sleep 1;;"));
        harness.run(harness.everything());
        var left = harness.state.directory("drills/01ARZ3NDEKTSV4RRFFQ69G5FZZ/files");
        JobHarness.write(left.resolve("left"), "by a crash");
        var id = harness.submit(drill(20));
        var choice = new DrillDirectory(harness.state, new JobId(id)).choice();
        eventually(() -> assertThat(choice).exists());
        eventually(() -> assertThat(harness.state.root().resolve("jobs/" + id + "/steps/restore/process"))
                .exists());
        harness.close();
        assertThat(choice).exists();

        harness =
                new JobHarness(root, HookRule.LOCAL_ONLY, root.resolve("restic").toString(), JobHarness.LIMITS);
        var end = harness.end(id);

        assertThat(end.status()).as(text(end)).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(((DrillResult) end.stats()).files()).isEqualTo(7);
        assertThat(((DrillResult) end.stats()).seconds()).isEmpty();
        assertNothingIsLeft();

        var cancelled = harness.submit(drill(20));
        eventually(() -> assertThat(harness.state.root().resolve("jobs/" + cancelled + "/steps/restore/process"))
                .exists());
        harness.runner.cancel(new JobId(cancelled));

        assertThat(harness.end(cancelled).status()).isEqualTo(JobStatus.CANCELLED);
        assertNothingIsLeft();
    }

    @Test
    void attributes_that_cannot_be_set_are_no_failure_but_a_file_that_cannot_be_written_is() {
        var errors = new RestoreErrors();
        errors.accept(new ResticEvent.Text("restoring <Snapshot 09616cdc> to /tmp"));
        assertThat(errors.onlyMetadata()).as("there is none").isFalse();
        errors.accept(new ResticEvent.Text("ignoring error for /a: xattr.LSet /t/a user.b: operation not supported"));
        errors.accept(new ResticEvent.Unreadable("/a", "xattr.LSet /t/a user.b: operation not supported"));
        assertThat(errors.onlyMetadata()).isTrue();

        errors.accept(new ResticEvent.Unreadable("/xattr", "no space left on device"));

        assertThat(errors.onlyMetadata()).isFalse();
        assertThat(errors.first()).contains("/xattr: no space left on device");
    }

    @Test
    void no_file_is_chosen_that_does_not_fit_into_the_free_space() {
        var choice = new DrillChoice(DrillSample.DEFAULT, List.of("/canary"), new Random(1));
        choice.add(new ListedFile("/canary", 400, Instant.EPOCH, Instant.EPOCH));
        choice.add(new ListedFile("/big", 700, Instant.EPOCH, Instant.EPOCH));
        choice.add(new ListedFile("/small", 500, Instant.EPOCH, Instant.EPOCH));

        var chosen = choice.choose(1_000);

        assertThat(chosen.files()).extracting(ListedFile::path).containsExactly("/canary", "/small");
        assertThat(chosen.leftOut()).isEqualTo(1);
    }

    @Test
    void the_choice_is_random_and_limited() {
        var choice = new DrillChoice(
                new DrillSample(Optional.of(40), Optional.of(1_000L), Optional.empty()),
                List.of("/9999"),
                new Random(1));
        for (int i = 0; i < 10_000; i++) {
            choice.add(new ListedFile("/" + i, i % 2 == 0 ? 10 : 2_000, Instant.EPOCH, Instant.EPOCH));
        }

        var chosen = choice.choose(1L << 30);

        assertThat(chosen.files()).hasSize(41);
        assertThat(chosen.files().get(0).path()).isEqualTo("/9999");
        assertThat(chosen.leftOut()).as("those that do not fit").isBetween(20L, 80L);
        assertThat(chosen.files().stream()
                        .skip(1)
                        .mapToInt(file -> Integer.parseInt(file.path().substring(1)))
                        .average()
                        .orElseThrow())
                .isBetween(3_500.0, 6_500.0);
        assertThat(chosen.snapshotFiles()).isEqualTo(10_000);
    }

    private void start(String restic) throws IOException {
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, restic, JobHarness.LIMITS);
        harness.createRepository();
        var noise = new byte[1_500_000];
        new Random(5).nextBytes(noise);
        JobHarness.write(harness.files.resolve("noise"), noise);
        JobHarness.write(harness.files.resolve("empty"), "");
        for (var name : List.of("[a]*?\\b", "new\nline", "ü")) {
            JobHarness.write(harness.files.resolve("odd").resolve(name), "odd");
        }
        JobHarness.write(harness.files.resolve("odd/b"), "bbb"); // what an unescaped pattern would match
        new ProcessBuilder("/bin/sh", "-c", "printf x >\"$1/$(printf 'bad\\377')\"", "sh", harness.files.toString())
                .start()
                .onExit()
                .join();
        Files.setLastModifiedTime(harness.files.resolve("noise"), FileTime.fromMillis(1_700_000_000_123L));
        Files.setPosixFilePermissions(harness.files.resolve("odd"), PosixFilePermissions.fromString("r-xr-xr-x"));
    }

    private void damageData() throws IOException {
        try (var packs = Files.walk(harness.repository.resolve("data"))) {
            var pack = packs.filter(Files::isRegularFile)
                    .max(Comparator.comparing(file -> file.toFile().length()))
                    .orElseThrow();
            var content = Files.readAllBytes(pack);
            for (int i = 0; i < content.length - 5_000; i += 1_000) {
                content[i]++;
            }
            Files.setPosixFilePermissions(pack, PosixFilePermissions.fromString("rw-------"));
            Files.write(pack, content);
        }
    }

    private static JobSpec drill(int files, String... canaries) {
        return new Drill(
                Optional.empty(),
                new DrillSample(Optional.of(files), Optional.empty(), Optional.empty()),
                List.of(canaries),
                Optional.empty());
    }

    private String text(ToServer.JobFinished end) {
        return end + "\n" + harness.log(end.jobId().value());
    }

    private void assertNothingIsLeft() {
        assertThat(harness.state.root().resolve("drills")).isEmptyDirectory();
    }
}
