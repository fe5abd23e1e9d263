package io.resticfleet.server.status;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.db.Change;
import io.resticfleet.server.db.Changes;
import io.resticfleet.server.db.Database;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The facts of all hosts, cached in memory. Reads again only the hosts that a transaction has changed, or all hosts if a
 * changed row belongs to no host. Used by one thread at a time.
 *
 * <p>A missed change could show a failed host as backed up, so all hosts are read and compared every five minutes.
 */
final class KnownFacts {

    private static final Logger log = LoggerFactory.getLogger(KnownFacts.class);

    private static final Duration COMPARE_EVERY = Duration.ofMinutes(5);

    /** Tables that affect no status, card or list of hosts. All other tables do, including new ones. */
    private static final Set<String> IGNORED_TABLES = Set.of(
            "agent_upgrades",
            "alerts",
            "api_tokens",
            "audit_log",
            "channel_alerts",
            "channel_events",
            "channel_losses",
            "channels",
            "deleted_hosts",
            "digests",
            "deliveries",
            "delivery_attempts",
            "enrollment_tokens",
            "host_days",
            "host_silences",
            "job_log",
            "replaced_agents",
            "repository_changes",
            "run_events",
            "schedule_totals",
            "schedule_watch",
            "secrets",
            "server_settings",
            "sessions",
            "shared_links",
            "snapshot_lists",
            "snapshots",
            "user_passwords",
            "users",
            "watchdog");

    private final Database db;
    private final HostFactsReader reader;
    private final LongSupplier nanoTime;
    private final Map<HostId, HostFacts> facts = new TreeMap<>(); // ids are in order of enrolment
    private boolean complete;
    private long lastChange;
    private long comparedAt;

    KnownFacts(Database db, HostFactsReader reader, LongSupplier nanoTime) {
        this.db = db;
        this.reader = reader;
        this.nanoTime = nanoTime;
    }

    /** Whether a change can affect the status of hosts. */
    static boolean concerns(Change change) {
        return !IGNORED_TABLES.contains(change.what());
    }

    /** In order of enrolment. A host that was read again has a new object. */
    Collection<HostFacts> all() {
        return facts.values();
    }

    /** Reads changed hosts again; returns whether there were any. */
    boolean update() {
        var changes = db.changesSince(lastChange); // before reading, so that no change is missed
        boolean changed = complete && !mayConcernAll(changes) ? update(hosts(changes)) : readAll();
        lastChange = changes.last();
        return nanoTime.getAsLong() - comparedAt > COMPARE_EVERY.toNanos() ? compare() || changed : changed;
    }

    private static boolean mayConcernAll(Changes changes) {
        return changes.everything()
                || changes.changes().stream()
                        .anyMatch(change -> concerns(change) && change.hostId().isEmpty());
    }

    private static Set<HostId> hosts(Changes changes) {
        return changes.changes().stream()
                .filter(KnownFacts::concerns)
                .flatMap(change -> change.hostId().stream())
                .collect(Collectors.toSet());
    }

    private boolean update(Set<HostId> ids) {
        if (ids.isEmpty()) {
            return false;
        }
        var fresh = reader.some(ids);
        facts.keySet().removeAll(ids);
        facts.putAll(fresh);
        return true;
    }

    private boolean readAll() {
        var fresh = reader.all();
        facts.clear();
        facts.putAll(fresh);
        complete = true;
        comparedAt = nanoTime.getAsLong();
        return true;
    }

    /** Corrects outdated hosts; returns whether there were any. */
    private boolean compare() {
        comparedAt = nanoTime.getAsLong();
        var fresh = reader.all();
        var meanwhile = db.changesSince(lastChange);
        if (mayConcernAll(meanwhile)) {
            return false; // the next update reads all
        }
        var wrong = new TreeSet<>(facts.keySet());
        wrong.addAll(fresh.keySet());
        wrong.removeIf(id -> Objects.equals(facts.get(id), fresh.get(id)));
        wrong.removeAll(hosts(meanwhile));
        if (wrong.isEmpty()) {
            return false;
        }
        log.error("hosts had an outdated status, which is a bug; corrected hosts={}", wrong);
        facts.keySet().removeAll(wrong);
        wrong.stream().filter(fresh::containsKey).forEach(id -> facts.put(id, fresh.get(id)));
        return true;
    }
}
