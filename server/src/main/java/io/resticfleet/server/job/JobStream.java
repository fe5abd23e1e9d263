package io.resticfleet.server.job;

import io.javalin.http.Context;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.live.ChangeSignal;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.EventStream;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Readmission;
import io.resticfleet.server.web.SharedBudget;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A job as server-sent events: {@code log} (a line; its number is the event's id), {@code progress}, {@code status} (the
 * job), and {@code end}, the last event; or {@code stopping} when the server stops, after which the reader can reconnect;
 * or {@code gone} if the job's host is deleted, or the reader's session or token ends, meanwhile.
 *
 * <p>Each stream reads its job again after a change, and sends what is new since the last read. A slow reader receives every
 * log line, but not every progress report.
 */
public final class JobStream {

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);

    /** How long to wait for log lines after the end: a result arrives before the last lines. */
    private static final Duration LAST_LINES = Duration.ofSeconds(2);

    private final Jobs jobs;
    private final JobLogs logs;
    private final ChangeSignal changes;
    private final LongSupplier nanoTime;
    private final SharedBudget<Caller> streams = EventStream.slots();

    /** @param nanoTime monotonic clock, in nanoseconds */
    public JobStream(Jobs jobs, JobLogs logs, ChangeSignal changes, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.jobs = jobs;
        this.logs = logs;
        this.changes = changes;
    }

    /**
     * Streams until the job has ended or the reader has gone, on the calling thread.
     *
     * @throws Problem 404, or 503 {@code too_many_streams}
     */
    void run(Context ctx, JobId jobId) {
        jobs.get(jobId);
        if (EventStream.isHead(ctx)) {
            EventStream.open(ctx);
            return;
        }
        var caller = Caller.of(ctx);
        if (!streams.take(caller, 1)) {
            throw Problem.unavailable("too_many_streams", "too many event streams are open");
        }
        try (var watch = changes.watch(change -> change.jobId().equals(Optional.of(jobId)));
                var out = EventStream.open(ctx)) {
            new Reader(out, jobId, lastSeen(ctx)).followUntilGone(watch, Readmission.of(ctx, nanoTime));
        } catch (IOException e) {
            // the reader disconnected
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            streams.free(caller, 1);
        }
    }

    /** One open stream. */
    private final class Reader {
        private final EventStream out;
        private final JobId jobId;
        private long line;
        private Optional<Job> sent = Optional.empty();
        private Optional<ToServer.JobProgress> sentProgress = Optional.empty();

        private Reader(EventStream out, JobId jobId, long line) {
            this.out = out;
            this.jobId = jobId;
            this.line = line;
        }

        private void followUntilGone(ChangeSignal.Watch watch, Readmission readmission)
                throws IOException, InterruptedException {
            try {
                follow(watch, readmission);
            } catch (Problem e) {
                if (sent.isEmpty()) {
                    throw e; // nothing is sent yet, so it is still an answer of its own
                }
                out.send("gone", "", JobLogs.write(Map.of("code", e.code(), "detail", e.getMessage())));
            }
        }

        private void follow(ChangeSignal.Watch watch, Readmission readmission)
                throws IOException, InterruptedException {
            while (sendNew()) {
                if (!watch.await(KEEP_ALIVE)) {
                    out.keepAlive();
                }
                if (changes.isStopped()) {
                    out.send("stopping", "", "{}");
                    return;
                }
                readmission.check();
            }
            sendStatus(jobs.get(jobId));
            while (watch.await(LAST_LINES)) {
                sendLog();
            }
            out.send("end", "", "{}");
        }

        /** Sends what is new; returns whether the job has not ended. */
        private boolean sendNew() throws IOException {
            var job = jobs.get(jobId);
            if (sent.isEmpty() || !job.equals(sent.get()) && !job.status().ended()) {
                sendStatus(job); // the end is sent after the log
            }
            sendLog();
            var progress = jobs.progress(job);
            if (progress.isPresent() && !progress.equals(sentProgress)) {
                out.send("progress", "", JobLogs.write(JobView.Progress.of(progress.get())));
            }
            sentProgress = progress;
            return !job.status().ended();
        }

        private void sendStatus(Job job) throws IOException {
            out.send("status", "", JobLogs.write(job));
            sent = Optional.of(job);
        }

        private void sendLog() throws IOException {
            logs.read(jobId, line, each -> {
                line = Math.max(line, each.line());
                out.send("log", String.valueOf(line), JobLogs.write(each));
            });
        }
    }

    private static long lastSeen(Context ctx) {
        var id = ctx.header("Last-Event-ID");
        return id != null && id.matches("[0-9]{1,18}") ? Long.parseLong(id) : 0;
    }
}
