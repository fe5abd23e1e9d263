package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.restic.TwoRepositories;
import io.resticfleet.protocol.CheckResult;
import io.resticfleet.protocol.CopyResult;
import io.resticfleet.protocol.DataPart;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.NoResult;
import io.resticfleet.protocol.PruneResult;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.RotateKey;
import io.resticfleet.protocol.RotateKey.Step;
import io.resticfleet.protocol.RotateKeyResult;
import io.resticfleet.protocol.StatsResult;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.UnusedLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operations on a repository by its oldest and its newest restic, and what they say of a damaged one. */
@Tag("slow")
class OperationsTest {

    private static final Path TOOLS = Path.of("../.tools").toAbsolutePath().normalize();

    private static final RepositoryId FIRST = new RepositoryId("01R00000000000000000000001");

    @TempDir
    Path root;

    JobHarness harness;

    /** The installed restic, and the newest of those that {@code scripts/newer-restic.sh} fetched. */
    static Stream<String> restics() throws IOException {
        try (var tools = Files.isDirectory(TOOLS) ? Files.list(TOOLS) : Stream.<Path>empty()) {
            var newest = tools.map(directory -> directory.resolve("restic"))
                    .filter(Files::isExecutable)
                    .max(Comparator.naturalOrder());
            return Stream.concat(Stream.of("/usr/bin/restic"), newest.stream().map(Path::toString)).toList().stream();
        }
    }

    @AfterEach
    void stop() {
        if (harness != null) {
            harness.close();
        }
    }

    @ParameterizedTest
    @MethodSource("restics")
    void the_repository_is_measured_pruned_and_read_in_parts(String restic) throws IOException {
        start(restic);
        var size = stats();
        harness.restic("forget", "latest");

        var dryRun = succeeded(new JobSpec.Prune(Optional.empty(), Optional.empty(), true));
        var packsBefore = packs();
        var pruned = succeeded(new JobSpec.Prune(Optional.empty(), Optional.of(new UnusedLimit("0")), false));
        var check = succeeded(new JobSpec.Check(Optional.empty(), Optional.of(new DataPart(1, 4))));

        assertThat(size.sizeBytes()).isGreaterThan(1_000_000);
        assertThat(size.snapshotCount()).isEqualTo(1);
        assertThat(size.keys().orElseThrow()).singleElement().satisfies(key -> {
            assertThat(key.current()).isTrue();
            assertThat(key.id())
                    .isEqualTo(Files.list(harness.repository.resolve("keys"))
                            .map(file -> file.getFileName().toString())
                            .findFirst()
                            .orElseThrow()
                            .substring(0, key.id().length()));
        });
        assertThat(((PruneResult) dryRun.stats()).removedBytes()).isGreaterThan(1_000_000);
        assertThat(packsBefore).isNotEmpty();
        assertThat(((PruneResult) pruned.stats()).removedBytes()).isGreaterThan(1_000_000);
        assertThat(packs()).isEmpty();
        assertThat(check.stats()).isEqualTo(new CheckResult(0, Optional.of(0.25), size.keys()));
        assertThat(harness.log(check.jobId().value())).contains("--read-data-subset=1/4");
        assertThat(stats().sizeBytes()).isZero();
    }

    @ParameterizedTest
    @MethodSource("restics")
    void a_lost_index_is_found_by_a_check_and_repaired(String restic) throws IOException {
        start(restic);
        for (var index : files("index")) {
            Files.delete(index);
        }

        var check = end(JobSpec.once(JobKind.CHECK));
        succeeded(new JobSpec.RepairIndex());

        assertThat(check.errorCode()).as(check.toString()).contains(ErrorCode.DAMAGED.reported());
        assertThat(((CheckResult) check.stats()).errorCount()).isPositive();
        succeeded(JobSpec.once(JobKind.CHECK));
        assertThat(stats().sizeBytes()).isGreaterThan(1_000_000);
    }

    @ParameterizedTest
    @MethodSource("restics")
    void data_that_was_changed_is_found_by_reading_all_and_a_lost_pack_by_every_check(String restic)
            throws IOException {
        start(restic);
        var pack = packs().stream()
                .max(Comparator.comparing(file -> file.toFile().length()))
                .orElseThrow();
        var bytes = Files.readAllBytes(pack);
        bytes[bytes.length / 2] ^= 1;
        pack.toFile().setWritable(true);
        Files.write(pack, bytes);

        var structure = end(JobSpec.once(JobKind.CHECK));
        var all = end(new JobSpec.Check(Optional.empty(), Optional.of(new DataPart(1, 1))));
        Files.delete(pack);
        var lost = end(JobSpec.once(JobKind.CHECK));
        succeeded(new JobSpec.RepairIndex());
        var repaired = end(new JobSpec.RepairSnapshots());

        assertThat(structure.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(List.of(all, lost)).allSatisfy(damaged -> {
            assertThat(damaged.errorCode()).contains(ErrorCode.DAMAGED.reported());
            assertThat(damaged.error().orElseThrow()).contains("repository is damaged");
        });
        assertThat(((CheckResult) all.stats()).dataReadShare()).contains(1.0);
        if (restic.startsWith("/usr")) {
            assertThat(repaired.errorCode()).contains(ErrorCode.RESTIC_TOO_OLD.reported());
            assertThat(repaired.error().orElseThrow()).contains("0.16.0");
        } else {
            assertThat(repaired.status()).as(repaired.toString()).isEqualTo(JobStatus.SUCCEEDED);
            succeeded(JobSpec.once(JobKind.CHECK));
        }
    }

    @ParameterizedTest
    @MethodSource("restics")
    void snapshots_are_copied_to_a_second_repository_that_divides_files_alike(String restic) throws IOException {
        start(restic);
        var first = FIRST;
        var second = new RepositoryId("01R00000000000000000000002");
        var here = repository(harness.repository, "");
        var there = repository(root.resolve("second"), "other");
        harness.credentials.store(new ToAgent.ConfigUpdate(
                "web-01",
                here,
                true,
                Optional.of(first),
                Optional.of(List.of(
                        new ToAgent.HostRepository(first, here, true, false),
                        new ToAgent.HostRepository(second, there, false, false))),
                Optional.empty()));

        var init = new ToAgent.CommandRun(
                new JobId("01J00000000000000000000009"),
                new JobSpec.Init(Optional.of(first)),
                JobTrigger.MANUAL,
                Optional.empty(),
                Optional.of(second));
        harness.journal.accept(JobEntry.ordered(init, (JobSpec) init.order()));
        harness.runner.enqueue(init.jobId());
        var made = harness.end(init.jobId().value());
        var copied = succeeded(new JobSpec.Copy(Optional.empty(), second));
        var again = succeeded(new JobSpec.Copy(Optional.empty(), second));

        assertThat(made.status()).as(made.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(copied.stats()).isEqualTo(new CopyResult(1));
        assertThat(again.stats()).isIn(new CopyResult(0), new NoResult());
        try (var snapshots = Files.list(root.resolve("second/snapshots"))) {
            assertThat(snapshots).hasSize(1);
        }
        assertThat(chunks(root.resolve("second"), "other")).isEqualTo(chunks(harness.repository, ""));
    }

    @Test
    void a_copy_leaves_out_what_retention_removed_and_fails_if_restic_copies_nothing() throws IOException {
        var lazy = root.resolve("lazy-restic");
        Files.writeString(lazy, "#!/bin/sh\ncase \"$*\" in *' copy '*) exit 0;; esac\nexec /usr/bin/restic \"$@\"\n");
        lazy.toFile().setExecutable(true);
        start(lazy.toString());
        var second = new RepositoryId("01R00000000000000000000002");
        var here = repository(harness.repository, "");
        var there = repository(root.resolve("second"), "");
        harness.credentials.store(new ToAgent.ConfigUpdate(
                "web-01",
                here,
                true,
                Optional.of(FIRST),
                Optional.of(List.of(
                        new ToAgent.HostRepository(FIRST, here, true, false),
                        new ToAgent.HostRepository(second, there, false, true))),
                Optional.empty()));
        harness.restic("-r", root.resolve("second").toString(), "init");
        var snapshot = files("snapshots").get(0).getFileName().toString();

        var nothing = end(new JobSpec.Copy(Optional.empty(), second));
        var without = succeeded(new JobSpec.Copy(Optional.empty(), second).without(List.of(snapshot)));

        assertThat(nothing.errorCode()).contains(ErrorCode.COPY_INCOMPLETE.reported());
        assertThat(nothing.error().orElseThrow()).contains("lacks 1 snapshot, such as " + snapshot);
        assertThat(without.stats()).isEqualTo(new CopyResult(0));
    }

    /** Number of blobs, which is the same only if files are divided in the same way. */
    private long chunks(Path repository, String suffix) {
        harness.configure(repository.toString(), JobHarness.PASSWORD + suffix);
        return stats().blobCount();
    }

    private static Repository repository(Path path, String suffix) {
        return new Repository(
                new RepositoryUrl(path.toString()), Optional.empty(), Optional.empty(), JobHarness.PASSWORD + suffix);
    }

    @Test
    void a_repository_of_format_1_is_used_by_the_oldest_and_the_newest_restic_in_turn() throws IOException {
        for (var restic : restics().toList()) {
            harness = new JobHarness(root, HookRule.LOCAL_ONLY, restic, JobHarness.LIMITS);
            if (restic.startsWith("/usr")) {
                harness.restic("init", "--repository-version=1");
            }
            var backup = harness.run(harness.everything());
            assertThat(backup.status()).as(backup.toString()).isEqualTo(JobStatus.SUCCEEDED);
            var stats = stats();
            assertThat(stats.uncompressedBytes()).isEmpty();
            assertThat(stats.snapshotCount()).isEqualTo(restic.startsWith("/usr") ? 1 : 2);
            succeeded(JobSpec.once(JobKind.CHECK));
            harness.close();
        }
    }

    @Test
    void two_repositories_that_need_different_credentials_are_refused_in_words() {
        var one = new Repository(
                new RepositoryUrl("s3:https://s3.example/a"), Optional.of("key-a"), Optional.of("secret"), "p");
        var other = new Repository(
                new RepositoryUrl("s3:https://s3.example/b"), Optional.of("key-b"), Optional.of("secret"), "p");

        assertThat(TwoRepositories.conflict(one, other).orElseThrow())
                .isEqualTo("restic has one environment for both repositories, so that two s3 repositories need the same"
                        + " credentials");
        assertThat(TwoRepositories.conflict(one, one)).isEmpty();
        assertThat(TwoRepositories.conflict(one, repository(Path.of("/srv"), "")))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("restics")
    void the_password_is_changed_in_steps_that_can_be_repeated(String restic) throws IOException {
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, restic, JobHarness.LIMITS);
        harness.createRepository();
        harness.serverPlans();
        var password = "of-tomorrow-4711";
        var grant = new Repository(
                new RepositoryUrl(harness.repository.toString()), Optional.empty(), Optional.empty(), password);
        granting(Optional.of(grant));

        var added =
                (RotateKeyResult) succeeded(step(Step.ADD, Optional.empty())).stats();
        var again =
                (RotateKeyResult) succeeded(step(Step.ADD, Optional.empty())).stats();
        var key = added.keyId();
        var old = added.earlierKeyId();

        assertThat(added.keys().orElseThrow()).hasSize(2);
        assertThat(again).isEqualTo(added);
        assertThat(old).isPresent().isNotEqualTo(key);
        succeeded(step(Step.PROVE, key));
        assertThat(code(step(Step.PROVE, old))).isEqualTo(ErrorCode.OTHER_KEY);
        assertThat(code(step(Step.CONFIRM, key))).isEqualTo(ErrorCode.OTHER_KEY);
        granting(Optional.empty());
        assertThat(code(step(Step.REMOVE, old))).isEqualTo(ErrorCode.OTHER_KEY);
        assertThat(harness.stateContents()).noneMatch(text -> text.contains(password));

        harness.configure(harness.repository.toString(), password);
        succeeded(step(Step.CONFIRM, key));
        assertThat(root.resolve("state/replaced-passwords.json")).content().contains(JobHarness.PASSWORD);
        Files.writeString(root.resolve("policy.json"), "{\"prune\": \"off\"}");
        assertThat(code(step(Step.REMOVE, old))).isEqualTo(ErrorCode.POLICY_PRUNE);
        Files.delete(root.resolve("policy.json"));
        var removed = (RotateKeyResult) succeeded(step(Step.REMOVE, old)).stats();
        assertThat(removed.keys().orElseThrow())
                .singleElement()
                .satisfies(left -> assertThat(left.id()).isEqualTo(key.get()));
        succeeded(step(Step.REMOVE, old));
    }

    private void granting(Optional<Repository> repository) {
        harness.answers = question -> question instanceof ToServer.CredentialsAsk ask
                ? new ToAgent.CredentialsGrant(ask.jobId(), repository, Optional.empty())
                : null;
    }

    private static RotateKey step(Step step, Optional<String> keyId) {
        return new RotateKey(step, keyId);
    }

    private ErrorCode code(JobSpec spec) {
        return end(spec).errorCode().orElseThrow().code();
    }

    private void start(String restic) {
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, restic, JobHarness.LIMITS);
        harness.createRepository();
        harness.big(1);
        var backup = harness.run(JobHarness.backupOf(harness.big(2).toString()));
        assertThat(backup.status()).as(backup.toString()).isEqualTo(JobStatus.SUCCEEDED);
    }

    private StatsResult stats() {
        return (StatsResult) succeeded(JobSpec.once(JobKind.STATS)).stats();
    }

    private ToServer.JobFinished succeeded(JobSpec spec) {
        var ended = end(spec);
        assertThat(ended.status()).as(ended.toString()).isEqualTo(JobStatus.SUCCEEDED);
        return ended;
    }

    private ToServer.JobFinished end(JobSpec spec) {
        return harness.end(harness.submit(spec));
    }

    private List<Path> packs() throws IOException {
        return files("data");
    }

    private List<Path> files(String directory) throws IOException {
        try (var found = Files.walk(harness.repository.resolve(directory))) {
            return found.filter(Files::isRegularFile).toList();
        }
    }
}
