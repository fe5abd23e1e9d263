package io.resticfleet.server.rule;

import io.resticfleet.protocol.CronExpression;
import io.resticfleet.protocol.ScheduleId;
import io.resticfleet.server.job.Grace;
import io.resticfleet.server.job.JobSummary;
import io.resticfleet.server.schedule.ScheduleBrief;
import io.resticfleet.server.status.HostStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A host, with what rules need beyond its status.
 *
 * @param backups its enabled backup schedules
 * @param lastGoodAt when the last complete backup of all its schedules ended; absent if there is none
 * @param provenAt when the last drill succeeded; absent if none has
 * @param drills whether its weekly drill is on
 * @param failedUpkeep its last jobs of repositories without a schedule that failed
 * @param tooOldAt when its agent was last refused as too old; absent if it was not since its last hello
 * @param pausedUntil when its last pause ended, or will; absent if it was never paused, or the end is open
 */
record WatchedHost(
        HostStatus status,
        Map<ScheduleId, WatchedBackup> backups,
        Optional<Instant> lastGoodAt,
        Optional<Instant> provenAt,
        boolean drills,
        List<JobSummary> failedUpkeep,
        Optional<Instant> tooOldAt,
        Optional<Instant> pausedUntil) {

    /**
     * An enabled backup schedule.
     *
     * @param since when it got its present timing, or its host's last pause ended
     * @param timing its due times with their grace; absent for a manual schedule
     * @param staleAt when its second due time in a row without a complete backup is over; absent for a manual schedule
     */
    record WatchedBackup(
            ScheduleBrief schedule,
            Instant since,
            Optional<Instant> lastGoodAt,
            Optional<Grace> timing,
            Optional<Instant> staleAt) {

        static WatchedBackup of(
                ScheduleBrief schedule,
                RuleDao.BackupRow row,
                HostStatus status,
                Optional<Instant> pausedUntil,
                Instant now) {
            var lastGood = row.lastGoodAt().map(at -> at.isAfter(now) ? now : at); // by the host's clock
            var since = pausedUntil.filter(end -> end.isAfter(row.since())).orElse(row.since());
            var from = lastGood.filter(at -> at.isAfter(since)).orElse(since);
            var timing = schedule.cron()
                    .filter(cron -> !schedule.manual())
                    .map(cron -> new Grace(
                            CronExpression.parse(cron),
                            schedule.zone(status.host().zone()),
                            Duration.ofMinutes(row.jitterMinutes())));
            return new WatchedBackup(
                    schedule,
                    since,
                    lastGood,
                    timing,
                    timing.flatMap(due -> due.cron().next(from, due.zone()).flatMap(first -> nextOverAt(due, first))));
        }

        /** When the first due time after {@code from} is over; absent for a manual schedule. */
        Optional<Instant> nextOverAt(Instant from) {
            return timing.flatMap(due -> nextOverAt(due, from));
        }

        private static Optional<Instant> nextOverAt(Grace timing, Instant from) {
            return timing.cron().next(from, timing.zone()).map(due -> due.plus(timing.of(due)));
        }
    }

    static WatchedHost of(
            HostStatus status,
            Collection<RuleDao.BackupRow> rows,
            Optional<RuleDao.ProofRow> proof,
            List<JobSummary> failedUpkeep,
            Instant now) {
        var schedules = status.backups().stream().collect(Collectors.toMap(ScheduleBrief::id, Function.identity()));
        var pausedUntil = proof.flatMap(RuleDao.ProofRow::pausedUntil);
        return new WatchedHost(
                status,
                rows.stream()
                        .filter(row -> schedules.containsKey(row.scheduleId()))
                        .collect(Collectors.toMap(
                                RuleDao.BackupRow::scheduleId,
                                row -> WatchedBackup.of(
                                        schedules.get(row.scheduleId()), row, status, pausedUntil, now))),
                proof.flatMap(RuleDao.ProofRow::lastGoodAt).map(at -> at.isAfter(now) ? now : at),
                proof.flatMap(RuleDao.ProofRow::provenAt),
                proof.filter(RuleDao.ProofRow::drills).isPresent(),
                failedUpkeep,
                proof.flatMap(RuleDao.ProofRow::tooOldAt),
                pausedUntil);
    }

    String name() {
        return status.host().name();
    }

    /** Of its page. */
    String path() {
        return "/hosts/" + status.host().id();
    }

    /** Tags of all its schedules. */
    List<String> tags() {
        return status.schedules().stream()
                .flatMap(schedule -> schedule.tags().stream())
                .distinct()
                .toList();
    }
}
