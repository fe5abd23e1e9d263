package io.resticfleet.server.auth;

import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Problem;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * Sessions of signed-in users. A session ends after 7 days without use, and after 30 days in any case. Safe for use by
 * many threads.
 */
public final class Sessions {

    static final Duration MAX_AGE = Duration.ofDays(30);
    /** In the audit log. */
    static final String LOGIN = "auth.login";

    private static final Duration MAX_IDLE = Duration.ofDays(7);
    private static final Duration RECORD_USE_INTERVAL = Duration.ofMinutes(1);

    private final Database db;
    private final Audit audit;
    private final InstantSource clock;

    public Sessions(Database db, Audit audit, InstantSource clock) {
        this.db = db;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Starts a session for a user whose password was verified.
     *
     * @throws Problem 401 {@code bad_credentials} if the password has changed since then
     */
    SessionToken begin(Actor actor, Users.Verified verified) {
        var user = verified.user();
        var token = SessionToken.mint();
        var now = clock.instant();
        db.change(tx -> {
            var dao = tx.attach(SessionDao.class);
            dao.removeEnded(now, now.minus(MAX_IDLE));
            if (dao.insert(token.sha256(), user.id(), verified.passwordHash(), now, now.plus(MAX_AGE)) == 0) {
                throw SignIn.badCredentials();
            }
            audit.record(tx, actor, LOGIN, user.id(), Map.of());
        });
        return token;
    }

    /** The user of a session; empty if it is unknown or has ended. Counts as use. */
    Optional<Caller> find(SessionToken token) {
        var now = clock.instant();
        var sha256 = token.sha256();
        var live = db.read(handle -> handle.attach(SessionDao.class).find(sha256, now, now.minus(MAX_IDLE)));
        live.filter(session -> !session.lastUsedAt().plus(RECORD_USE_INTERVAL).isAfter(now))
                .ifPresent(stale -> db.note(tx -> tx.attach(SessionDao.class).used(sha256, now)));
        return live.map(session -> Caller.bySession(session.userId(), session.username()));
    }

    /** Ends a session; harmless if it does not exist. */
    void end(Actor actor, Caller caller, SessionToken token) {
        db.change(tx -> {
            if (tx.attach(SessionDao.class).end(token.sha256()) > 0) {
                audit.record(tx, actor, "auth.logout", caller.userId(), Map.of());
            }
        });
    }
}
