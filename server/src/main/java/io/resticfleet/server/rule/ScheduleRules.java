package io.resticfleet.server.rule;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.alert.AlertKey;
import io.resticfleet.server.alert.AlertKind;
import io.resticfleet.server.alert.Condition;
import io.resticfleet.server.alert.ConditionSource;
import io.resticfleet.server.alert.Findings;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.alert.Subject;
import io.resticfleet.server.job.JobSummary;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.schedule.ScheduleBrief;
import io.resticfleet.server.status.HostStatus;
import io.resticfleet.server.status.Presence;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** What is wrong with the runs of enabled schedules: of each, the worst. */
public final class ScheduleRules implements ConditionSource {

    /** Grace of a failed backup that is tried again by itself: its first two tries follow within it. */
    static final Duration RETRIED = Duration.ofMinutes(30);

    /** How long a run without an end says that a backup is not stale. */
    static final Duration LONGEST_RUN = Duration.ofDays(3);

    private final WatchedHosts hosts;
    private final HostCare.Source care;
    private final Agents agents;
    private final RuleWords words;

    /** @param zone of the times in texts */
    public ScheduleRules(WatchedHosts hosts, HostCare.Source care, Agents agents, ZoneId zone) {
        this.hosts = hosts;
        this.care = care;
        this.agents = agents;
        this.words = new RuleWords(zone);
    }

    @Override
    public Findings find(Instant now) {
        var conditions = new ArrayList<Condition>();
        var unknown = new HashSet<AlertKey>();
        for (var host : hosts.now(now)) {
            var wanted = care.of(host.status());
            if (wanted.paused().isPresent()) {
                continue;
            }
            for (var schedule : host.status().schedules()) {
                if (!schedule.enabled()) {
                    continue;
                }
                boolean stale = !wanted.comesAndGoes() && isStale(host, schedule, now);
                if (stale && mayChangeSoon(host.status(), schedule, now)) {
                    unknown.add(AlertKey.schedule(schedule.id()));
                } else if (stale) {
                    conditions.add(stale(host, schedule));
                } else {
                    outcome(host.status(), schedule, wanted, now).ifPresent(conditions::add);
                }
            }
        }
        return new Findings(conditions, unknown);
    }

    private static boolean isStale(WatchedHost host, ScheduleBrief schedule, Instant now) {
        return Optional.ofNullable(host.backups().get(schedule.id()))
                .flatMap(WatchedHost.WatchedBackup::staleAt)
                .filter(at -> !at.isAfter(now))
                .isPresent();
    }

    /** Whether a good backup may be under way, or done and not reported yet. */
    private boolean mayChangeSoon(HostStatus status, ScheduleBrief schedule, Instant now) {
        return agents.awaitsReports() && status.presence() != Presence.NEVER_SEEN
                || isRunning(status, Optional.of(schedule), now);
    }

    /** Whether a backup is running, of this schedule if one is given. */
    static boolean isRunning(HostStatus status, Optional<ScheduleBrief> schedule, Instant now) {
        return status.open().stream()
                .anyMatch(job -> job.kind() == JobKind.BACKUP
                        && job.status() == JobStatus.RUNNING
                        && schedule.map(ScheduleBrief::id)
                                .filter(id -> !job.scheduleId().equals(Optional.of(id)))
                                .isEmpty()
                        && job.at().plus(LONGEST_RUN).isAfter(now));
    }

    private Condition stale(WatchedHost host, ScheduleBrief schedule) {
        var status = host.status();
        var backup = host.backups().get(schedule.id());
        var last = Optional.ofNullable(status.outcomes().get(schedule.id()))
                .filter(job -> job.status() != JobStatus.SUCCEEDED);
        var what = RuleWords.quoted(schedule.name()) + " of " + status.host().name();
        return new Condition(
                AlertKey.schedule(schedule.id()),
                AlertKind.BACKUP_STALE,
                Severity.CRITICAL,
                subject(status, schedule),
                backup.staleAt().orElseThrow(),
                Duration.ZERO,
                backup.lastGoodAt()
                                .map(at -> "No complete backup by " + what + " since " + words.time(at) + ".")
                                .orElse("No complete backup by " + what + " yet, although at least two were due.")
                        + last.map(job -> " The last run " + ended(job) + ": " + RuleWords.cause(job) + ".")
                                .orElse(""),
                last.filter(job -> job.status() != JobStatus.MISSED)
                        .map(RuleWords::advice)
                        .filter(text -> !text.isEmpty())
                        .orElse(missedAdvice(status)),
                last.filter(job -> job.status() != JobStatus.MISSED)
                        .map(ScheduleRules::path)
                        .orElse(host.path()),
                Condition.DAILY);
    }

    private static String ended(JobSummary job) {
        return switch (job.status()) {
            case PARTIAL -> "saved only a part";
            case INTERRUPTED -> "was interrupted";
            case MISSED -> "was missed";
            default -> "failed";
        };
    }

    private Optional<Condition> outcome(HostStatus status, ScheduleBrief schedule, HostCare wanted, Instant now) {
        return Optional.ofNullable(status.outcomes().get(schedule.id())).flatMap(job -> switch (job.status()) {
            case FAILED -> Optional.of(failed(status, schedule, job, now));
            // a drill that was interrupted proves nothing, and is tried again
            case INTERRUPTED ->
                Optional.of(failed(status, schedule, job, now)).filter(any -> job.kind() != JobKind.DRILL);
            case MISSED -> Optional.of(missed(status, schedule, job, now)).filter(any -> !wanted.comesAndGoes());
            case PARTIAL -> Optional.of(partial(status, schedule, job, now));
            case SUCCEEDED -> Optional.of(unusual(status, schedule, job, now)).filter(any -> job.holdsRetention());
            default -> Optional.<Condition>empty();
        });
    }

    private Condition failed(HostStatus status, ScheduleBrief schedule, JobSummary job, Instant now) {
        boolean interrupted = job.status() == JobStatus.INTERRUPTED;
        return run(
                status,
                schedule,
                job,
                now,
                failedKind(schedule.kind()),
                failedSeverity(job),
                retried(job) ? RETRIED : Duration.ZERO,
                (interrupted ? " was interrupted: " : " failed: ") + RuleWords.cause(job) + ".",
                RuleWords.advice(job));
    }

    static AlertKind failedKind(JobKind kind) {
        return switch (kind) {
            case BACKUP -> AlertKind.BACKUP_FAILED;
            case DRILL -> AlertKind.DRILL_FAILED;
            default -> AlertKind.JOB_FAILED;
        };
    }

    /** Data that cannot be read is at risk; what may work at the next try is not. */
    static Severity failedSeverity(JobSummary job) {
        var code = RuleWords.code(job);
        boolean damage = code == ErrorCode.DAMAGED || code == ErrorCode.BAD_FILE;
        boolean unproven = job.kind() == JobKind.DRILL && code.retry() == ErrorCode.Retry.NEVER;
        return unproven || damage && (job.kind() == JobKind.CHECK || job.kind() == JobKind.DRILL)
                ? Severity.CRITICAL
                : Severity.WARNING;
    }

    private static boolean retried(JobSummary job) {
        return job.kind() == JobKind.BACKUP && RuleWords.code(job).retry() == ErrorCode.Retry.LATER;
    }

    private Condition missed(HostStatus status, ScheduleBrief schedule, JobSummary job, Instant now) {
        return run(
                status,
                schedule,
                job,
                now,
                schedule.kind() == JobKind.BACKUP ? AlertKind.BACKUP_MISSED : AlertKind.JOB_MISSED,
                Severity.WARNING,
                Duration.ZERO,
                ", due on " + words.time(job.at()) + ", did not run: "
                        + job.error().map(RuleWords::withoutStop).orElse("nothing was reported") + ".",
                missedAdvice(status));
    }

    private static String missedAdvice(HostStatus status) {
        return status.presence() == Presence.ONLINE
                ? "The agent is connected: look into its log on the machine, with journalctl -u restic-fleet-agent, or run the"
                        + " schedule now."
                : HostRules.CHECK_MACHINE;
    }

    private Condition partial(HostStatus status, ScheduleBrief schedule, JobSummary job, Instant now) {
        return run(
                status,
                schedule,
                job,
                now,
                schedule.kind() == JobKind.BACKUP ? AlertKind.BACKUP_PARTIAL : AlertKind.JOB_FAILED,
                Severity.WARNING,
                Duration.ZERO,
                (schedule.kind() == JobKind.BACKUP ? " saved only a part: " : " was done only in part: ")
                        + RuleWords.cause(job) + ".",
                RuleWords.advice(job));
    }

    private Condition unusual(HostStatus status, ScheduleBrief schedule, JobSummary job, Instant now) {
        return run(
                status,
                schedule,
                job,
                now,
                AlertKind.BACKUP_UNUSUAL,
                Severity.WARNING,
                Duration.ZERO,
                " is not like those before it, so no snapshots are removed: " + RuleWords.cause(job) + ".",
                RuleWords.advice(job));
    }

    /** @param text follows the name of the run */
    private Condition run(
            HostStatus status,
            ScheduleBrief schedule,
            JobSummary job,
            Instant now,
            AlertKind kind,
            Severity severity,
            Duration grace,
            String text,
            String advice) {
        return new Condition(
                AlertKey.schedule(schedule.id()),
                kind,
                severity,
                subject(status, schedule),
                since(job, now),
                grace,
                RuleWords.kind(schedule.kind()) + " " + RuleWords.quoted(schedule.name()) + " of "
                        + status.host().name() + text,
                advice,
                path(job),
                Condition.DAILY);
    }

    /** When a job ended, or was due and did not run; a host's clock may be ahead. */
    static Instant since(JobSummary job, Instant now) {
        var at =
                job.finishedAt().filter(any -> job.status() != JobStatus.MISSED).orElse(job.at());
        return at.isAfter(now) ? now : at;
    }

    static String path(JobSummary job) {
        return "/jobs/" + job.id();
    }

    private static Subject subject(HostStatus status, ScheduleBrief schedule) {
        return new Subject(
                Optional.of(
                        new Subject.Named<>(status.host().id(), status.host().name())),
                Optional.empty(),
                Optional.of(new Subject.Named<>(schedule.id(), schedule.name())),
                List.of(status.host().id()),
                schedule.tags());
    }
}
