package io.resticfleet.server.host;

import io.resticfleet.server.config.Quota;
import java.util.Optional;

/**
 * A host's quota and what it has used of it today, in UTC.
 *
 * @param jobs that its reports added; those for due times of its schedules are not limited
 * @param jobsLimit how many it may add besides
 * @param jobsDropped beyond the limit: acknowledged and counted only
 * @param unstorable results that can never be stored, such as with a time in the year 300,000: acknowledged and counted only
 * @param unstorableReason why the last of them cannot be stored; null if there was none
 */
public record HostQuota(
        long jobs,
        long jobsLimit,
        long jobsDropped,
        long logBytes,
        long logBytesLimit,
        long logBytesDropped,
        long unstorable,
        Optional<String> unstorableReason) {

    static HostQuota of(HostDay day, Quota quota) {
        return new HostQuota(
                day.jobs(),
                quota.jobs(),
                day.jobsDropped(),
                day.logBytes(),
                quota.logBytes(),
                day.logBytesDropped(),
                day.unstorable(),
                day.unstorableReason());
    }

    /** Whether anything that the host sent today was not stored. */
    public boolean dropsAny() {
        return jobsDropped > 0 || logBytesDropped > 0 || unstorable > 0;
    }
}
