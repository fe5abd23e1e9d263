package io.resticfleet.server.host;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.config.Quota;
import io.resticfleet.server.db.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daily quota of each host, so that none can fill the database. What is beyond it is acknowledged, so that the host's
 * other results arrive, and counted; the first time each day also in the log and the audit log. Safe for use by many
 * threads.
 */
public final class HostUsage {

    private static final Logger log = LoggerFactory.getLogger(HostUsage.class);

    private static final int KEPT_DAYS = 35;

    private final Database db;
    private final Audit audit;
    private final Quota quota;
    private final InstantSource clock;

    public HostUsage(Database db, Audit audit, Quota quota, InstantSource clock) {
        this.db = db;
        this.audit = audit;
        this.quota = quota;
        this.clock = clock;
    }

    /** Today's use of each of these hosts, by host id. */
    public Map<HostId, HostQuota> today(Collection<HostId> hostIds) {
        if (hostIds.isEmpty()) {
            return Map.of();
        }
        long day = day();
        var found = db.read(handle -> handle.attach(HostDayDao.class).of(hostIds, day)).stream()
                .collect(Collectors.toMap(HostDay::hostId, Function.identity()));
        return Set.copyOf(hostIds).stream()
                .collect(Collectors.toMap(
                        Function.identity(),
                        id -> HostQuota.of(found.getOrDefault(id, HostDay.unused(id, day)), quota)));
    }

    /** Counts a job that a report would add, other than a run for a due time. Returns whether it may be added. */
    public boolean addJob(Handle tx, HostId hostId) {
        boolean added = today(tx, hostId).jobs() < quota.jobs();
        if (added) {
            tx.attach(HostDayDao.class).add(hostId, day(), 1, 0, 0, 0);
        }
        return added;
    }

    /** Counts a job that was not added; to call once for each, at its end. */
    public void dropJob(Handle tx, HostId hostId) {
        boolean first = today(tx, hostId).jobsDropped() == 0;
        tx.attach(HostDayDao.class).add(hostId, day(), 0, 1, 0, 0);
        if (first) {
            report(tx, hostId, "host.quota", "reported more than " + quota.jobs() + " jobs today");
        }
    }

    /** How many bytes of logs this host may add today. */
    public long logBytesLeft(Handle tx, HostId hostId) {
        return Math.max(0, quota.logBytes() - today(tx, hostId).logBytes());
    }

    /** Counts what was stored and dropped of a log. */
    public void addLog(Handle tx, HostId hostId, long stored, long dropped) {
        boolean first = dropped > 0 && today(tx, hostId).logBytesDropped() == 0;
        tx.attach(HostDayDao.class).add(hostId, day(), 0, 0, stored, dropped);
        if (first) {
            report(tx, hostId, "host.quota", "sent more than " + quota.logBytes() + " bytes of logs today");
        }
    }

    /** Counts a result that can never be stored. */
    public void addUnstorable(Handle tx, HostId hostId, ToServer.Unstorable result) {
        boolean first = today(tx, hostId).unstorable() == 0;
        tx.attach(HostDayDao.class).addUnstorable(hostId, day(), result.reason(), result.excerpt());
        if (first) {
            report(tx, hostId, "host.unstorable", "sent a result that can never be stored: " + result.reason());
        }
    }

    /** Deletes old days. */
    public void expire() {
        db.change(tx -> tx.attach(HostDayDao.class).deleteOlder(day() - KEPT_DAYS));
    }

    private void report(Handle tx, HostId hostId, String action, String what) {
        log.warn("a machine {}; further ones are counted only host={}", what, hostId);
        audit.record(tx, Actor.local("server"), action, hostId, hostId, Map.of("reason", what));
    }

    private HostDay today(Handle tx, HostId hostId) {
        return tx.attach(HostDayDao.class).find(hostId, day()).orElseGet(() -> HostDay.unused(hostId, day()));
    }

    private long day() {
        return Duration.ofMillis(clock.millis()).toDays();
    }
}
