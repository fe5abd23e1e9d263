package io.resticfleet.server.page.job;

import io.resticfleet.protocol.LogLine;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.live.PageModel;
import io.resticfleet.server.live.Viewer;
import io.resticfleet.server.page.frame.Frame;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One job, while it runs and after.
 *
 * @param log the end of it so far; without lines unless the whole page is shown
 * @param logAfter lines of it that the reader does not have yet; absent if there are none, or none were asked for
 */
record JobScreen(Frame frame, Fragment<Head> head, Fragment<Command> command, Log log, Optional<Log> logAfter)
        implements PageModel {

    /**
     * What there is to know of it, but its log.
     *
     * @param line as it is in lists
     * @param schedulePath page of its schedule; empty if there is none any more
     * @param progress absent unless it runs and has said how far it is
     * @param began when it did, for the speed
     * @param advice what to do about it
     * @param online whether its agent is there
     */
    record Head(
            Job job,
            JobLine line,
            String schedulePath,
            Optional<ToServer.JobProgress> progress,
            Optional<Instant> began,
            Advice advice,
            boolean online) {

        boolean open() {
            return !job.status().ended();
        }

        /** Bytes a second since it began; absent while that says nothing. */
        static Optional<Long> speed(ToServer.JobProgress progress, Instant began, Instant now) {
            long seconds = Duration.between(began, now).toSeconds();
            return seconds < 1 || progress.bytesDone() == 0
                    ? Optional.empty()
                    : Optional.of(progress.bytesDone() / seconds);
        }
    }

    /** What one would type to do the same; empty until restic has been called. */
    record Command(String text) {}

    /**
     * Lines of its log.
     *
     * @param last number of the last of them
     * @param leftOut how many came before them and are not shown
     */
    record Log(List<LogLine> lines, long last, long leftOut, Viewer viewer) {}

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
