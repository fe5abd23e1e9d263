package io.resticfleet.server.summary;

import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.secret.Secrets;
import io.resticfleet.server.secret.Tokens;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * Keys of addresses that work without signing in, as feed readers and pages elsewhere cannot. Each is made when it is needed
 * first. Safe for use by many threads.
 */
public final class SharedLinks {

    private final Database db;
    private final Secrets secrets;
    private final Audit audit;
    private final InstantSource clock;
    private final Map<Kind, Key> known = new EnumMap<>(Kind.class);

    /** What the addresses lead to. */
    enum Kind {
        BADGES,
        FEED;

        private String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        private String owner() {
            return "shared_links/" + word();
        }
    }

    /**
     * A key.
     *
     * @param id ULID; stays when the key is renewed
     */
    record Key(String id, String secret) {

        @Override
        public String toString() {
            return "Key[" + id + "]";
        }
    }

    public SharedLinks(Database db, Secrets secrets, Audit audit, InstantSource clock) {
        this.db = db;
        this.secrets = secrets;
        this.audit = audit;
        this.clock = clock;
    }

    synchronized Key get(Kind kind) {
        return known.computeIfAbsent(
                kind,
                absent -> db.read(handle -> handle.attach(SharedLinkDao.class)
                                .find(kind.word())
                                .flatMap(id -> secrets.find(handle, kind.owner(), String.class)
                                        .map(secret -> new Key(id, secret))))
                        .orElseGet(() -> db.write(tx -> create(tx, kind))));
    }

    /** The path of the feed of alerts, with its key. */
    public String feedPath() {
        return "/alerts.atom?key=" + get(Kind.FEED).secret();
    }

    /** Replaces the key of the feed of alerts. */
    public void renewFeed(Actor actor) {
        renew(actor, Kind.FEED);
    }

    private Key create(Handle tx, Kind kind) {
        var dao = tx.attach(SharedLinkDao.class);
        var id = dao.find(kind.word()).orElseGet(() -> {
            var made = db.newId();
            dao.insert(kind.word(), made, clock.instant());
            return made;
        });
        return new Key(id, put(tx, kind));
    }

    /** Replaces a key: addresses with the former one lead nowhere. */
    synchronized Key renew(Actor actor, Kind kind) {
        var id = get(kind).id();
        var renewed = db.write(tx -> {
            tx.attach(SharedLinkDao.class).renewed(kind.word(), clock.instant());
            audit.record(tx, actor, kind.word() + ".renew", kind.word(), Map.of());
            return new Key(id, put(tx, kind));
        });
        known.put(kind, renewed);
        return renewed;
    }

    private String put(Handle tx, Kind kind) {
        var secret = Tokens.mint("");
        secrets.put(tx, kind.owner(), secret);
        return secret;
    }
}
