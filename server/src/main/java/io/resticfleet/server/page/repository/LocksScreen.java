package io.resticfleet.server.page.repository;

import io.resticfleet.server.job.RepositoryLocks;
import java.util.List;

/**
 * The locks of a repository.
 *
 * @param locks as a machine found them now
 * @param notice why no machine answered; empty if one did
 */
record LocksScreen(RepositoryFrame frame, List<RepositoryLocks.Lock> locks, String notice) {

    /** Whether the holder of a lock is at work, in words. */
    static String holder(RepositoryLocks.Lock lock) {
        return switch (lock.alive()) {
            case "yes" -> "at work: a job of this machine is running here";
            case "no" -> "left over: this machine is connected and runs no job here";
            default ->
                lock.hostId().isPresent()
                        ? "not known: this machine is not connected, or has a clone"
                        : "not known: no single machine here has this name";
        };
    }

    /** One of {@code ok warn off}. */
    static String tone(RepositoryLocks.Lock lock) {
        return switch (lock.alive()) {
            case "yes" -> "ok";
            case "no" -> "warn";
            default -> "off";
        };
    }
}
