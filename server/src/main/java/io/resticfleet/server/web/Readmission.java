package io.resticfleet.server.web;

import io.javalin.http.Context;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Repeats the access check of a request that is answered for long, as a session or a token may end meanwhile. Used by one
 * thread.
 */
public final class Readmission {

    private static final String ATTRIBUTE = "gate";
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final Runnable gate;
    private final LongSupplier nanoTime;
    private long checked;

    private Readmission(Runnable gate, LongSupplier nanoTime) {
        this.gate = gate;
        this.nanoTime = nanoTime;
        this.checked = nanoTime.getAsLong();
    }

    static void attach(Context ctx, Runnable gate) {
        ctx.attribute(ATTRIBUTE, gate);
    }

    /**
     * For a request that the gate has admitted just now.
     *
     * @param nanoTime monotonic clock, in nanoseconds
     */
    public static Readmission of(Context ctx, LongSupplier nanoTime) {
        Runnable gate = ctx.attribute(ATTRIBUTE);
        return new Readmission(gate, nanoTime);
    }

    /**
     * Checks again, unless that was done in the last ten seconds. To be called at least once a minute.
     *
     * @throws Problem if the request is no longer allowed
     */
    public void check() {
        long now = nanoTime.getAsLong();
        if (now - checked >= INTERVAL.toNanos()) {
            checked = now;
            gate.run();
        }
    }
}
