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
 * The first minutes of a new version: if the server does not welcome it within 90 s, or it ends three times before, the
 * jar before is put back and the agent ends, to be started as what it was. That may be the server's fault, but the way
 * back does no harm, and a version that cannot reach its server can be mended from there no more.
 *
 * <p>Safe for use by many threads.
 */
public final class Trial {

    static final Duration LONGEST = Duration.ofSeconds(90);
    static final int MOST_STARTS = 3;

    private static final System.Logger log = System.getLogger(Trial.class.getName());

    /** The unit's archive of loaded classes; of the other jar, and it would not notice by the times of the files. */
    private static final String CLASS_ARCHIVE = "agent.jsa";

    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final StateDirectory state;
    private final Jar jar;
    private final Runnable leave;
    private final Signal news;
    private boolean running;

    private Trial(StateDirectory state, Jar jar, Signal news, Runnable leave) {
        this.state = state;
        this.jar = jar;
        this.news = news;
        this.leave = leave;
    }

    /**
     * Takes up what was left on disk, before anything else is begun.
     *
     * @param leave ends the program, which is started again
     */
    public static Trial begin(StateDirectory state, Jar jar, LongSupplier nanos, Threads threads, Runnable leave) {
        var trial = new Trial(state, jar, threads.signal(), leave);
        var attempt = Attempt.find(state);
        if (attempt.isPresent()) {
            state.delete(state.root().resolve(CLASS_ARCHIVE));
        }
        if (attempt.isPresent() && attempt.get().sha256().equals(trial.own())) {
            trial.take(attempt.get(), nanos, threads);
        } else if (attempt.isPresent()) {
            trial.isWhatItWas(attempt.get());
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
    private void take(Attempt attempt, LongSupplier nanos, Threads threads) {
        if (attempt.failed().isPresent()) {
            goBack(attempt); // and was cut short in it
        } else if (attempt.starts() >= MOST_STARTS) {
            goBack(attempt.failed("it started " + MOST_STARTS + " times and was not welcomed by the server"));
        } else {
            count(attempt);
            running = true;
            long until = nanos.getAsLong() + LONGEST.toNanos();
            threads.start("upgrade-trial", () -> watch(attempt.started(), nanos, until));
        }
    }

    /** A start that cannot be counted, as the disk is full, must not keep the agent from its backups. */
    private void count(Attempt attempt) {
        try {
            attempt.started().keep(state);
        } catch (UncheckedIOException e) {
            log.log(Level.WARNING, "a start of the new version is not counted: " + e.getMessage());
        }
    }

    /** This is the version before, or one that somebody put here by hand. */
    private void isWhatItWas(Attempt attempt) {
        if (attempt.failed().isEmpty()) {
            boolean unitWentBack =
                    state.root().resolve(Attempt.UNIT_STARTS).toFile().exists();
            attempt.failed(
                            unitWentBack || attempt.starts() > 0
                                    ? "it ended again and again before it could say hello"
                                    : "the machine or the agent went down before the new version was in place")
                    .keep(state);
        }
        state.delete(state.root().resolve(Attempt.UNIT_STARTS));
        log.log(Level.WARNING, "the upgrade to " + attempt.to() + " failed; this is what was there before");
    }

    private void watch(Attempt attempt, LongSupplier nanos, long until) {
        try {
            while (isRunning()) {
                if (nanos.getAsLong() - until > 0) {
                    goBack(attempt.failed("it did not say hello within " + LONGEST.toSeconds() + " s"));
                    return;
                }
                news.await(LOOK_EVERY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isRunning() {
        return running;
    }

    /** The server has let this agent in. */
    public synchronized void welcomed() {
        if (running) {
            running = false;
            Attempt.forget(state);
            news.raise();
            log.log(Level.INFO, "the upgrade is done; the jar before is kept as " + jar.previous());
        }
    }

    private synchronized void goBack(Attempt failed) {
        running = false;
        if (!jar.hasPrevious()) {
            Attempt.forget(state);
            log.log(Level.ERROR, "the new version is not well, and the one before is gone; it goes on as it is");
            return;
        }
        try {
            failed.keep(state); // first, so that a cut here ends in going back, too
            jar.goBack();
        } catch (IOException e) {
            log.log(Level.ERROR, "the jar before cannot be put back; trying again at the next start", e);
        }
        log.log(Level.ERROR, "the upgrade failed: " + failed.failed().orElse("") + "; going back to " + failed.from());
        leave.run();
    }
}
