package io.resticfleet.server.job;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The missed rows that this server made itself, as it had heard nothing. */
final class MissedRows {

    private MissedRows() {}

    /**
     * They give way to what the agent says. Where one stood for more due times than that, these are looked at again.
     *
     * @param since the oldest due time that the agent speaks of
     * @param dueAt the newest
     * @param jobId what it says of them
     */
    static void giveWay(
            Handle tx, String hostId, Optional<String> scheduleId, Instant since, Instant dueAt, String jobId) {
        if (scheduleId.isEmpty()) {
            return;
        }
        var jobs = tx.attach(JobDao.class);
        var again = jobs.unheardSince(hostId, scheduleId.get(), since, dueAt);
        jobs.forgetMissed(hostId, scheduleId.get(), since, dueAt, jobId);
        again.ifPresent(from -> tx.attach(ScheduleWatchDao.class).lookAgain(scheduleId.get(), from.minusMillis(1)));
    }
}
