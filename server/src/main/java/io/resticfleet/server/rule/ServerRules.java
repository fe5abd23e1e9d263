package io.resticfleet.server.rule;

import io.resticfleet.server.alert.AlertKey;
import io.resticfleet.server.alert.AlertKind;
import io.resticfleet.server.alert.Condition;
import io.resticfleet.server.alert.ConditionSource;
import io.resticfleet.server.alert.Findings;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.alert.Subject;
import io.resticfleet.server.auth.FailedSignIns;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StorageTrouble;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.recovery.DatabaseCopies;
import io.resticfleet.server.tls.ServerCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What is wrong with this server. */
public final class ServerRules implements ConditionSource {

    static final Duration CERTIFICATE_WARNING = Duration.ofDays(14);
    static final Duration CERTIFICATE_CRITICAL = Duration.ofDays(3);

    /** The newest copy of the database may be so old; one an hour is made. */
    static final Duration COPY_AGE = Duration.ofHours(3);

    static final Duration COPY_GRACE = Duration.ofMinutes(15);

    /** How long after the last failed sign-in an attack is shown. */
    static final Duration ATTACK_SHOWN = Duration.ofHours(1);

    private static final Duration READ_EVERY = Duration.ofSeconds(60);

    private final Database db;
    private final Divergences divergences;
    private final Optional<ServerCertificate> certificate;
    private final FailedSignIns failedSignIns;
    private final RuleWords words;
    private final Instant startedAt;
    private final FirstSeen firstSeen = new FirstSeen();
    private Instant readAt = Instant.MAX;
    private List<Condition> slow = List.of();
    private Set<AlertKey> slowUnknown = Set.of();

    /**
     * @param startedAt when this server started
     * @param zone of the times in texts
     */
    public ServerRules(
            Database db,
            Divergences divergences,
            Optional<ServerCertificate> certificate,
            FailedSignIns failedSignIns,
            Instant startedAt,
            ZoneId zone) {
        this.db = db;
        this.divergences = divergences;
        this.certificate = certificate;
        this.failedSignIns = failedSignIns;
        this.startedAt = startedAt;
        this.words = new RuleWords(zone);
    }

    @Override
    public Findings find(Instant now) {
        if (now.isBefore(readAt) || !now.isBefore(readAt.plus(READ_EVERY))) {
            read(now);
        }
        var conditions = new ArrayList<>(slow);
        var unknown = new HashSet<>(slowUnknown);
        db.trouble().ifPresent(trouble -> {
            conditions.removeIf(condition -> condition.key().equals(key(trouble)));
            conditions.add(trouble(trouble));
        });
        attack(now, conditions, unknown);
        return new Findings(conditions, unknown);
    }

    private void read(Instant now) {
        firstSeen.begin();
        var conditions = new ArrayList<Condition>();
        var unknown = new HashSet<AlertKey>();
        disk(now, conditions, unknown);
        copies(now).ifPresent(conditions::add);
        certificate(now).ifPresent(conditions::add);
        restored().ifPresent(conditions::add);
        slow = conditions;
        slowUnknown = unknown;
        readAt = now;
    }

    private static Draft draft(String aspect, AlertKind kind, Severity severity, Instant since) {
        return new Draft(AlertKey.server(aspect), kind, severity, Subject.SERVER, since);
    }

    private static AlertKey key(StorageTrouble trouble) {
        return AlertKey.server(trouble.stopsChanges() ? "disk" : "database");
    }

    private static Condition trouble(StorageTrouble trouble) {
        return draft(
                        trouble.stopsChanges() ? "disk" : "database",
                        trouble.stopsChanges() ? AlertKind.SERVER_DISK_FULL : AlertKind.SERVER_DATABASE_DAMAGED,
                        Severity.CRITICAL,
                        trouble.since())
                .says(sentence(trouble.words()), sentence(trouble.advice()), "/settings");
    }

    private static String sentence(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".";
    }

    private void disk(Instant now, List<Condition> conditions, Set<AlertKey> unknown) {
        try {
            var store = Files.getFileStore(directory());
            var space = new DiskSpace(store.getUsableSpace(), store.getTotalSpace());
            switch (space.state()) {
                case ENOUGH -> {}
                case UNKNOWN -> unknown.add(AlertKey.server("disk"));
                case LOW ->
                    conditions.add(draft(
                                    "disk",
                                    AlertKind.SERVER_DISK_FULL,
                                    space.severity(),
                                    firstSeen.of(AlertKey.server("disk"), now))
                            .says(
                                    "The disk with this server's data directory " + directory() + " is nearly full: "
                                            + space.words() + " is free.",
                                    "Free some space on it, or move the data directory to a larger disk.",
                                    "/settings"));
            }
        } catch (IOException e) {
            unknown.add(AlertKey.server("disk"));
        }
    }

    private Path directory() {
        return db.file().toAbsolutePath().getParent();
    }

    private Optional<Condition> copies(Instant now) {
        var newest = DatabaseCopies.newest(directory());
        var from = newest.filter(at -> at.isAfter(startedAt)).orElse(startedAt);
        if (from.plus(COPY_AGE).isAfter(now)) {
            return Optional.empty();
        }
        return Optional.of(draft(
                        "copy",
                        AlertKind.SERVER_COPY_OVERDUE,
                        Severity.WARNING,
                        firstSeen.of(AlertKey.server("copy"), now))
                .grace(COPY_GRACE)
                .says(
                        newest.map(at -> "The newest copy of this server's own database is of " + words.time(at)
                                        + ", although one is made each hour.")
                                .orElse(
                                        "There is no copy of this server's own database, although one is made each hour."),
                        "A copy needs twice the database's size of free space in the data directory. The server's log says why"
                                + " none is made.",
                        "/settings"));
    }

    private Optional<Condition> certificate(Instant now) {
        return certificate
                .map(ServerCertificate::endsAt)
                .filter(end -> !end.minus(CERTIFICATE_WARNING).isAfter(now))
                .map(end -> draft(
                                "certificate",
                                AlertKind.CERTIFICATE_ENDING,
                                end.minus(CERTIFICATE_CRITICAL).isAfter(now) ? Severity.WARNING : Severity.CRITICAL,
                                end.minus(CERTIFICATE_WARNING))
                        .says(
                                end.isAfter(now)
                                        ? "This server's TLS certificate ends on " + words.time(end) + "."
                                        : "This server's TLS certificate has ended on " + words.time(end)
                                                + ": browsers and agents may refuse to connect.",
                                "Renew it. The server uses new files of certificate and key without a restart.",
                                "/settings"));
    }

    private Optional<Condition> restored() {
        var waiting = divergences.list();
        return waiting.stream()
                .map(host -> host.since())
                .min(Instant::compareTo)
                .map(since -> draft("restored", AlertKind.SERVER_RESTORED, Severity.CRITICAL, since)
                        .says(
                                "This server's database was restored, and "
                                        + (waiting.size() == 1 ? "a machine knows" : waiting.size() + " machines know")
                                        + " more than it does: schedules are not sent to "
                                        + (waiting.size() == 1 ? "it" : "them")
                                        + " until somebody decides which to keep.",
                                "Decide whether to keep the machines' schedules or to push the server's.",
                                "/restored"));
    }

    private void attack(Instant now, List<Condition> conditions, Set<AlertKey> unknown) {
        var last = failedSignIns.lastMany().filter(at -> at.plus(ATTACK_SHOWN).isAfter(now));
        last.ifPresent(at -> conditions.add(draft("sign-in", AlertKind.SIGN_IN_ATTACK, Severity.WARNING, at)
                .says(
                        "Somebody tries passwords: there were " + FailedSignIns.MANY
                                + " or more failed sign-ins within 15 minutes.",
                        "The audit log names the addresses. Keep this server away from the internet, or block them; wrong"
                                + " passwords are slowed down by themselves.",
                        "/audit")));
        if (last.isEmpty() && startedAt.plus(ATTACK_SHOWN).isAfter(now)) {
            unknown.add(AlertKey.server("sign-in")); // failures before the start are not known
        }
    }
}
