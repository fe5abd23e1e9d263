package io.resticfleet.e2e;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * The length and the seed of a fault test: {@code -Dfaults.form} is short, long or a percentage of the long form such
 * as 20%; {@code -Dfaults.seed} repeats the choices of an earlier run.
 */
final class Faults {

    private final String test;
    private final String form = System.getProperty("faults.form", "short");
    private final long seed = Long.getLong("faults.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** @param test the test class, for the command that replays it */
    Faults(Class<?> test) {
        this.test = test.getSimpleName();
        System.out.println(replay());
    }

    /** The number of repetitions: the first in the short form, the second in the long one; at least one. */
    int count(int inShort, int inLong) {
        return switch (form) {
            case "short" -> inShort;
            case "long" -> inLong;
            default -> Math.max(1, inLong * percent() / 100);
        };
    }

    private int percent() {
        if (!form.matches("[0-9]{1,3}%")) {
            throw new IllegalArgumentException(
                    "faults.form must be short, long or a percentage such as 20% but is '" + form + "'");
        }
        return Integer.parseInt(form.substring(0, form.length() - 1));
    }

    Random random() {
        return random;
    }

    /** Waits for a random time up to this, so that the next fault comes at any moment. */
    void pause(Duration atMost) {
        long until = System.nanoTime() + random.nextLong(atMost.toNanos());
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** The command that chooses the same faults again; the scheduling of processes remains random. */
    String replay() {
        return "faults: mvn verify -pl e2e -am -Dtests.wanted=faults -Dtests.unwanted= -Dtest=" + test
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dfaults.form=" + form + " -Dfaults.seed=" + seed;
    }
}
