package io.resticfleet.server.page.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.Restore;
import io.resticfleet.protocol.RestoreResult;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.protocol.VisibleText;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.Look;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.page.frame.Frame;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The page of one job.
 *
 * @param log the last lines of its log; none unless the whole page is shown
 * @param logAfter the lines after the one that {@link Look#after} names; empty if there are none
 */
record JobScreen(Frame frame, Fragment<Head> head, Fragment<Command> command, Log log, Optional<Log> logAfter)
        implements PageModel {

    /**
     * Everything except the log.
     *
     * @param line the job as in lists
     * @param schedulePath page of its schedule; empty if it has none, or it was deleted
     * @param progress absent unless the job is running and has reported progress
     * @param began when it started, for the speed
     * @param online whether its agent is connected
     * @param restoring what a restore does; absent for other jobs
     */
    record Head(
            Job job,
            JobLine line,
            String schedulePath,
            Optional<ToServer.JobProgress> progress,
            Optional<Instant> began,
            Advice advice,
            Outcome outcome,
            Acceptance acceptance,
            boolean online,
            Optional<Restoring> restoring) {

        /** Whether it has not ended. */
        boolean open() {
            return !job.status().ended();
        }

        /** Path of the pages of its snapshot; empty if it made none. */
        String snapshotPath() {
            return job.snapshotId()
                    .filter(id -> id.matches("[0-9a-f]{8,64}"))
                    .map(id -> "/snapshots/" + id)
                    .orElse("");
        }

        /** Whether it is an unlock after which locks stay. */
        boolean locksStay() {
            return job.kind() == JobKind.UNLOCK
                    && job.errorCode()
                            .filter(code -> code.code() == ErrorCode.LOCKED)
                            .isPresent();
        }

        /** Bytes per second since the start; absent in the first second, or before anything was read. */
        static Optional<Long> speed(ToServer.JobProgress progress, Instant began, Instant now) {
            long seconds = Duration.between(began, now).toSeconds();
            return seconds < 1 || progress.bytesDone() == 0
                    ? Optional.empty()
                    : Optional.of(progress.bytesDone() / seconds);
        }
    }

    /**
     * What a restore does.
     *
     * @param paths the first ones, each on one line
     * @param more number of further ones
     * @param place where to, in words
     * @param again path of the form that starts the same restore
     * @param againWords its label; empty while the job has not ended
     */
    record Restoring(String snapshotId, List<String> paths, int more, String place, String again, String againWords) {

        private static final int SHOWN = 5;

        static Optional<Restoring> of(Job job) {
            return job.restore().map(restore -> of(job, restore));
        }

        private static Restoring of(Job job, Restore restore) {
            var paths = restore.paths();
            return new Restoring(
                    restore.snapshotId(),
                    paths.stream()
                            .limit(SHOWN)
                            .map(path -> VisibleText.of(path.path()))
                            .toList(),
                    Math.max(0, paths.size() - SHOWN),
                    place(job, restore),
                    "/snapshots/" + restore.snapshotId() + "/restore?job=" + job.id(),
                    !job.status().ended()
                            ? ""
                            : restore.dryRun() && job.status() == JobStatus.SUCCEEDED
                                    ? "Restore for real"
                                    : job.status() == JobStatus.SUCCEEDED ? "Restore again" : "Try again");
        }

        private static String place(Job job, Restore restore) {
            return switch (restore.target().kind()) {
                case NEW_FOLDER ->
                    job.stats()
                            .filter(RestoreResult.class::isInstance)
                            .flatMap(result -> ((RestoreResult) result).target())
                            .orElse("a new directory, restores/" + job.id() + " below the agent’s own");
                case FOLDER -> restore.target().path().orElse("");
                case IN_PLACE -> "where they were";
            };
        }
    }

    /** Whether a backup that saved less than expected can be accepted as meant. */
    enum Acceptance {
        NONE,
        POSSIBLE,
        ACCEPTED
    }

    /** The restic command line of this job; empty until restic has been started. */
    record Command(String text) {}

    /**
     * Lines of the log.
     *
     * @param last number of the last line
     * @param leftOut number of earlier lines that are not shown
     */
    record Log(List<LogLine> lines, long last, long leftOut, Viewer viewer) {}

    /** A missed run has no log. */
    boolean hasLog() {
        return head.model().job().status() != JobStatus.MISSED;
    }

    @Override
    public String template() {
        return "job/page.jte";
    }

    @Override
    public List<Fragment<?>> fragments() {
        return List.of(head, command);
    }

    @Override
    public Optional<Tail> tail() {
        return logAfter.map(more -> new Tail("log", more.last(), "job/log-lines.jte", more));
    }
}
