package io.resticfleet.agent.upgrade;

import io.resticfleet.agent.state.StateDirectory;
import io.resticfleet.agent.thread.Signal;
import io.resticfleet.agent.thread.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The first minutes of a new version: if the server does not accept it within 90 s, or it ends three times before, the
 * previous jar is put back and the agent restarts from it. The server may be to blame, but going back does no harm, and
 * a version that cannot reach its server cannot be repaired from there.
 *
 * <p>Safe for use by many threads.
 */
public final class Trial {

    static final Duration LIMIT = Duration.ofSeconds(90);
    static final int MAX_STARTS = 3;

    private static final System.Logger log = System.getLogger(Trial.class.getName());

    /**
     * The unit's class data sharing archive; it belongs to the other jar, which Java may not notice from the file's
     * time.
     */
    private static final String CLASS_ARCHIVE = "agent.jsa";

    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

    private final StateDirectory state;
    private final Jar jar;
    private final Runnable restart;
    private final Signal accepted;
    private boolean running;

    private Trial(StateDirectory state, Jar jar, Signal accepted, Runnable restart) {
        this.state = state;
        this.jar = jar;
        this.accepted = accepted;
        this.restart = restart;
    }

    /**
     * Continues the attempt found on disk, before anything else starts.
     *
     * @param restart ends the program, which the unit starts again
     */
    public static Trial begin(StateDirectory state, Jar jar, LongSupplier nanos, Threads threads, Runnable restart) {
        var trial = new Trial(state, jar, threads.signal(), restart);
        var attempt = Attempt.find(state);
        if (attempt.isPresent()) {
            state.delete(state.root().resolve(CLASS_ARCHIVE));
        }
        if (attempt.isPresent() && attempt.get().sha256().equals(trial.own())) {
            trial.continueAsNew(attempt.get(), nanos, threads);
        } else if (attempt.isPresent()) {
            trial.continueAsOld(attempt.get());
        }
        return trial;
    }

    private String own() {
        try {
            return jar.sha256();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + jar.file(), e);
        }
    }

    /** This is the new version. */
    private void continueAsNew(Attempt attempt, LongSupplier nanos, Threads threads) {
        if (attempt.failed().isPresent()) {
            goBack(attempt); // was interrupted while going back
        } else if (attempt.starts() >= MAX_STARTS) {
            goBack(attempt.failed("it started " + MAX_STARTS + " times without being accepted by the server"));
        } else {
            count(attempt);
            running = true;
            long until = nanos.getAsLong() + LIMIT.toNanos();
            threads.start("upgrade-trial", () -> watch(attempt.started(), nanos, until));
        }
    }

    /** Counts a start; a full disk, on which that fails, must not keep the agent from its backups. */
    private void count(Attempt attempt) {
        try {
            attempt.started().save(state);
        } catch (UncheckedIOException e) {
            log.log(Level.WARNING, "cannot count a start of the new version: " + e.getMessage());
        }
    }

    /** This is the version before, or one that was installed by hand. */
    private void continueAsOld(Attempt attempt) {
        if (attempt.failed().isEmpty()) {
            boolean unitWentBack =
                    state.root().resolve(Attempt.UNIT_STARTS).toFile().exists();
            attempt.failed(
                            unitWentBack || attempt.starts() > 0
                                    ? "it ended repeatedly before it could connect"
                                    : "the machine or the agent stopped before the new version was in place")
                    .save(state);
        }
        state.delete(state.root().resolve(Attempt.UNIT_STARTS));
        log.log(Level.WARNING, "the upgrade to " + attempt.to() + " failed; the version before is running");
    }

    private void watch(Attempt attempt, LongSupplier nanos, long until) {
        try {
            while (isRunning()) {
                if (nanos.getAsLong() - until > 0) {
                    goBack(attempt.failed("the server did not accept it within " + LIMIT.toSeconds() + " s"));
                    return;
                }
                accepted.await(CHECK_INTERVAL);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isRunning() {
        return running;
    }

    /** Ends the trial: the server has accepted this agent. */
    public synchronized void welcomed() {
        if (running) {
            running = false;
            Attempt.forget(state);
            accepted.raise();
            log.log(Level.INFO, "the upgrade has succeeded, the previous jar is kept as " + jar.previous());
        }
    }

    private synchronized void goBack(Attempt failed) {
        running = false;
        if (!jar.hasPrevious()) {
            Attempt.forget(state);
            log.log(Level.ERROR, "the new version failed its trial, but there is no previous jar; the new one stays");
            return;
        }
        try {
            failed.save(state); // first, so that the next start goes back if this one is interrupted
            jar.restorePrevious();
        } catch (IOException e) {
            log.log(Level.ERROR, "the previous jar cannot be put back; trying again at the next start", e);
        }
        log.log(Level.ERROR, "the upgrade failed: " + failed.failed().orElse("") + "; going back to " + failed.from());
        restart.run();
    }
}
