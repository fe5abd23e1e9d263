package io.resticfleet.protocol;

import java.util.List;
import java.util.Optional;

/**
 * What a check found; the job's error code distinguishes damage from other errors.
 *
 * @param errorCount number of errors
 * @param dataReadShare the share of all data that was read, from 0 to 1; absent from older agents, and if the check did not
 *     get so far
 * @param keys as in {@link StatsResult}; absent from older agents, and if they could not be listed
 */
public record CheckResult(long errorCount, Optional<Double> dataReadShare, Optional<List<RepositoryKey>> keys)
        implements JobResult {

    public CheckResult {
        errorCount = Limit.count(errorCount);
        dataReadShare = dataReadShare.filter(share -> share >= 0 && share <= 1);
        keys = keys.map(RepositoryKey::limited);
    }
}
