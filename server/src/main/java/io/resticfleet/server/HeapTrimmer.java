package io.resticfleet.server;

/**
 * Returns heap that is no longer used to the operating system.
 *
 * <p>Java shrinks the heap only in a full collection, and an idle server never runs one: the memory of a few sign-ins, 19
 * MiB each, would stay in use. With the unit's {@code MaxHeapFreeRatio}, a full collection of some 30 ms shrinks it. Used
 * by one thread.
 */
final class HeapTrimmer {

    private static final long MIN_BYTES = 16L * 1024 * 1024;

    private long before = MIN_BYTES;

    /** Runs a full collection if the heap has grown by half since the last call that did. */
    void trim() {
        var runtime = Runtime.getRuntime();
        if (runtime.totalMemory() > before + before / 2) {
            System.gc();
            before = Math.max(MIN_BYTES, runtime.totalMemory());
        }
    }
}
