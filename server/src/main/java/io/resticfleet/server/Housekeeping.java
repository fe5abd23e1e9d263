package io.resticfleet.server;

import io.resticfleet.server.enrollment.EnrollmentTokens;
import io.resticfleet.server.job.JobLogs;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.job.Lanes;
import io.resticfleet.server.job.Overdue;
import io.resticfleet.server.link.AgentSocket;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done from time to time, on one thread; that agents are there is watched on another, for which nothing that takes
 * long is in the way. A task that fails is logged and tried again at its next time. */
final class Housekeeping {

    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);

    private final AgentSocket socket;
    private final Lanes lanes;
    private final Overdue overdue;
    private final Jobs jobs;
    private final JobLogs jobLogs;
    private final EnrollmentTokens enrollment;
    private final ScheduledExecutorService timer = timer("housekeeping");
    private final ScheduledExecutorService watch = timer("watch");

    Housekeeping(
            AgentSocket socket, Lanes lanes, Overdue overdue, Jobs jobs, JobLogs jobLogs, EnrollmentTokens enrollment) {
        this.socket = socket;
        this.lanes = lanes;
        this.overdue = overdue;
        this.jobs = jobs;
        this.jobLogs = jobLogs;
        this.enrollment = enrollment;
    }

    void start() {
        every(Duration.ofSeconds(15), lanes::sweep);
        every(watch, AgentSocket.CHECK_EVERY, socket::check);
        every(Duration.ofSeconds(15), socket::noteConnected);
        every(Duration.ofSeconds(30), this::checkOverdue);
        every(Duration.ofHours(1), this::expire);
        every(Duration.ofSeconds(30), new SpareMemory()::giveBack);
    }

    /** Cuts off who is silent, whether or not it has said hello. */
    void checkConnections() {
        socket.check();
        socket.noteConnected();
    }

    /** Finds due times that passed without a word. */
    void checkOverdue() {
        overdue.check();
    }

    /** Removes what is kept for a time only. */
    void expire() {
        jobLogs.expire();
        jobs.expire();
        enrollment.expire();
    }

    void stop() {
        watch.shutdownNow();
        timer.shutdownNow();
    }

    private static ScheduledExecutorService timer(String name) {
        return Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    private void every(Duration period, Runnable task) {
        every(timer, period, task);
    }

    private static void every(ScheduledExecutorService on, Duration period, Runnable task) {
        on.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException e) {
                        log.error("housekeeping failed, trying again in {}", period, e);
                    } catch (Error e) {
                        // Nobody would notice that due times are no longer looked at; the unit starts us again.
                        log.error("housekeeping cannot go on, so the server ends", e);
                        Runtime.getRuntime().halt(70);
                    }
                },
                period.toMillis(),
                period.toMillis(),
                TimeUnit.MILLISECONDS);
    }
}
