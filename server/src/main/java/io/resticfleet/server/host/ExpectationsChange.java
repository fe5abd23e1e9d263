package io.resticfleet.server.host;

import io.resticfleet.protocol.Violation;
import io.resticfleet.server.web.Problem;
import java.util.List;
import java.util.Optional;

/**
 * A change of what is expected of a host; absent fields stay unchanged.
 *
 * @param staleAfterDays 1 to 365; 0 for none
 */
public record ExpectationsChange(Optional<Boolean> comesAndGoes, Optional<Integer> staleAfterDays) {

    private static final int MAX_DAYS = 365;

    /** @throws Problem 400 {@code invalid_stale_after_days} */
    public ExpectationsChange {
        if (staleAfterDays.filter(days -> days < 0 || days > MAX_DAYS).isPresent()) {
            throw Problem.invalid(List.of(new Violation(
                    "stale_after_days",
                    "invalid_stale_after_days",
                    "stale_after_days must be 1 to " + MAX_DAYS + ", or 0 for none")));
        }
    }

    boolean isEmpty() {
        return comesAndGoes.isEmpty() && staleAfterDays.isEmpty();
    }

    HostExpectations of(HostExpectations before) {
        return new HostExpectations(
                comesAndGoes.orElse(before.comesAndGoes()),
                staleAfterDays.or(before::staleAfterDays).filter(days -> days > 0));
    }
}
