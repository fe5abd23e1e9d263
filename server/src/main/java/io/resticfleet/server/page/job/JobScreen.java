package io.resticfleet.server.page.job;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.ToServer;
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
            boolean online) {

        /** Whether it has not ended. */
        boolean open() {
            return !job.status().ended();
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
