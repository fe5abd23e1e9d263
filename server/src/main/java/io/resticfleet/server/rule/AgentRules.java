package io.resticfleet.server.rule;

import io.resticfleet.server.alert.AlertKind;
import io.resticfleet.server.alert.ConditionSource;
import io.resticfleet.server.alert.Findings;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.host.HostQuota;
import io.resticfleet.server.status.Presence;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.stream.Collectors;

/** What is wrong with agents and the machines that they run on. */
public final class AgentRules implements ConditionSource {

    static final Duration DRIFT_GRACE = Duration.ofMinutes(30);
    static final Duration OLD_AGENT_GRACE = Duration.ofDays(14);
    static final Duration CLOCK_WARNING = Duration.ofMinutes(5);
    static final Duration CLOCK_CRITICAL = Duration.ofHours(1);
    static final Duration CLOCK_GRACE = Duration.ofMinutes(1);

    private final WatchedHosts hosts;
    private final HostCare.Source care;
    private final AgentReports reports;
    private final RuleWords words;
    private final FirstSeen firstSeen = new FirstSeen();

    /** @param zone of the times in texts */
    public AgentRules(WatchedHosts hosts, HostCare.Source care, AgentReports reports, ZoneId zone) {
        this.hosts = hosts;
        this.care = care;
        this.reports = reports;
        this.words = new RuleWords(zone);
    }

    @Override
    public Findings find(Instant now) {
        var look = new HostLook(now, firstSeen);
        var all = hosts.now(now);
        reports.update(all, now);
        for (var host : all) {
            boolean connectedOnce = host.status().presence() != Presence.NEVER_SEEN;
            if (care.of(host.status()).paused().isEmpty()) {
                schedules(look, host);
                if (connectedOnce) {
                    disk(look, host);
                }
            }
            clones(look, host);
            replaced(look, host);
            quota(look, host);
            if (connectedOnce) {
                restic(look, host);
                version(look, host);
                clock(look, host);
            }
        }
        return look.findings();
    }

    private void schedules(HostLook look, WatchedHost host) {
        var version = host.status().version();
        if (version.refused().isPresent()) {
            look.add(look.draft(host, "schedules", AlertKind.SCHEDULES_REFUSED, Severity.WARNING)
                    .says(
                            host.name() + " rejected its newest schedules, and keeps to those of before: "
                                    + RuleWords.withoutStop(version.refused().get()) + ".",
                            "Change what it rejects, or upgrade its agent.",
                            host.path() + "/schedules"));
        } else if (version.drifted() && look.settled(host.status())) {
            look.add(look.draft(host, "schedules", AlertKind.SCHEDULES_DRIFTING, Severity.WARNING)
                    .grace(DRIFT_GRACE)
                    .says(
                            host.name() + " is connected, but does not run by its newest schedules: it has version "
                                    + version.appliedVersion() + ", the server version " + version.version() + ".",
                            "If this server's database was restored, decide on the host's page which schedules to keep."
                                    + " Otherwise look into the agent's log on the machine: journalctl -u restic-fleet-agent.",
                            host.path()));
        } else if (version.drifted()) {
            look.unknown(host.status(), "schedules");
        }
    }

    private void clones(HostLook look, WatchedHost host) {
        var agents = host.status().clones().stream()
                .map(instance -> instance.hostname() + " at " + instance.address())
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
        reports.clonesFoundAt(host.status().host().id())
                .ifPresent(at -> look.add(look.draft(host, "clone", AlertKind.HOST_CLONED, Severity.CRITICAL, at)
                        .says(
                                host.name() + ": two machines use its identity, as when one is a copy of the other"
                                        + (agents.isEmpty() ? "" : " (" + agents + ")")
                                        + ". Both run its schedules.",
                                "Enrol one of the two again, with a new install command.",
                                host.path())));
    }

    private void replaced(HostLook look, WatchedHost host) {
        var row = reports.replaced(host.status().host().id());
        if (row.isEmpty()) {
            return;
        }
        boolean tries = row.get()
                .refusedAt()
                .filter(at -> at.plus(AgentReports.REPLACED_SHOWN).isAfter(look.now()))
                .isPresent();
        var at = row.get().replacedAt();
        look.add(look.draft(host, "replaced", AlertKind.HOST_REPLACED, tries ? Severity.WARNING : Severity.INFO, at)
                .says(
                        host.name() + ": another machine took its place on " + words.time(at) + "."
                                + (tries ? " The agent of the former machine still tries to connect." : ""),
                        tries
                                ? "Stop the agent on the former machine. If the replacement was not yours, somebody has taken"
                                        + " over the host: replace it again, and change its repository's password."
                                : "If that was you, there is nothing to do.",
                        host.path()));
    }

    private void quota(HostLook look, WatchedHost host) {
        reports.quota(host.status().host().id())
                .ifPresent(quota -> look.add(look.draft(host, "quota", AlertKind.QUOTA_HIT, Severity.WARNING)
                        .says(
                                host.name()
                                        + " reported more than this server stores of a host in a day, and the rest is"
                                        + " only counted: " + dropped(quota) + ".",
                                "Find out on the machine what makes it report so much, such as a schedule that runs every"
                                        + " minute. If that is meant, raise this server's quota.",
                                host.path() + "/settings")));
    }

    private static String dropped(HostQuota quota) {
        var what = new ArrayList<String>();
        if (quota.jobsDropped() > 0) {
            what.add("jobs");
        }
        if (quota.logBytesDropped() > 0) {
            what.add("logs");
        }
        if (quota.unstorable() > 0) {
            what.add("results that cannot be stored"
                    + quota.unstorableReason().map(why -> " (" + why + ")").orElse(""));
        }
        return String.join(", ", what);
    }

    private static void restic(HostLook look, WatchedHost host) {
        if (host.status().host().resticVersion().isEmpty()) {
            look.add(look.draft(host, "restic", AlertKind.RESTIC_MISSING, Severity.CRITICAL)
                    .says(
                            host.name() + " has no usable restic, so that none of its backups can run.",
                            "Install restic on the machine, for example with: apt install restic",
                            host.path()));
        }
    }

    private void version(HostLook look, WatchedHost host) {
        if (host.tooOldAt().isPresent()) {
            look.add(look.draft(
                            host,
                            "agent",
                            AlertKind.AGENT_TOO_OLD,
                            Severity.WARNING,
                            host.tooOldAt().get())
                    .says(
                            host.name() + " cannot connect: its agent is too old for this server. It goes on making its"
                                    + " backups, but they are not reported.",
                            "On the machine, install the agent of this server again, with the install command for a machine"
                                    + " that is enrolled.",
                            host.path()));
            return;
        }
        var version = host.status().host().agentVersion();
        if (reports.isOutdated(version)) {
            look.add(look.draft(host, "agent", AlertKind.AGENT_TOO_OLD, Severity.INFO)
                    .grace(OLD_AGENT_GRACE)
                    .says(
                            host.name() + " runs agent " + version
                                    + ", which is older than the one that this server offers.",
                            "Upgrade it on the settings page.",
                            "/settings"));
        }
    }

    private static void clock(HostLook look, WatchedHost host) {
        var skew = Duration.ofMillis(host.status().host().clockSkewMs().orElse(0L));
        if (skew.abs().compareTo(CLOCK_WARNING) <= 0) {
            return;
        }
        if (host.status().presence() != Presence.ONLINE) {
            look.unknown(host.status(), "clock");
            return;
        }
        boolean isFar = skew.abs().compareTo(CLOCK_CRITICAL) > 0;
        look.add(look.draft(host, "clock", AlertKind.CLOCK_OFF, isFar ? Severity.CRITICAL : Severity.WARNING)
                .grace(CLOCK_GRACE)
                .says(
                        host.name() + ": its clock is " + length(skew.abs())
                                + (skew.isNegative() ? " behind" : " ahead of")
                                + " this server's, so that its backups run at the wrong time and have wrong times.",
                        "On the machine, have the clock set by NTP: timedatectl set-ntp true. If several machines are off by"
                                + " the same, this server's own clock is wrong.",
                        host.path()));
    }

    private void disk(HostLook look, WatchedHost host) {
        var disk = reports.disk(host.status().host().id());
        boolean unknown = host.status().presence() != Presence.ONLINE
                || disk.isEmpty() && !look.settled(host.status())
                || disk.filter(space -> space.state() == DiskSpace.State.UNKNOWN)
                        .isPresent();
        if (unknown) {
            look.unknown(host.status(), "disk");
            return;
        }
        disk.filter(space -> space.state() == DiskSpace.State.LOW)
                .ifPresent(space -> look.add(look.draft(host, "disk", AlertKind.HOST_DISK_FULL, space.severity())
                        .says(
                                host.name() + ": the disk with the agent's state directory is nearly full: "
                                        + space.words() + " is free.",
                                "Free some space on that disk. When it is full, results of backups cannot be kept, and restic"
                                        + " cannot use its cache.",
                                host.path())));
    }

    /** In whole units, as it is measured again and again. */
    private static String length(Duration time) {
        return time.toDays() > 1
                ? time.toDays() + " days"
                : time.toHours() > 1 ? time.toHours() + " hours" : time.toMinutes() + " minutes";
    }
}
