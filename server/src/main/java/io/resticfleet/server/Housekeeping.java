package io.resticfleet.server;

import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StorageRefused;
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

/** What is done from time to time, on one thread. A task that fails is logged and tried again at its next time. */
final class Housekeeping {

    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);

    private final Database db;
    private final AgentSocket socket;
    private final Lanes lanes;
    private final Overdue overdue;
    private final Jobs jobs;
    private final JobLogs jobLogs;
    private final EnrollmentTokens enrollment;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        var thread = new Thread(task, "housekeeping");
        thread.setDaemon(true);
        return thread;
    });

    Housekeeping(
            Database db,
            AgentSocket socket,
            Lanes lanes,
            Overdue overdue,
            Jobs jobs,
            JobLogs jobLogs,
            EnrollmentTokens enrollment) {
        this.db = db;
        this.socket = socket;
        this.lanes = lanes;
        this.overdue = overdue;
        this.jobs = jobs;
        this.jobLogs = jobLogs;
        this.enrollment = enrollment;
    }

    void start() {
        every(Duration.ofSeconds(10), this::probeStorage);
        every(Duration.ofSeconds(15), lanes::sweep);
        every(Duration.ofSeconds(5), socket::checkStrangers);
        every(Duration.ofSeconds(15), socket::checkAgents);
        every(Duration.ofSeconds(30), this::checkOverdue);
        every(Duration.ofHours(1), this::expire);
        every(Duration.ofSeconds(30), new SpareMemory()::giveBack);
    }

    /** Cuts off who is silent, whether or not it has said hello. */
    void checkConnections() {
        socket.checkStrangers();
        socket.checkAgents();
    }

    /** In trouble, finds out whether it is over. */
    void probeStorage() {
        db.probe();
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
        timer.shutdownNow();
    }

    private void every(Duration period, Runnable task) {
        timer.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (StorageRefused e) {
                        log.debug("not done now, trying again in {}: {}", period, e.getMessage());
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
