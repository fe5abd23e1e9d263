package io.resticfleet.protocol;

/**
 * The space on a disk.
 *
 * @param freeBytes that the agent can use
 */
public record DiskReport(long freeBytes, long totalBytes) {

    /** @throws IllegalArgumentException if a number is negative */
    public DiskReport {
        if (freeBytes < 0 || totalBytes < 0) {
            throw new IllegalArgumentException("a disk has no negative space: " + freeBytes + " of " + totalBytes);
        }
    }
}
