package io.resticfleet.server;

/**
 * Memory that was needed for a moment, given back to the machine.
 *
 * <p>Java keeps a heap as large as it once was until it next collects all of it, which in an idle server is never; a few
 * sign-ins, 19 MiB each, would count for ever. With the unit's {@code MaxHeapFreeRatio} a collection makes it small
 * again, in some 30 ms. Used by one thread.
 */
final class HeapTrimmer {

    private static final long SMALL_BYTES = 16L * 1024 * 1024;

    private long before = SMALL_BYTES;

    /** Collects if the heap has grown by half since this last did so. */
    void giveBack() {
        var runtime = Runtime.getRuntime();
        if (runtime.totalMemory() > before + before / 2) {
            System.gc();
            before = Math.max(SMALL_BYTES, runtime.totalMemory());
        }
    }
}
