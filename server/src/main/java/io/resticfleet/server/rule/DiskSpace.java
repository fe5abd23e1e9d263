package io.resticfleet.server.rule;

import io.resticfleet.protocol.DiskReport;
import io.resticfleet.server.alert.Severity;
import java.util.Optional;

/** Whether a disk is nearly full. Between nearly full and not, nothing is said, so that no alert comes and goes. */
record DiskSpace(long freeBytes, long totalBytes) {

    private static final long GIB = 1L << 30;
    private static final long CRITICAL = 100L << 20;

    enum State {
        ENOUGH,
        UNKNOWN,
        LOW
    }

    /** A twentieth of the disk, of 1 to 10 GiB; of a small disk a tenth at most. */
    private long low() {
        return Math.min(totalBytes / 10, Math.max(GIB, Math.min(10 * GIB, totalBytes / 20)));
    }

    State state() {
        if (freeBytes < low()) {
            return State.LOW;
        }
        return freeBytes < low() + low() / 2 ? State.UNKNOWN : State.ENOUGH;
    }

    Severity severity() {
        return freeBytes < CRITICAL ? Severity.CRITICAL : Severity.WARNING;
    }

    /** Such as {@code less than 3 % of 20.0 GiB}; rounded, as it changes all the time. */
    String words() {
        long percent = totalBytes == 0 ? 0 : 100 * (freeBytes / 1024) / Math.max(1, totalBytes / 1024);
        return "less than " + (percent + 1) + " % of " + RuleWords.bytes(totalBytes);
    }

    static Optional<DiskSpace> of(Optional<DiskReport> report) {
        return report.map(disk -> new DiskSpace(disk.freeBytes(), disk.totalBytes()));
    }
}
