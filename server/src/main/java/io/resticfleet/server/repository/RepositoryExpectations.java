package io.resticfleet.server.repository;

import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.web.Problem;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * What is expected of a repository; what is left out stays.
 *
 * @param sizeLimitBytes 0 for no limit
 * @param checkWithinDays 0 for never
 */
record RepositoryExpectations(Optional<Long> sizeLimitBytes, Optional<Integer> checkWithinDays) {

    private static final int MAX_DAYS = 3_650;

    /** @throws Problem 400 {@code invalid_size_limit} or {@code invalid_check_days} */
    void check() {
        var wrong = new ArrayList<Violation>();
        sizeLimitBytes
                .filter(bytes -> bytes < 0)
                .ifPresent(bytes -> wrong.add(new Violation(
                        "size_limit_bytes", "invalid_size_limit", "a limit is a number of bytes, or 0 for none")));
        checkWithinDays
                .filter(days -> days < 0 || days > MAX_DAYS)
                .ifPresent(days -> wrong.add(new Violation(
                        "check_within_days",
                        "invalid_check_days",
                        "check_within_days is 1 to " + MAX_DAYS + ", or 0 for never")));
        if (!wrong.isEmpty()) {
            throw Problem.invalid(wrong);
        }
    }

    /** Stores them, and adds to {@code detail} what was set. */
    void store(Handle tx, RepositoryId id, Map<String, Object> detail) {
        var dao = tx.attach(RepositoryDao.class);
        sizeLimitBytes.ifPresent(bytes -> {
            dao.limitSize(id, Optional.of(bytes).filter(limit -> limit > 0));
            detail.put("size_limit_bytes", bytes);
        });
        checkWithinDays.ifPresent(days -> {
            dao.checkWithin(id, days);
            detail.put("check_within_days", days);
        });
    }
}
