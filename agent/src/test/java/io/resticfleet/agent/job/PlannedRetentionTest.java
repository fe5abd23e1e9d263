package io.resticfleet.agent.job;

import static io.resticfleet.agent.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryUrl;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.SnapshotsOffer;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server names the snapshots to remove; the machine's owner limits it. */
@Tag("slow")
class PlannedRetentionTest {

    private static final RepositoryId ID = new RepositoryId("01J00000000000000000000009");
    private static final RetentionPolicy KEEP_ONE = new RetentionPolicy(1, 0, 0, 0, 0, 0, Optional.empty());

    @TempDir
    Path root;

    JobHarness harness;
    private int made;

    @BeforeEach
    void start() {
        harness = new JobHarness(root);
        harness.createRepository();
        harness.credentials.store(new ToAgent.ConfigUpdate(
                "web-01",
                new Repository(
                        new RepositoryUrl(harness.repository.toString()),
                        Optional.empty(),
                        Optional.empty(),
                        JobHarness.PASSWORD),
                true,
                Optional.of(ID),
                Optional.empty(),
                Optional.empty()));
        harness.serverPlans();
        harness.snapshots.onAdded(() -> harness.snapshots.next().ifPresent(message -> {
            if (message instanceof SnapshotsOffer offer) {
                harness.snapshots.stored(new ToAgent.SnapshotsStored(offer.report(), 0, true));
            }
        }));
        harness.snapshots.asked();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void what_the_server_names_is_removed_but_not_the_newest_three() {
        var ids = backups(5);
        answer(ids.subList(0, 4));

        var end = harness.run(forget());

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(present()).containsExactlyElementsOf(ids.subList(2, 5));
        assertThat(harness.log(end.jobId().value())).contains("this machine keeps 2 more, by least_kept");
    }

    @Test
    void the_owner_decides_how_much_is_kept() throws IOException {
        policy("{\"least_kept\": {\"count\": 1, \"age\": \"5000d\"}}");
        var ids = backups(2);
        answer(ids);

        harness.run(forget());
        assertThat(present()).hasSize(2);

        policy("{\"least_kept\": {\"count\": 1, \"age\": \"1d\"}}");
        harness.run(forget());
        assertThat(present()).containsExactly(ids.get(1));
    }

    @Test
    void a_snapshot_with_a_forged_time_counts_from_its_first_sight() throws IOException {
        policy("{\"least_kept\": {\"count\": 0, \"age\": \"7d\"}}");
        var old = backups(1);
        answer(List.of());
        harness.run(forget());
        var forged = backups(1);
        answer(List.of(old.get(0), last(forged)));

        harness.run(forget());

        assertThat(present()).containsExactly(last(forged));
    }

    @Test
    void only_what_the_owners_own_policy_removes_too_is_removed_where_it_alone_applies() throws IOException {
        policy("{\"least_kept\": {\"count\": 0, \"age\": \"1d\"}, \"retention\": \"local-only\","
                + " \"retention_policy\": {\"keep_last\": 2}}");
        var ids = backups(3);
        answer(ids);

        harness.run(forget());

        assertThat(present()).containsExactlyElementsOf(ids.subList(1, 3));
    }

    @Test
    void nothing_is_removed_that_is_held_or_without_an_answer() {
        backups(1);
        harness.answers = question -> question instanceof ToServer.RetentionAsk ask
                ? new ToAgent.RetentionPlan(ask.jobId(), List.of(), Optional.of("a gap of 9 days"))
                : granted(question);
        var held = harness.run(forget());
        harness.answers = question -> {
            if (question instanceof ToServer.RetentionAsk) {
                harness.passed = harness.passed.plus(Duration.ofMinutes(5));
                return null;
            }
            return granted(question);
        };
        var silent = harness.run(forget());

        assertThat(held.errorCode()).contains(ErrorCode.RETENTION_HELD.reported());
        assertThat(held.error().orElseThrow()).contains("a gap of 9 days");
        assertThat(silent.errorCode()).contains(ErrorCode.SERVER_SILENT.reported());
        assertThat(present()).hasSize(1);
    }

    @Test
    void a_backup_removes_nothing_by_itself() {
        backups(1);

        var end = harness.run(JobHarness.backupOf(List.of(harness.files.toString()), KEEP_ONE, BackupOptions.NONE));

        assertThat(end.status()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(present()).hasSize(2);
    }

    @Test
    void the_maintainers_credentials_are_used_and_never_stored() {
        var password = "of-the-maintainer-4711";
        harness.addKey(password);
        harness.answers = question -> question instanceof ToServer.CredentialsAsk ask
                ? new ToAgent.CredentialsGrant(
                        ask.jobId(),
                        Optional.of(new Repository(
                                new RepositoryUrl(harness.repository.toString()),
                                Optional.empty(),
                                Optional.empty(),
                                password)),
                        Optional.empty())
                : null;
        harness.configure(harness.repository.toString(), "of-nobody");

        var end = harness.end(harness.submit(JobKind.PRUNE));

        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(harness.stateContents()).noneMatch(text -> text.contains(password));
    }

    @Test
    void a_machine_that_is_not_the_maintainer_does_not_remove() {
        harness.answers = question -> question instanceof ToServer.CredentialsAsk ask
                ? new ToAgent.CredentialsGrant(
                        ask.jobId(), Optional.empty(), Optional.of("another machine looks after repository nas"))
                : null;

        var end = harness.end(harness.submit(JobKind.PRUNE));

        assertThat(end.errorCode()).contains(ErrorCode.NOT_MAINTAINER.reported());
        assertThat(end.error().orElseThrow()).contains("another machine looks after repository nas");
    }

    @Test
    void a_restic_that_an_earlier_agent_started_ends_before_its_job_that_is_refused_its_credentials_now()
            throws Exception {
        var prune = pruneThatAnEarlierAgentStarted();
        harness.server.answered(new ToAgent.CredentialsGrant(
                new JobId(prune), Optional.empty(), Optional.of("another machine looks after repository nas")));

        var end = harness.end(prune);

        assertThat(started())
                .matches(restic -> restic.filter(ProcessHandle::isAlive).isEmpty());
        assertThat(new StaleLockMarker(harness.state).isSet()).isTrue();
        assertThat(end.errorCode()).contains(ErrorCode.NOT_MAINTAINER.reported());
        assertThat(end.error().orElseThrow())
                .contains(
                        "another machine looks after repository nas",
                        "a program of this job that was still running was stopped");
    }

    @Test
    void a_restic_that_an_earlier_agent_started_ends_before_its_job_that_is_cancelled_meanwhile() throws Exception {
        var prune = pruneThatAnEarlierAgentStarted();
        harness.runner.cancel(new JobId(prune));

        var end = harness.end(prune);

        assertThat(started())
                .matches(restic -> restic.filter(ProcessHandle::isAlive).isEmpty());
        assertThat(end.status()).isEqualTo(JobStatus.CANCELLED);
    }

    @Test
    void the_lock_of_a_restic_that_was_killed_is_removed_also_if_its_job_is_refused_its_credentials_now()
            throws Exception {
        var prune = pruneThatAnEarlierAgentStarted();
        var restic = started().orElseThrow();
        restic.destroyForcibly();
        restic.onExit().get();
        harness.server.answered(
                new ToAgent.CredentialsGrant(new JobId(prune), Optional.empty(), Optional.of("not the maintainer")));

        harness.end(prune);

        assertThat(new StaleLockMarker(harness.state).isSet()).isTrue();
    }

    /** A job whose agent was started again while its restic runs, and has asked for the credentials again. */
    private String pruneThatAnEarlierAgentStarted() throws IOException {
        harness.close();
        var restic =
                JobHarness.resticBut(root, "*' prune '*) echo $$ > " + root.resolve("pid") + "; exec /bin/sleep 300;;");
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, restic, JobHarness.LIMITS);
        harness.answers = PlannedRetentionTest::granted;
        var prune = harness.submit(JobKind.PRUNE);
        eventually(() -> assertThat(root.resolve("pid")).isNotEmptyFile());
        harness.close();
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, restic, JobHarness.LIMITS);
        eventually(() -> assertThat(harness.asked).hasAtLeastOneElementOfType(ToServer.CredentialsAsk.class));
        return prune;
    }

    private Optional<ProcessHandle> started() throws IOException {
        return ProcessHandle.of(
                Long.parseLong(Files.readString(root.resolve("pid")).strip()));
    }

    private static ToAgent granted(ToServer question) {
        return question instanceof ToServer.CredentialsAsk ask
                ? new ToAgent.CredentialsGrant(ask.jobId(), Optional.empty(), Optional.empty())
                : null;
    }

    private void answer(List<String> remove) {
        harness.answers = question -> question instanceof ToServer.RetentionAsk ask
                ? new ToAgent.RetentionPlan(ask.jobId(), remove, Optional.empty())
                : granted(question);
    }

    private static Schedule forget() {
        return JobHarness.schedule(JobKind.FORGET, List.of(), KEEP_ONE, BackupOptions.NONE, Hooks.NONE);
    }

    /** Makes snapshots of different days long ago; returns the ids of all, oldest first. */
    private List<String> backups(int count) {
        for (int i = 0; i < count; i++) {
            harness.restic(
                    "backup",
                    "--host=web-01",
                    "--time=2020-01-%02d 12:00:00".formatted(++made),
                    harness.files.toString());
        }
        return present();
    }

    private static String last(List<String> ids) {
        return ids.get(ids.size() - 1);
    }

    /** Full ids by time. */
    private List<String> present() {
        var json = harness.restic("snapshots", "--json");
        return Arrays.stream(json.split("\"id\":\""))
                .skip(1)
                .map(part -> part.substring(0, 64))
                .toList();
    }

    private void policy(String json) throws IOException {
        Files.writeString(root.resolve("policy.json"), json);
    }
}
