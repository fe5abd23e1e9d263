package io.resticfleet.protocol;

import java.util.List;

/**
 * The jobs of an agent.
 *
 * @param notEnded ids of those that wait for the server's answer, are queued, or run
 * @param unreported ids of those that have ended and whose result is not acknowledged yet
 */
public record OpenJobs(List<JobId> notEnded, List<JobId> unreported) {

    /** Number of ids that a report has at most. */
    public static final int MAX = 1_000;

    /** @throws IllegalArgumentException if there are more than {@link #MAX}, as a part of them would be misleading */
    public OpenJobs {
        Limit.check(notEnded, MAX);
        Limit.check(unreported, MAX);
        notEnded = List.copyOf(notEnded);
        unreported = List.copyOf(unreported);
    }
}
