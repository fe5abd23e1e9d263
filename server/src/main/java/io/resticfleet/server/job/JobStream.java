package io.resticfleet.server.job;

import io.javalin.http.Context;
import io.resticfleet.protocol.LogLine;
import io.resticfleet.server.web.EventStream;
import io.resticfleet.server.web.Problem;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A job as server-sent events: {@code log} (a line; its number is the event's id), {@code progress}, {@code status} (the
 * job), {@code dropped} (how many events this reader was too slow for), and {@code end}, after which nothing comes.
 */
public final class JobStream {

    private static final int KEEP_ALIVE_SECONDS = 10;

    private final Jobs jobs;
    private final JobLogs logs;
    private final JobEvents events;

    public JobStream(Jobs jobs, JobLogs logs, JobEvents events) {
        this.jobs = jobs;
        this.logs = logs;
        this.events = events;
    }

    /**
     * Streams until the job has ended or the reader has gone, on the calling thread.
     *
     * @throws Problem 404, or 503 {@code too_many_streams}
     */
    void run(Context ctx, String jobId) {
        jobs.get(jobId);
        // Watch first, then read what was said: nothing can fall between.
        try (var watch = events.watch(jobId)
                .orElseThrow(() -> Problem.unavailable("too_many_streams", "too many event streams are open"))) {
            follow(watch, EventStream.open(ctx), jobId, lastSeen(ctx));
        } catch (IOException e) {
            // the reader has gone
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow(JobEvents.Watch watch, EventStream out, String jobId, long lastSeen)
            throws IOException, InterruptedException {
        var cursor = new long[] {lastSeen};
        out.send("status", "", JobLogs.write(jobs.get(jobId)));
        sendLog(out, jobId, cursor);
        while (!jobs.get(jobId).status().ended()) {
            var event = watch.next(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
            long lost = watch.lost();
            if (lost > 0) {
                out.send("dropped", "", "{\"count\":" + lost + "}");
                sendLog(out, jobId, cursor);
            }
            if (event.isEmpty()) {
                out.keepAlive();
            } else {
                send(out, jobId, event.get(), cursor);
            }
        }
        out.send("status", "", JobLogs.write(jobs.get(jobId)));
        drain(watch, out, jobId, cursor);
        out.send("end", "", "{}");
    }

    /** Results come before logs: the last lines may still be on their way when the job has ended. */
    private void drain(JobEvents.Watch watch, EventStream out, String jobId, long[] cursor)
            throws IOException, InterruptedException {
        sendLog(out, jobId, cursor);
        for (Optional<JobEvents.Event> event = watch.next(2, TimeUnit.SECONDS);
                event.isPresent();
                event = watch.next(2, TimeUnit.SECONDS)) {
            if (event.get() instanceof JobEvents.Logged) {
                send(out, jobId, event.get(), cursor);
            }
        }
    }

    private void send(EventStream out, String jobId, JobEvents.Event event, long[] cursor) throws IOException {
        if (event instanceof JobEvents.Logged logged) {
            sendLine(out, logged.line(), cursor);
        } else if (event instanceof JobEvents.Progressed progressed) {
            out.send("progress", "", JobLogs.write(JobView.Progress.of(progressed.progress())));
        } else {
            out.send("status", "", JobLogs.write(jobs.get(jobId)));
        }
    }

    private void sendLog(EventStream out, String jobId, long[] cursor) throws IOException {
        for (var line : logs.after(jobId, cursor[0])) {
            sendLine(out, line, cursor);
        }
    }

    private static void sendLine(EventStream out, LogLine line, long[] cursor) throws IOException {
        if (line.line() > cursor[0]) {
            cursor[0] = line.line();
            out.send("log", String.valueOf(line.line()), JobLogs.write(line));
        }
    }

    private static long lastSeen(Context ctx) {
        var id = ctx.header("Last-Event-ID");
        return id != null && id.matches("[0-9]{1,18}") ? Long.parseLong(id) : 0;
    }
}
