package io.resticfleet.protocol;

import java.util.List;

/**
 * The locks before and after their removal.
 *
 * @param removed number of locks
 * @param locks that stay
 */
public record UnlockResult(long removed, List<RepositoryLock> locks) implements JobResult {

    private static final int MAX_LOCKS = 100;

    public UnlockResult {
        removed = Limit.count(removed);
        locks = List.copyOf(locks.subList(0, Math.min(MAX_LOCKS, locks.size())));
    }
}
