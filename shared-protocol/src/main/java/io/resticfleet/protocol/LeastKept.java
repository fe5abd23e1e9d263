package io.resticfleet.protocol;

/**
 * Snapshots that a machine removes under no retention policy.
 *
 * @param count this many of each schedule, the newest; 0 to {@value #MAX_COUNT}
 * @param age every snapshot that the machine first saw less than this time ago
 */
public record LeastKept(int count, PolicyDuration age) {

    /** Greatest count. */
    public static final int MAX_COUNT = 10_000;

    /** Applies unless the machine's owner sets another one. */
    public static final LeastKept DEFAULT = new LeastKept(3, new PolicyDuration("7d"));

    /** @throws IllegalArgumentException if the count is out of range */
    public LeastKept {
        if (count < 0 || count > MAX_COUNT) {
            throw new IllegalArgumentException("count must be 0 to " + MAX_COUNT + " but is " + count);
        }
    }
}
