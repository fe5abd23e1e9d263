package io.resticfleet.server;

import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StorageRefused;
import io.resticfleet.server.drill.WeeklyDrills;
import io.resticfleet.server.enrollment.EnrollmentTokens;
import io.resticfleet.server.host.HostUsage;
import io.resticfleet.server.job.AgentJobs;
import io.resticfleet.server.job.JobLogs;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.job.MissedRuns;
import io.resticfleet.server.link.AgentSocket;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.recovery.DatabaseCopies;
import io.resticfleet.server.retention.ClockWatch;
import io.resticfleet.server.retention.RetentionOverview;
import io.resticfleet.server.rotation.PasswordRotations;
import io.resticfleet.server.tls.ServerCertificate;
import io.resticfleet.server.tree.TreeIndexer;
import io.resticfleet.server.upgrade.Upgrades;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Periodic tasks. Checks of connections and tasks that read the whole database have threads of their own, so that no slow
 * task delays the others. A failure is logged, and the task runs again at its next time.
 */
final class Maintenance {

    private static final Logger log = LoggerFactory.getLogger(Maintenance.class);

    /** How long the end of each thread's task is waited for. */
    private static final Duration MAX_END = Duration.ofSeconds(5);

    private final Database db;
    private final AgentSocket socket;
    private final Questions questions;
    private final AgentJobs agentJobs;
    private final MissedRuns missedRuns;
    private final Jobs jobs;
    private final JobLogs jobLogs;
    private final HostUsage usage;
    private final EnrollmentTokens enrollment;
    private final Upgrades upgrades;
    private final RetentionOverview retention;
    private final DatabaseCopies copies;
    private final Optional<ServerCertificate> certificate;
    private final PasswordRotations rotations;
    private final TreeIndexer treeIndexer;
    private final ClockWatch clock;
    private final WeeklyDrills drills;
    private final Alerting alerting;
    private final ScheduledExecutorService timer = thread("maintenance");
    private final ScheduledExecutorService watch = thread("watch");

    /** For tasks that read the whole database. */
    private final ScheduledExecutorService upkeep = thread("database-upkeep");

    Maintenance(
            Database db,
            AgentSocket socket,
            Questions questions,
            AgentJobs agentJobs,
            MissedRuns missedRuns,
            Jobs jobs,
            JobLogs jobLogs,
            HostUsage usage,
            EnrollmentTokens enrollment,
            Upgrades upgrades,
            RetentionOverview retention,
            DatabaseCopies copies,
            Optional<ServerCertificate> certificate,
            PasswordRotations rotations,
            TreeIndexer treeIndexer,
            ClockWatch clock,
            WeeklyDrills drills,
            Alerting alerting) {
        this.db = db;
        this.socket = socket;
        this.questions = questions;
        this.agentJobs = agentJobs;
        this.missedRuns = missedRuns;
        this.jobs = jobs;
        this.jobLogs = jobLogs;
        this.usage = usage;
        this.enrollment = enrollment;
        this.upgrades = upgrades;
        this.retention = retention;
        this.copies = copies;
        this.certificate = certificate;
        this.rotations = rotations;
        this.treeIndexer = treeIndexer;
        this.clock = clock;
        this.drills = drills;
        this.alerting = alerting;
    }

    /** A periodic task. */
    record Task(String name, ScheduledExecutorService thread, Duration every, Runnable work) {}

    /** The tasks for agents and their jobs; tests with a clock of their own run them by it. */
    List<Task> tasks() {
        var ours = List.of(
                new Task("watch", watch, AgentSocket.CHECK_EVERY, socket::check),
                new Task("connected", timer, Duration.ofSeconds(15), socket::recordConnected),
                new Task("questions", watch, AgentSocket.CHECK_EVERY, questions::check),
                new Task("storage", timer, Duration.ofSeconds(10), this::probeStorage),
                new Task("queue", timer, Duration.ofSeconds(15), this::checkJobs),
                new Task("missed-runs", timer, Duration.ofSeconds(30), this::checkMissedRuns),
                new Task("upgrades", timer, Duration.ofSeconds(30), this::checkUpgrades),
                new Task("trees", timer, TreeIndexer.EVERY, treeIndexer::sweep),
                new Task("rotations", timer, Duration.ofSeconds(30), this::checkRotations),
                new Task("drills", timer, Duration.ofMinutes(5), this::checkDrills),
                new Task("expiry", timer, Duration.ofHours(1), this::expire));
        return Stream.concat(ours.stream(), alerting.tasks().stream()).toList();
    }

    void start() {
        tasks().forEach(task -> every(task.thread(), task.every(), task.every(), task.work()));
        every(timer, Duration.ofSeconds(30), Duration.ofSeconds(30), new HeapTrimmer()::trim);
        every(timer, Duration.ofMinutes(1), Duration.ofMinutes(1), this::reloadCertificate);
        every(timer, Duration.ofMinutes(1), Duration.ofMinutes(1), this::checkClock);
        every(upkeep, Duration.ZERO, Duration.ofDays(1), db::checkQuickly);
        every(upkeep, Duration.ofMinutes(1), Duration.ofMinutes(5), this::copyDatabase);
        every(upkeep, Duration.ofMinutes(10), Duration.ofDays(1), this::checkDatabase);
        every(upkeep, Duration.ofMinutes(3), Duration.ofHours(1), retention::lookAgain);
    }

    /** Closes silent connections, with or without a hello. */
    void checkConnections() {
        socket.check();
        questions.check();
        socket.recordConnected();
    }

    /** After a storage failure, checks whether storing works again; if so, agents resend what could not be stored. */
    void probeStorage() {
        if (db.probe()) {
            socket.resume();
        }
    }

    /** Copies the database if a copy is due. */
    void copyDatabase() {
        copies.makeIfDue();
    }

    /** Uses a certificate that was renewed. */
    void reloadCertificate() {
        certificate.ifPresent(ServerCertificate::reload);
    }

    /** Holds retention if the clock jumped. */
    void checkClock() {
        clock.check();
    }

    /** Checks the database for damage. */
    void checkDatabase() {
        db.checkFully();
    }

    /** Ends jobs that their agents do not have, and checks those that wait. */
    void checkJobs() {
        agentJobs.sweep();
    }

    /** Records due times without a reported run. */
    void checkMissedRuns() {
        missedRuns.check();
        alerting.ownChecks.lookedForMissedRuns();
    }

    /** Fails upgrades whose agent does not reconnect. */
    void checkUpgrades() {
        upgrades.check();
    }

    /** Goes on with changes of repositories' passwords. */
    void checkRotations() {
        rotations.sweep();
    }

    /** Starts the weekly drills that are due. */
    void checkDrills() {
        drills.check();
    }

    /** Deletes what has expired. */
    void expire() {
        jobLogs.expire();
        jobs.expire();
        usage.expire();
        enrollment.expire();
    }

    void stop() {
        var threads = Stream.concat(Stream.of(upkeep), tasks().stream().map(Task::thread))
                .distinct()
                .toList();
        threads.forEach(ScheduledExecutorService::shutdownNow);
        try {
            for (var thread : threads) { // what still reads the database would close it after this server
                thread.awaitTermination(MAX_END.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static ScheduledExecutorService thread(String name) {
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
                        log.debug("maintenance is not possible now, retrying in {}: {}", period, e.getMessage());
                    } catch (RuntimeException e) {
                        log.error("maintenance failed, retrying in {}", period, e);
                    } catch (Error e) {
                        // Without this, missed runs would stay unnoticed; systemd restarts the server.
                        log.error("maintenance failed beyond recovery, stopping the server", e);
                        Runtime.getRuntime().halt(70);
                    }
                },
                first.toMillis(),
                period.toMillis(),
                TimeUnit.MILLISECONDS);
    }
}
