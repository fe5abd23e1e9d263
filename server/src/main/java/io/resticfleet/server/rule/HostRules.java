package io.resticfleet.server.rule;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.alert.AlertKind;
import io.resticfleet.server.alert.Condition;
import io.resticfleet.server.alert.ConditionSource;
import io.resticfleet.server.alert.Findings;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.status.Presence;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/** What is wrong with hosts and with what they save, apart from the runs of single schedules. */
public final class HostRules implements ConditionSource {

    static final Duration OFFLINE_GRACE = Duration.ofMinutes(15);
    static final Duration OFFLINE_CRITICAL = Duration.ofHours(24);
    static final Duration NEVER_CONNECTED_GRACE = Duration.ofHours(1);
    static final Duration UNPROTECTED_GRACE = Duration.ofHours(24);
    static final Duration PAUSED_GRACE = Duration.ofDays(7);
    static final Duration DRILL_OVERDUE = Duration.ofDays(21);
    static final Duration DRILL_GRACE = Duration.ofDays(1);

    /** How long a failed job without a schedule is wrong, as nothing may run it again. */
    static final Duration UPKEEP_TOLD = Duration.ofDays(7);

    /** Time without a good backup that is too long for a host that comes and goes, unless other days are set. */
    static final Duration COMES_AND_GOES_STALE = Duration.ofDays(14);

    static final String CHECK_MACHINE =
            "Check that the machine is on and reaches this server, and that its agent runs: systemctl status"
                    + " restic-fleet-agent. Its backups may run all the same, and are reported when it reconnects.";

    private final WatchedHosts hosts;
    private final HostCare.Source care;
    private final Agents agents;
    private final RuleWords words;
    private final FirstSeen firstSeen = new FirstSeen();

    /** @param zone of the times in texts */
    public HostRules(WatchedHosts hosts, HostCare.Source care, Agents agents, ZoneId zone) {
        this.hosts = hosts;
        this.care = care;
        this.agents = agents;
        this.words = new RuleWords(zone);
    }

    @Override
    public Findings find(Instant now) {
        var look = new HostLook(now, firstSeen);
        for (var host : hosts.now(now)) {
            var wanted = care.of(host.status());
            if (wanted.paused().isPresent()) {
                paused(look, host, wanted.paused().get());
                continue;
            }
            presence(look, host, wanted);
            upkeep(look, host);
            if (!host.status().backups().isEmpty()) {
                stale(look, host, wanted);
                drills(look, host);
            } else if (host.status().presence() != Presence.NEVER_SEEN) {
                unprotected(look, host);
            }
        }
        return look.findings();
    }

    private void paused(HostLook look, WatchedHost host, HostCare.Paused paused) {
        look.add(look.draft(host, "paused", AlertKind.HOST_PAUSED, Severity.WARNING, paused.since())
                .grace(PAUSED_GRACE)
                .remindEvery(Condition.WEEKLY)
                .says(
                        host.name() + " makes no backups: it is paused by " + paused.by() + " since "
                                + words.time(paused.since())
                                + paused.reason()
                                        .map(why -> ": " + RuleWords.withoutStop(why))
                                        .orElse("") + ".",
                        "Resume it on its page once its backups are to run again.",
                        host.path()));
    }

    private void presence(HostLook look, WatchedHost host, HostCare wanted) {
        switch (host.status().presence()) {
            case ONLINE -> {}
            case AWAITED -> look.unknown(host.status(), "offline");
            case NEVER_SEEN -> neverConnected(look, host);
            case OFFLINE -> {
                if (!wanted.comesAndGoes()) {
                    offline(look, host);
                }
            }
        }
    }

    private void neverConnected(HostLook look, WatchedHost host) {
        var at = host.status().host().createdAt();
        look.add(look.draft(host, "offline", AlertKind.HOST_NEVER_CONNECTED, Severity.WARNING, at)
                .grace(NEVER_CONNECTED_GRACE)
                .says(
                        host.name() + " was enrolled on " + words.time(at) + ", but its agent has never connected.",
                        "On the machine, look into the agent's log: journalctl -u restic-fleet-agent. The agent must reach"
                                + " this server's address. If the machine is not to be backed up, delete the machine.",
                        host.path()));
    }

    private void offline(HostLook look, WatchedHost host) {
        var at = host.status().host().lastSeenAt().orElse(look.now());
        boolean isLong = !at.plus(OFFLINE_CRITICAL).isAfter(look.now());
        var severity = isLong ? Severity.CRITICAL : Severity.WARNING;
        look.add(look.draft(host, "offline", AlertKind.HOST_OFFLINE, severity, at)
                .grace(OFFLINE_GRACE)
                .says(
                        host.name() + " is not connected; it was last seen on " + words.time(at) + ".",
                        CHECK_MACHINE,
                        host.path()));
    }

    private void unprotected(HostLook look, WatchedHost host) {
        look.add(look.draft(host, "unprotected", AlertKind.HOST_UNPROTECTED, Severity.WARNING)
                .grace(UNPROTECTED_GRACE)
                .says(
                        host.name() + " has no enabled backup schedule, so that nothing of it is saved.",
                        "Add a backup schedule, or enable one. If nothing is to be saved, delete the machine.",
                        host.path() + "/schedules"));
    }

    private void stale(HostLook look, WatchedHost host, HostCare wanted) {
        var at = staleAt(host, wanted).filter(time -> !time.isAfter(look.now()));
        if (at.isEmpty()) {
            return;
        }
        if (agents.awaitsReports() || ScheduleRules.isRunning(host.status(), Optional.empty(), look.now())) {
            look.unknown(host.status(), "stale");
            return;
        }
        look.add(look.draft(host, "stale", AlertKind.BACKUP_STALE, Severity.CRITICAL, at.get())
                .says(
                        host.name()
                                + host.lastGoodAt()
                                        .map(last -> " has no complete backup since " + words.time(last) + ".")
                                        .orElse(" has no complete backup yet."),
                        wanted.comesAndGoes()
                                ? "Switch the machine on, and connect it for long enough that a backup runs; or run one on its"
                                        + " page."
                                : CHECK_MACHINE,
                        host.path()));
    }

    private static Optional<Instant> staleAt(WatchedHost host, HostCare wanted) {
        var from = host.lastGoodAt()
                .or(() -> host.backups().values().stream()
                        .map(WatchedHost.WatchedBackup::since)
                        .min(Instant::compareTo))
                .map(at -> host.pausedUntil().filter(at::isBefore).orElse(at));
        if (wanted.staleAfterDays().isPresent()) {
            return from.map(at ->
                    staleAt(host, at, Duration.ofDays(wanted.staleAfterDays().get())));
        }
        var bySchedule = host.backups().values().stream()
                .flatMap(backup -> backup.staleAt().stream())
                .min(Instant::compareTo);
        return from.filter(any -> wanted.comesAndGoes())
                .map(at -> at.plus(COMES_AND_GOES_STALE))
                .flatMap(at -> bySchedule.map(other -> other.isAfter(at) ? other : at));
    }

    /** Not before the next backup can have ended: of one each day, each ends a day after the one before, or a little later. */
    private static Instant staleAt(WatchedHost host, Instant from, Duration allowed) {
        var at = from.plus(allowed);
        return host.backups().values().stream()
                .flatMap(backup -> backup.nextOverAt(from).stream())
                .min(Instant::compareTo)
                .filter(at::isBefore)
                .orElse(at);
    }

    private void drills(HostLook look, WatchedHost host) {
        var failed = host.status().failedDrill();
        if (failed.isPresent()) {
            var job = failed.get();
            look.add(look.draft(
                            host,
                            "drill",
                            AlertKind.DRILL_FAILED,
                            ScheduleRules.failedSeverity(job),
                            ScheduleRules.since(job, look.now()))
                    .says(
                            host.name() + ": a drill, which restores a sample of its backup, failed: "
                                    + RuleWords.cause(job) + ".",
                            RuleWords.advice(job),
                            ScheduleRules.path(job)));
        } else if (isOverdue(look, host) && look.settled(host.status())) {
            look.add(look.draft(host, "drill", AlertKind.DRILL_OVERDUE, Severity.WARNING)
                    .grace(DRILL_GRACE)
                    .says(
                            host.name()
                                    + host.provenAt()
                                            .map(at -> ": no restore was proven since " + words.time(at))
                                            .orElse(": no restore was ever proven")
                                    + ", although one is tried each week.",
                            "Run a drill on the host's page, and look at what it says.",
                            host.path()));
        } else if (isOverdue(look, host)) {
            look.unknown(host.status(), "drill");
        }
    }

    /** What damage a job found is an alert of the repository. */
    private void upkeep(HostLook look, WatchedHost host) {
        for (var job : host.failedUpkeep()) {
            var since = ScheduleRules.since(job, look.now());
            var code = RuleWords.code(job);
            if (!since.plus(UPKEEP_TOLD).isAfter(look.now())
                    || code == ErrorCode.DAMAGED
                    || code == ErrorCode.BAD_FILE) {
                continue;
            }
            look.add(look.draft(host, job.kind().word(), AlertKind.JOB_FAILED, Severity.WARNING, since)
                    .grace(code.retry() == ErrorCode.Retry.LATER ? ScheduleRules.RETRIED : Duration.ZERO)
                    .says(
                            RuleWords.kind(job.kind()) + " by " + host.name()
                                    + (job.status() == JobStatus.INTERRUPTED ? " was interrupted: " : " failed: ")
                                    + RuleWords.cause(job) + ".",
                            RuleWords.advice(job),
                            ScheduleRules.path(job)));
        }
    }

    /** Whether no restore was proven for too long; of a host that has something to restore. */
    private static boolean isOverdue(HostLook look, WatchedHost host) {
        return host.drills()
                && host.provenAt()
                        .or(() -> host.backups().values().stream()
                                .filter(backup -> backup.lastGoodAt().isPresent())
                                .map(WatchedHost.WatchedBackup::since)
                                .min(Instant::compareTo))
                        .filter(at -> !at.plus(DRILL_OVERDUE).isAfter(look.now()))
                        .isPresent();
    }
}
