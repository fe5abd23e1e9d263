package io.resticfleet.server.job;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.Pause;
import io.resticfleet.protocol.Schedule;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Pauses;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Due times that had no run as the host was paused. By this server's own record: an agent that says so does not make them
 * any less missed.
 */
final class PausedTimes {

    private final Pauses pauses;

    PausedTimes(Pauses pauses) {
        this.pauses = pauses;
    }

    /**
     * The pause that all due times from {@code first} to {@code last} are in. A single one may also come before, if its run
     * was not overdue when the pause began.
     */
    Optional<Pause> find(Handle handle, Host host, Schedule schedule, Instant first, Instant last) {
        var during = pauses.at(handle, host.id(), last).filter(pause -> !first.isBefore(pause.at()));
        return during.isPresent() || first.isBefore(last) || schedule.cron().isEmpty()
                ? during
                : pauses.at(handle, host.id(), last.plus(grace(host, schedule, last)));
    }

    private static Duration grace(Host host, Schedule schedule, Instant dueAt) {
        var cron = CronExpression.parse(schedule.cron().orElseThrow());
        return new Grace(cron, schedule.zone(host.zone()), Duration.ofMinutes(schedule.jitterMinutes())).of(dueAt);
    }
}
