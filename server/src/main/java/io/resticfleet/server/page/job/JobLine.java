package io.resticfleet.server.page.job;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.page.text.StateWords;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A job in a list.
 *
 * @param schedule name of its schedule; empty for one-shots, and for a deleted schedule
 * @param trigger why it ran, such as {@code cron}
 * @param at when it started; if it has not started, when it was due or requested
 * @param took absent unless it started and finished
 * @param statusWords such as {@code succeeded}
 * @param error what went wrong, what it waits for, or who cancelled it; empty for none
 * @param dryRun whether it removes nothing
 */
public record JobLine(
        JobId id,
        HostId hostId,
        String host,
        JobKind kind,
        String schedule,
        String trigger,
        JobStatus status,
        String statusWords,
        Instant at,
        Optional<Duration> took,
        String error,
        boolean dryRun) {

    /** The same, with something else that is to be known about it. */
    public JobLine withRemark(String remark) {
        return new JobLine(
                id,
                hostId,
                host,
                kind,
                schedule,
                trigger,
                status,
                statusWords,
                at,
                took,
                error.isEmpty() ? remark : error + "; " + remark,
                dryRun);
    }

    String tone() {
        return StateWords.tone(status);
    }

    /** Such as {@code Backup nightly}. */
    String what() {
        return StateWords.of(kind) + (schedule.isEmpty() ? "" : " " + schedule) + (dryRun ? ", dry run" : "");
    }
}
