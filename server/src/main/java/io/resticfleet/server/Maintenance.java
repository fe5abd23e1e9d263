package io.resticfleet.server;

import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.enrollment.EnrollmentTokens;
import io.resticfleet.server.job.JobLogs;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.job.MissedRuns;
import io.resticfleet.server.job.RepositoryQueue;
import io.resticfleet.server.link.AgentSocket;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.recovery.DatabaseCopies;
import io.resticfleet.server.upgrade.Upgrades;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done from time to time, on one thread; that agents are there is watched on another, and what reads the whole
 * database has a third, so that nothing that takes long is in their way. A task that fails is logged and tried again at
 * its next time.
 */
final class Maintenance {

    private static final Logger log = LoggerFactory.getLogger(Maintenance.class);

    private final Database db;
    private final AgentSocket socket;
    private final Questions questions;
    private final RepositoryQueue queue;
    private final MissedRuns missedRuns;
    private final Jobs jobs;
    private final JobLogs jobLogs;
    private final EnrollmentTokens enrollment;
    private final Upgrades upgrades;
    private final DatabaseCopies copies;
    private final ScheduledExecutorService timer = thread("maintenance");
    private final ScheduledExecutorService watch = thread("watch");

    /** For what reads the whole database: nothing else waits for it. */
    private final ScheduledExecutorService upkeep = thread("database-upkeep");

    Maintenance(
            Database db,
            AgentSocket socket,
            Questions questions,
            RepositoryQueue queue,
            MissedRuns missedRuns,
            Jobs jobs,
            JobLogs jobLogs,
            EnrollmentTokens enrollment,
            Upgrades upgrades,
            DatabaseCopies copies) {
        this.db = db;
        this.socket = socket;
        this.questions = questions;
        this.queue = queue;
        this.missedRuns = missedRuns;
        this.jobs = jobs;
        this.jobLogs = jobLogs;
        this.enrollment = enrollment;
        this.upgrades = upgrades;
        this.copies = copies;
    }

    /** Something to be done again and again. */
    record Task(String name, ScheduledExecutorService thread, Duration every, Runnable work) {}

    /** What is done for the agents; whoever has another clock does it by that. */
    List<Task> tasks() {
        return List.of(
                new Task("watch", watch, AgentSocket.CHECK_EVERY, socket::check),
                new Task("connected", timer, Duration.ofSeconds(15), socket::recordConnected),
                new Task("questions", watch, AgentSocket.CHECK_EVERY, questions::check),
                new Task("storage", timer, Duration.ofSeconds(10), this::probeStorage),
                new Task("queue", timer, Duration.ofSeconds(15), queue::sweep),
                new Task("missed-runs", timer, Duration.ofSeconds(30), this::checkMissedRuns),
                new Task("upgrades", timer, Duration.ofSeconds(30), this::checkUpgrades),
                new Task("expiry", timer, Duration.ofHours(1), this::expire));
    }

    void start() {
        tasks().forEach(task -> every(task.thread(), task.every(), task.every(), task.work()));
        every(timer, Duration.ofSeconds(30), Duration.ofSeconds(30), new HeapTrimmer()::giveBack);
        every(upkeep, Duration.ZERO, Duration.ofDays(1), db::checkQuickly);
        every(upkeep, Duration.ofMinutes(1), Duration.ofMinutes(5), this::copyDatabase);
        every(upkeep, Duration.ofMinutes(10), Duration.ofDays(1), this::checkDatabase);
    }

    /** Cuts off who is silent, whether or not it has said hello. */
    void checkConnections() {
        socket.check();
        questions.check();
        socket.recordConnected();
    }

    /** In trouble, finds out whether it is over; then agents send again what could not be stored. */
    void probeStorage() {
        if (db.probe()) {
            socket.resume();
        }
    }

    /** Copies the database, if that is due. */
    void copyDatabase() {
        copies.makeIfDue();
    }

    /** Looks whether the database is damaged. */
    void checkDatabase() {
        db.checkFully();
    }

    /** Finds due times that passed without a word. */
    void checkMissedRuns() {
        missedRuns.check();
    }

    /** Gives up on an agent that does not come back. */
    void checkUpgrades() {
        upgrades.check();
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
        upkeep.shutdownNow();
    }

    private static ScheduledExecutorService thread(String name) {
        return Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    private static void every(ScheduledExecutorService thread, Duration first, Duration period, Runnable task) {
        thread.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (StorageRefused e) {
                        log.debug("not done now, trying again in {}: {}", period, e.getMessage());
                    } catch (RuntimeException e) {
                        log.error("maintenance failed, trying again in {}", period, e);
                    } catch (Error e) {
                        // Nobody would notice that due times are no longer looked at; the unit starts us again.
                        log.error("maintenance cannot go on, the server ends", e);
                        Runtime.getRuntime().halt(70);
                    }
                },
                first.toMillis(),
                period.toMillis(),
                TimeUnit.MILLISECONDS);
    }
}
