package io.resticfleet.server.audit;

import com.github.f4b6a3.ulid.Ulid;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Id;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.web.Page;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The audit log, append-only. Safe for use by many threads.
 *
 * <p>Every {@code record} method takes the transaction that makes the change, and a {@code detail} without secrets.
 */
public final class Audit {

    private static final int RECENT = 1_000;

    private final Database db;
    private final InstantSource clock;

    public Audit(Database db, InstantSource clock) {
        this.db = db;
        this.clock = clock;
    }

    /** Records a change to a host, or to something on it. */
    public void record(Handle tx, Actor actor, String action, HostId hostId, Id target, Map<String, ?> detail) {
        record(tx, actor, action, Optional.of(hostId), Optional.of(target.value()), detail);
    }

    /** Records a change to something that belongs to no host. */
    public void record(Handle tx, Actor actor, String action, String targetId, Map<String, ?> detail) {
        record(tx, actor, action, Optional.empty(), Optional.of(targetId), detail);
    }

    /** Records an event without a target. */
    public void record(Handle tx, Actor actor, String action, Map<String, ?> detail) {
        record(tx, actor, action, Optional.empty(), Optional.empty(), detail);
    }

    private void record(
            Handle tx,
            Actor actor,
            String action,
            Optional<HostId> hostId,
            Optional<String> targetId,
            Map<String, ?> detail) {
        var now = clock.instant();
        var id = db.newId();
        tx.attach(AuditDao.class).insert(id, now, actor.name(), action, hostId, targetId, actor.address(), detail);
    }

    /**
     * Entries, newest first.
     *
     * @param host only entries about this host, by its id as the client wrote it; absent for all
     */
    public Page<AuditEntry> list(Page.Request page, Optional<String> host) {
        var before = page.cursor().orElse(Page.AFTER_ALL_IDS);
        var entries = db.read(handle -> {
            var dao = handle.attach(AuditDao.class);
            return host.map(id -> dao.ofHost(id, before, page.limit() + 1))
                    .orElseGet(() -> dao.list(before, page.limit() + 1));
        });
        return Page.of(entries, page, AuditEntry::id);
    }

    /** Addresses from which this was done the last 1,000 times, the newest last. Reads the whole log. */
    public List<String> recentAddresses(String action) {
        return db.read(handle -> handle.attach(AuditDao.class).addresses(action, RECENT));
    }

    /** The newest entry about this host with this action; empty if there is none of this time or later. */
    public Optional<AuditEntry> newest(HostId hostId, String action, Instant since) {
        var sinceId = Ulid.min(since.toEpochMilli()).toString();
        return db.read(handle -> handle.attach(AuditDao.class).newest(hostId, action, sinceId));
    }

    /** When the newest entry was made; empty if there is none. */
    public static Optional<Instant> newest(Handle handle) {
        return handle.attach(AuditDao.class).newest();
    }
}
