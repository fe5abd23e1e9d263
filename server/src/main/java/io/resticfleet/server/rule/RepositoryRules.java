package io.resticfleet.server.rule;

import io.resticfleet.protocol.ErrorCode;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.alert.AlertKey;
import io.resticfleet.server.alert.AlertKind;
import io.resticfleet.server.alert.Condition;
import io.resticfleet.server.alert.ConditionSource;
import io.resticfleet.server.alert.Findings;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.alert.Subject;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.status.Presence;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What is wrong with repositories that hosts use. */
public final class RepositoryRules implements ConditionSource {

    static final Duration UNREACHABLE_GRACE = Duration.ofHours(1);
    static final Duration LOCKED_GRACE = Duration.ofHours(6);
    static final Duration CHECK_GRACE = Duration.ofDays(1);
    static final Duration MAINTAINER_AWAY = Duration.ofDays(7);

    /** How far the size is forecast; a forecast of less than a week is a warning. */
    static final Duration FORECAST = Duration.ofDays(30);

    static final Duration FORECAST_SOON = Duration.ofDays(7);

    private static final int FORECAST_FROM_DAYS = 30;
    private static final Duration READ_EVERY = Duration.ofSeconds(30);

    private final Database db;
    private final WatchedHosts hosts;
    private final RuleWords words;
    private final FirstSeen firstSeen = new FirstSeen();
    private Instant readAt = Instant.MAX;
    private Findings found = new Findings(List.of(), Set.of());

    /** @param zone of the times in texts */
    public RepositoryRules(Database db, WatchedHosts hosts, ZoneId zone) {
        this.db = db;
        this.hosts = hosts;
        this.words = new RuleWords(zone);
    }

    /** A repository, the hosts that use it, and its last sizes if it has a limit. */
    private record Used(RepositoryRuleDao.Row row, List<WatchedHost> hosts, List<RepositoryRuleDao.Size> sizes) {

        RepositoryId id() {
            return row.id();
        }

        String name() {
            return "Repository " + RuleWords.quoted(row.name());
        }

        String path() {
            return "/repositories/" + row.id();
        }

        Draft draft(String aspect, AlertKind kind, Severity severity, Instant since) {
            var subject = new Subject(
                    Optional.empty(),
                    Optional.of(new Subject.Named<>(row.id(), row.name())),
                    Optional.empty(),
                    hosts.stream().map(host -> host.status().host().id()).toList(),
                    hosts.stream()
                            .flatMap(host -> host.tags().stream())
                            .distinct()
                            .toList());
            return new Draft(AlertKey.repository(row.id(), aspect), kind, severity, subject, since);
        }
    }

    @Override
    public Findings find(Instant now) {
        if (now.isBefore(readAt) || !now.isBefore(readAt.plus(READ_EVERY))) {
            firstSeen.begin();
            var conditions = new ArrayList<Condition>();
            read(now).forEach(used -> {
                status(used, now).ifPresent(conditions::add);
                size(used, now).ifPresent(conditions::add);
                check(used, now).ifPresent(conditions::add);
                keys(used, now).ifPresent(conditions::add);
                maintainer(used, now).ifPresent(conditions::add);
            });
            found = new Findings(conditions, Set.of());
            readAt = now;
        }
        return found;
    }

    private List<Used> read(Instant now) {
        Map<HostId, WatchedHost> byId = hosts.now(now).stream()
                .collect(Collectors.toMap(host -> host.status().host().id(), Function.identity()));
        var fromDay = LocalDate.ofInstant(now, ZoneOffset.UTC)
                .minusDays(FORECAST_FROM_DAYS)
                .toString();
        return db.read(handle -> handle.inTransaction(tx -> {
            var dao = tx.attach(RepositoryRuleDao.class);
            var uses = dao.uses().stream().collect(Collectors.groupingBy(RepositoryRuleDao.Use::repositoryId));
            return dao.all().stream()
                    .map(row -> new Used(
                            row,
                            uses.getOrDefault(row.id(), List.of()).stream()
                                    .map(use -> byId.get(use.hostId()))
                                    .filter(Objects::nonNull)
                                    .toList(),
                            row.sizeLimitBytes().isPresent() ? dao.sizes(row.id(), fromDay) : List.of()))
                    .toList();
        }));
    }

    private Optional<Condition> status(Used used, Instant now) {
        var row = used.row();
        var since = row.checkedAt().filter(at -> at.isBefore(now)).orElse(now);
        var why = row.statusDetail()
                .map(text -> ": " + RuleWords.withoutStop(text))
                .orElse("");
        return Optional.ofNullable(
                switch (row.status()) {
                    case "damaged" ->
                        used.draft("status", AlertKind.REPOSITORY_DAMAGED, Severity.CRITICAL, since)
                                .says(used.name() + " is damaged" + why + ".", ErrorCode.DAMAGED.advice(), used.path());
                    case "wrong_password" ->
                        used.draft("status", AlertKind.REPOSITORY_WRONG_PASSWORD, Severity.CRITICAL, since)
                                .says(
                                        used.name() + " does not open with its password" + why + ".",
                                        "Correct the password on the repository's settings page. No backups to it run until"
                                                + " then.",
                                        used.path() + "/settings");
                    case "unreachable" ->
                        used.draft("status", AlertKind.REPOSITORY_UNREACHABLE, Severity.WARNING, since)
                                .grace(UNREACHABLE_GRACE)
                                .says(
                                        used.name() + " could not be reached at the last try" + why + ".",
                                        "Check that its server runs, that the machines reach it, and that its credentials are"
                                                + " right. To try again at once, test it on its page.",
                                        used.path());
                    case "locked" ->
                        used.draft("status", AlertKind.REPOSITORY_LOCKED, Severity.WARNING, since)
                                .grace(LOCKED_GRACE)
                                .says(
                                        used.name() + " has been locked for long" + why + ".",
                                        ErrorCode.LOCKED.advice(),
                                        used.path() + "/locks");
                    default -> null;
                });
    }

    private Optional<Condition> size(Used used, Instant now) {
        var row = used.row();
        if (row.sizeLimitBytes().isEmpty() || row.sizeBytes().isEmpty()) {
            return Optional.empty();
        }
        long limit = row.sizeLimitBytes().get();
        long size = row.sizeBytes().get();
        var advice =
                "Keep fewer snapshots and run a prune, leave out what is not needed, or raise the limit on its settings"
                        + " page.";
        if (size > limit) {
            return Optional.of(
                    used.draft("size", AlertKind.REPOSITORY_LARGE, Severity.WARNING, since(used, "size", now))
                            .says(
                                    used.name() + " has " + RuleWords.bytes(size) + ", more than its limit of "
                                            + RuleWords.bytes(limit) + ".",
                                    advice,
                                    used.path() + "/settings"));
        }
        var growth = Growth.of(used.sizes());
        boolean soon =
                growth.filter(line -> line.at(now.plus(FORECAST_SOON)) > limit).isPresent();
        return growth.filter(line -> line.bytesPerDay() > 0 && line.at(now.plus(FORECAST)) > limit)
                .map(line -> used.draft(
                                "size",
                                AlertKind.REPOSITORY_LARGE,
                                soon ? Severity.WARNING : Severity.INFO,
                                since(used, "size", now))
                        .grace(CHECK_GRACE)
                        .says(
                                used.name() + " grows, and is likely to be larger than its limit of "
                                        + RuleWords.bytes(limit) + " within "
                                        + (soon ? FORECAST_SOON : FORECAST).toDays() + " days.",
                                advice,
                                used.path() + "/settings"));
    }

    private Instant since(Used used, String aspect, Instant now) {
        return firstSeen.of(AlertKey.repository(used.id(), aspect), now);
    }

    private Optional<Condition> check(Used used, Instant now) {
        var row = used.row();
        var from = row.lastCheckAt().filter(at -> at.isAfter(row.createdAt())).orElse(row.createdAt());
        var at = from.plus(Duration.ofDays(row.checkWithinDays()));
        return Optional.of(at)
                .filter(due -> row.checkWithinDays() > 0 && !due.isAfter(now))
                .map(due -> used.draft("check", AlertKind.CHECK_OVERDUE, Severity.WARNING, due)
                        .grace(CHECK_GRACE)
                        .remindEvery(Condition.WEEKLY)
                        .says(
                                used.name()
                                        + row.lastCheckAt()
                                                .map(last -> " was last checked on " + words.time(last))
                                                .orElse(" was never checked")
                                        + "; that is to happen every " + row.checkWithinDays() + " days.",
                                "Run a check on its page, or add a schedule of this kind.",
                                used.path()));
    }

    private Optional<Condition> keys(Used used, Instant now) {
        return Optional.of(used.row().unexpectedKeys())
                .filter(count -> count > 0)
                .map(count -> used.draft(
                                "key", AlertKind.REPOSITORY_KEY_FOUND, Severity.CRITICAL, since(used, "key", now))
                        .says(
                                used.name() + " has " + (count == 1 ? "a key" : count + " keys")
                                        + " that nobody has confirmed: whoever has its password can read all backups.",
                                "If somebody added it on purpose, confirm it on the repository's page. Otherwise remove it with"
                                        + " restic key remove, and change the repository's password.",
                                used.path()));
    }

    private Optional<Condition> maintainer(Used used, Instant now) {
        return used.row()
                .maintainerHostId()
                .flatMap(id -> used.hosts().stream()
                        .filter(host -> host.status().host().id().equals(id))
                        .findFirst())
                .filter(host -> host.status().presence() == Presence.OFFLINE)
                .flatMap(host -> host.status()
                        .host()
                        .lastSeenAt()
                        .filter(at -> !at.plus(MAINTAINER_AWAY).isAfter(now))
                        .map(at -> used.draft(
                                        "maintainer",
                                        AlertKind.MAINTAINER_AWAY,
                                        Severity.WARNING,
                                        at.plus(MAINTAINER_AWAY))
                                .says(
                                        used.name() + ": nothing is removed from it, as its maintainer " + host.name()
                                                + " was last connected on " + words.time(at) + ".",
                                        "Connect that machine, or make another one the maintainer.",
                                        used.path() + "/maintainer")));
    }
}
