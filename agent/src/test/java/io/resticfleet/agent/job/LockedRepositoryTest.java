package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.agent.restic.Locks;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.LocksReport;
import io.resticfleet.protocol.RepositoryLock;
import io.resticfleet.protocol.UnlockResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Locks of living, dead and unknown holders. */
@Tag("slow")
class LockedRepositoryTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final String ID = "ab".repeat(32);

    @TempDir
    Path root;

    JobHarness harness;

    @AfterEach
    void stop() {
        if (harness != null) {
            harness.close();
        }
    }

    @Test
    void a_lock_that_a_reported_clone_may_be_using_stays() throws Exception {
        harness = new JobHarness(root);
        harness.createRepository();
        harness.runIds.distinguishFromClone(NOON, NOON);
        var pid = killHolder();

        var asked = HarnessAnswers.of(harness, root, harness.context.policy())
                .answer(new Ask.Locks(Optional.empty()), () -> false);
        assertThat(asked).isInstanceOfSatisfying(LocksReport.class, report -> {
            assertThat(report.count()).isEqualTo(1);
            assertThat(report.locks())
                    .singleElement()
                    .satisfies(lock -> assertThat(lock.pid()).isEqualTo(pid));
        });

        var unlock = harness.end(harness.submit(JobKind.UNLOCK));

        assertThat(unlock.errorCode()).as(unlock.toString()).contains(ErrorCode.LOCKED.reported());
        assertThat(unlock.error().orElseThrow())
                .contains("1 lock stays: shared by ", "(pid " + pid + ")", "its clone may be using");
        assertThat(((UnlockResult) unlock.stats()).locks())
                .singleElement()
                .satisfies(lock -> assertThat(lock.pid()).isEqualTo(pid));

        var all = harness.end(harness.submit(new JobSpec.Unlock(true)));
        assertThat(all.stats()).isEqualTo(new UnlockResult(1, List.of()));
    }

    @Test
    void a_lock_of_an_unknown_process_with_this_machines_name_is_removed_only_by_an_operator() throws Exception {
        harness = new JobHarness(root);
        harness.createRepository();
        killHolder();
        new StaleLockMarker(harness.state).set(Optional.empty()); // another restic, of this agent, was killed

        var check = harness.end(harness.submit(JobKind.CHECK));

        assertThat(check.errorCode()).contains(ErrorCode.LOCKED.reported());
        assertThat(new StaleLockMarker(harness.state).isSet()).isTrue();

        var unlock = harness.end(harness.submit(JobKind.UNLOCK));

        assertThat(unlock.status()).as(unlock.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(unlock.stats()).isEqualTo(new UnlockResult(1, List.of()));
    }

    @Test
    void a_lock_of_a_restic_that_this_agent_has_killed_is_removed() throws Exception {
        harness = new JobHarness(root);
        harness.createRepository();
        new StaleLockMarker(harness.state).set(Optional.of(killHolder()));

        var check = harness.end(harness.submit(JobKind.CHECK));

        assertThat(check.status()).as(check.toString()).isEqualTo(JobStatus.SUCCEEDED);
        assertThat(new StaleLockMarker(harness.state).isSet()).isFalse();
    }

    @Test
    void a_lock_of_another_host_whose_clock_is_ahead_is_reported_as_such() throws IOException {
        var restic = JobHarness.resticBut(
                root,
                "*' list locks '*) echo " + ID + "; exit 0;;"
                        + "*' cat lock '*) echo '{\"time\":\"2099-01-01T00:00:00Z\",\"exclusive\":true,"
                        + "\"hostname\":\"nas\",\"username\":\"root\",\"pid\":4711}'; exit 0;;");
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, restic, JobHarness.LIMITS);
        harness.createRepository();

        var unlock = harness.end(harness.submit(JobKind.UNLOCK));

        assertThat(unlock.errorCode()).contains(ErrorCode.LOCKED.reported());
        assertThat(unlock.error().orElseThrow())
                .contains(
                        "exclusive by root on nas (pid 4711) since 2099-01-01T00:00:00Z, which is in the future, so a clock is");
    }

    @ParameterizedTest
    @MethodSource("io.resticfleet.agent.job.Tools#restics")
    void a_lock_of_a_machine_whose_clock_is_a_day_ahead_stays_until_all_locks_are_removed(Path restic)
            throws Exception {
        harness = new JobHarness(root, HookRule.LOCAL_ONLY, restic.toString(), JobHarness.LIMITS);
        harness.createRepository();
        var tomorrow = InstantSource.system().instant().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.SECONDS);
        ForgedLock.write(harness.repository, harness.restic("cat", "masterkey"), "nas", tomorrow);

        var backup = harness.run(harness.everything());

        assertThat(backup.errorCode()).as(backup.toString()).contains(ErrorCode.LOCKED.reported());
        assertThat(backup.error().orElseThrow())
                .isEqualTo("the repository is locked exclusively by root on nas (pid 4711) since " + tomorrow
                        + ", which is in the future, so a clock is wrong, there or here; the lock does not become stale until"
                        + " after that time; if nothing runs there, remove all locks");
        var unlock = harness.end(harness.submit(JobKind.UNLOCK));
        assertThat(unlock.errorCode()).as(unlock.toString()).contains(ErrorCode.LOCKED.reported());
        assertThat(unlock.error().orElseThrow())
                .isEqualTo(
                        "1 lock stays: exclusive by root on nas (pid 4711) since " + tomorrow
                                + ", which is in the future, so a clock is wrong, there or here; the lock does not become stale until"
                                + " after that time; restic keeps a lock whose process may still be running: if nothing runs there, remove all locks");
        assertThat(harness.end(harness.submit(new JobSpec.Unlock(true))).stats())
                .isEqualTo(new UnlockResult(1, List.of()));
        assertThat(harness.run(harness.everything()).status()).isEqualTo(JobStatus.SUCCEEDED);
    }

    @Test
    void only_young_locks_of_unknown_processes_with_this_machines_name_may_be_a_namesakes() throws IOException {
        var name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        var own = ProcessHandle.current().pid();
        int gone = 4_190_000; // higher than any pid

        assertThat(maybe(lock(name, gone, "2026-03-01T11:50:00.123+00:00"))).isTrue();
        assertThat(maybe(lock(name, gone, "2026-03-01T13:00:00Z"))).isTrue();
        assertThat(maybe(lock(name, gone, "2026-03-01T11:29:00Z"))).isFalse();
        assertThat(maybe(lock(name, own, "2026-03-01T11:50:00Z"))).isFalse();
        assertThat(maybe(lock(name, 77, "2026-03-01T11:50:00Z"))).isFalse(); // killed
        assertThat(maybe(lock("nas", gone, "2026-03-01T11:50:00Z"))).isFalse();
    }

    private static boolean maybe(RepositoryLock lock) {
        return !Locks.maybeOfNamesake(List.of(lock), Set.of(77L), NOON).isEmpty();
    }

    private static RepositoryLock lock(String host, long pid, String time) {
        return new RepositoryLock(ID, false, host, "root", pid, time);
    }

    /** Leaves the lock of a restic that was killed, as by another machine with this one's name. */
    private long killHolder() throws Exception {
        var command = new ProcessBuilder(
                "/usr/bin/restic", "-r", harness.repository.toString(), "--no-cache", "backup", "--stdin");
        command.environment().put("RESTIC_PASSWORD", JobHarness.PASSWORD);
        var holder = command.redirectErrorStream(true).start();
        harness.awaitLock();
        holder.destroyForcibly().waitFor();
        return holder.pid();
    }
}
