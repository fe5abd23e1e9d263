package io.resticfleet.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.resticfleet.protocol.BackupOptions;
import io.resticfleet.protocol.CatchUp;
import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HookRule;
import io.resticfleet.protocol.Hooks;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.RetentionPolicy;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.protocol.ToServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A {@link JobHarness} for backups of sources that change between runs. */
final class SourceHarness implements AutoCloseable {

    static final RetentionPolicy KEEP_TWO = new RetentionPolicy(2, 0, 0, 0, 0, 0, Optional.empty());

    private final Path root;
    private JobHarness jobs;

    /** @param root gets what {@link JobHarness} needs, and sources */
    SourceHarness(Path root) {
        this.root = root;
        jobs = new JobHarness(root);
        jobs.createRepository();
    }

    /** The present agent. */
    JobHarness jobs() {
        return jobs;
    }

    ToServer.JobFinished run(Schedule schedule) {
        return jobs.run(schedule);
    }

    /** A daily backup of these paths, whose retention keeps two snapshots. */
    static Schedule keepTwo(Path... paths) {
        var manual =
                JobHarness.backupOf(List.of(paths).stream().map(Path::toString).toList(), KEEP_TWO, BackupOptions.NONE);
        return edited(manual, Optional.of("0 3 * * *"), List.of());
    }

    /** The schedule with another list of excludes. */
    static Schedule excluding(Schedule of, String pattern) {
        return edited(of, of.cron(), List.of(pattern));
    }

    private static Schedule edited(Schedule of, Optional<String> cron, List<String> excludes) {
        return new Schedule(
                of.id(),
                of.kind(),
                of.name(),
                true,
                cron.isEmpty(),
                cron,
                Optional.empty(),
                of.paths(),
                excludes,
                of.tags(),
                of.retention(),
                of.options(),
                Hooks.NONE,
                CatchUp.RUN_ONCE,
                0,
                Optional.empty());
    }

    /** A directory with that many files, which are added to those it has. */
    Path source(String name, int files) {
        var directory = root.resolve(name);
        for (int i = 0; i < files; i++) {
            JobHarness.write(directory.resolve("file-" + i), "content");
        }
        return directory;
    }

    /** Deletes all files of a directory. */
    static void empty(Path directory) throws IOException {
        try (var files = Files.newDirectoryStream(directory)) {
            for (var file : files) {
                Files.delete(file);
            }
        }
    }

    /** Restarts the agent. */
    void restart() {
        jobs.close();
        jobs = new JobHarness(root);
    }

    /** Restarts the agent with a restic that cannot read one file. */
    void cannotRead(Path file) throws IOException {
        jobs.close();
        jobs = new JobHarness(
                root,
                HookRule.LOCAL_ONLY,
                JobHarness.resticBut(
                        root,
                        "*' backup '*) /usr/bin/restic \"$@\"; echo '{\"message_type\":\"error\",\"error\":{},"
                                + "\"item\":\"" + file + "\"}' >&2; exit 3;;"),
                JobHarness.LIMITS);
    }

    /** What {@code restic snapshots} prints. */
    String snapshots() {
        return jobs.restic("snapshots");
    }

    /** Id of the snapshot of a run, as {@code restic snapshots} prints it. */
    static String shortId(ToServer.JobFinished end) {
        return end.snapshotId().orElseThrow().substring(0, 8);
    }

    static void assertPartial(ToServer.JobFinished end, ErrorCode code) {
        assertThat(end.status()).as(end.toString()).isEqualTo(JobStatus.PARTIAL);
        assertThat(end.errorCode()).as(end.toString()).contains(code.reported());
        assertThat(end.snapshotId()).isPresent();
    }

    @Override
    public void close() {
        jobs.close();
    }
}
