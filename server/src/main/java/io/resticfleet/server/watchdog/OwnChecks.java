package io.resticfleet.server.watchdog;

import io.resticfleet.server.db.Database;
import io.resticfleet.server.recovery.DatabaseCopies;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * Whether this server does what it is there for. Each check looks at what has happened, not at what was meant to. Safe for
 * use by many threads.
 */
public final class OwnChecks {

    /** How long ago the last looks for missed runs and for alerts may have ended. */
    private static final Duration MAX_LOOK_AGE = Duration.ofMinutes(2);

    private static final Duration MAX_COPY_AGE = Duration.ofHours(3);

    private final Database db;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Beat missedRuns = new Beat("missed_runs", "missed runs");
    private final Beat alerts = new Beat("alerts", "alerts");

    /** @param nanoTime monotonic clock, in nanoseconds: the wall clock can be set */
    public OwnChecks(Database db, InstantSource clock, LongSupplier nanoTime) {
        this.db = db;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** When a periodic task has ended last without an error. */
    private static final class Beat {

        private final String name;
        private final String what;
        private final AtomicReference<OptionalLong> ended = new AtomicReference<>(OptionalLong.empty());

        Beat(String name, String what) {
            this.name = name;
            this.what = what;
        }

        OwnCheck check(long now) {
            var last = ended.get();
            boolean ok = last.isPresent() && now - last.getAsLong() <= MAX_LOOK_AGE.toNanos();
            return new OwnCheck(
                    name,
                    ok,
                    ok ? "the server looks for " + what : "the server has not looked for " + what + " for two minutes");
        }
    }

    /** To be called after each look for missed runs. */
    public void lookedForMissedRuns() {
        missedRuns.ended.set(OptionalLong.of(nanoTime.getAsLong()));
    }

    /** To be called after each look for alerts. */
    public void lookedForAlerts() {
        alerts.ended.set(OptionalLong.of(nanoTime.getAsLong()));
    }

    /** All checks, each made now; without a write to the database. */
    List<OwnCheck> all() {
        long now = nanoTime.getAsLong();
        return List.of(missedRuns.check(now), alerts.check(now), database(), copy());
    }

    private OwnCheck database() {
        var trouble = db.trouble();
        return new OwnCheck(
                "database",
                trouble.isEmpty(),
                trouble.isEmpty() ? "the database works" : "the database cannot be written, or is damaged");
    }

    private OwnCheck copy() {
        var now = clock.instant();
        boolean fresh = DatabaseCopies.newest(db.file().toAbsolutePath().getParent(), now)
                .filter(at -> !at.isBefore(now.minus(MAX_COPY_AGE)))
                .isPresent();
        return new OwnCheck(
                "copy",
                fresh,
                fresh
                        ? "the database was copied within three hours"
                        : "no copy of the database was made within three hours");
    }
}
