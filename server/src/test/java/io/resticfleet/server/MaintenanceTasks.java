package io.resticfleet.server;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

/** Runs the server's periodic tasks at the moment that a test chooses. */
public final class MaintenanceTasks {

    private final SettableClock clock;
    private final Supplier<Maintenance> maintenance;

    MaintenanceTasks(SettableClock clock, Supplier<Maintenance> maintenance) {
        this.clock = clock;
        this.maintenance = maintenance;
    }

    /** Closes silent connections, as if {@code time} had passed. */
    public void checkConnectionsAfter(Duration time) {
        clock.skip(time);
        maintenance.get().checkConnections();
    }

    /** Sets the clock, and looks for missed runs. */
    public void checkMissedRunsAt(Instant instant) {
        clock.set(instant);
        maintenance.get().checkMissedRuns();
    }

    /** Ends jobs that their agents do not have, and checks those that wait. */
    public void checkJobs() {
        maintenance.get().checkJobs();
    }

    /** Compares the clock with the machine's uptime. */
    public void checkClock() {
        maintenance.get().checkClock();
    }

    /** Gives up upgrades whose agent did not come back in time. */
    public void checkUpgrades() {
        maintenance.get().checkUpgrades();
    }

    /** Goes on with changes of repositories' passwords. */
    public void checkRotations() {
        maintenance.get().checkRotations();
    }

    /** Looks for what is wrong. */
    public void checkAlerts() {
        run("alerts");
    }

    /** Looks for missed runs, at this time. */
    public void lookForMissedRuns() {
        run("missed-runs");
    }

    /** Pings what is outside, if that is due. */
    public void checkWatchdog() {
        run("watchdog");
    }

    /** Puts the digests that are due into the outbox. */
    public void checkDigests() {
        run("digests");
    }

    private void run(String name) {
        maintenance.get().tasks().stream()
                .filter(task -> task.name().equals(name))
                .forEach(task -> task.work().run());
    }

    /** Ends the timers of a server that has just started, so that a task runs when a test runs it only. */
    public void stopTimers() {
        maintenance.get().stop();
    }

    /** Starts the weekly drills that are due. */
    public void checkDrills() {
        maintenance.get().checkDrills();
    }

    /** While storage fails, tries whether it works again. */
    public void probeStorage() {
        maintenance.get().probeStorage();
    }

    /** Copies the database, if that is due. */
    public void copyDatabase() {
        maintenance.get().copyDatabase();
    }

    /** Uses a certificate that was renewed. */
    public void reloadCertificate() {
        maintenance.get().reloadCertificate();
    }

    /** Checks the database for damage. */
    public void checkDatabase() {
        maintenance.get().checkDatabase();
    }

    /** Deletes what has reached the end of its retention. */
    public void expire() {
        maintenance.get().expire();
    }
}
