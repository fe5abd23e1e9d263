package io.resticfleet.server;

import io.resticfleet.server.enrollment.EnrollmentTokens;
import io.resticfleet.server.job.JobLogs;
import io.resticfleet.server.job.Overdue;
import io.resticfleet.server.link.AgentSocket;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done from time to time, on one thread. A task that fails is logged and tried again at its next time. */
final class Housekeeping {

    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);

    private final AgentSocket socket;
    private final Overdue overdue;
    private final JobLogs jobLogs;
    private final EnrollmentTokens enrollment;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        var thread = new Thread(task, "housekeeping");
        thread.setDaemon(true);
        return thread;
    });

    Housekeeping(AgentSocket socket, Overdue overdue, JobLogs jobLogs, EnrollmentTokens enrollment) {
        this.socket = socket;
        this.overdue = overdue;
        this.jobLogs = jobLogs;
        this.enrollment = enrollment;
    }

    void start() {
        every(Duration.ofSeconds(5), socket::checkStrangers);
        every(Duration.ofSeconds(15), socket::checkAgents);
        every(Duration.ofSeconds(30), this::checkOverdue);
        every(Duration.ofHours(1), this::expire);
    }

    /** Finds due times that passed without a word. */
    void checkOverdue() {
        overdue.check();
    }

    /** Removes what is kept for a time only. */
    void expire() {
        jobLogs.expire();
        enrollment.expire();
    }

    void stop() {
        timer.shutdownNow();
    }

    private void every(Duration period, Runnable task) {
        timer.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException e) {
                        log.error("housekeeping failed, trying again in {}", period, e);
                    }
                },
                period.toMillis(),
                period.toMillis(),
                TimeUnit.MILLISECONDS);
    }
}
