package io.resticfleet.server.retention;

import io.resticfleet.server.db.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds retention after a jump of the server's clock: snapshots would seem to be older than they are, and due times to have
 * passed. Safe for use by many threads.
 */
public final class ClockWatch {

    private static final Logger log = LoggerFactory.getLogger(ClockWatch.class);

    /** As exact as a snapshot's time must be. */
    private static final Duration LIMIT = LiveRun.BEFORE;

    private final Database db;
    private final InstantSource clock;
    private final Supplier<Duration> uptime;
    private Instant started;

    /** @param uptime of the machine, with the time in which it was suspended */
    public ClockWatch(Database db, InstantSource clock, Supplier<Duration> uptime) {
        this.db = db;
        this.clock = clock;
        this.uptime = uptime;
        this.started = clock.instant().minus(uptime.get());
    }

    /** Compares the clock with the time that has passed since the last call. */
    public synchronized void check() {
        var now = clock.instant();
        var startedNow = now.minus(uptime.get());
        var jump = Duration.between(started, startedNow);
        if (jump.abs().compareTo(LIMIT) > 0) {
            log.warn("the clock jumped by {}; retention waits until it is let go on", jump);
            db.change(tx -> tx.attach(RecordDao.class).alarm("", Hold.Cause.CLOCK_JUMP.name(), now));
        }
        started = startedNow;
    }
}
