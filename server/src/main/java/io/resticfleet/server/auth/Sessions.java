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
 * People who are signed in. A session ends after seven days without use, and after thirty days in any case. Safe for
 * use by many threads.
 */
public final class Sessions {

    static final Duration LONGEST = Duration.ofDays(30);
    private static final Duration IDLE = Duration.ofDays(7);
    private static final Duration NOTE_USE_EVERY = Duration.ofMinutes(1);

    private final Database db;
    private final Audit audit;
    private final InstantSource clock;

    public Sessions(Database db, Audit audit, InstantSource clock) {
        this.db = db;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Begins a session of somebody who has shown their password.
     *
     * @throws Problem 401 {@code bad_credentials} if the password was changed since it was looked at
     */
    SessionToken begin(Actor actor, Users.Verified verified) {
        var user = verified.user();
        var token = SessionToken.mint();
        var now = clock.instant();
        db.change(tx -> {
            var dao = tx.attach(SessionDao.class);
            dao.removeEnded(now, now.minus(IDLE));
            if (dao.insert(token.sha256(), user.id(), verified.passwordHash(), now, now.plus(LONGEST)) == 0) {
                throw SignIn.badCredentials();
            }
            audit.record(tx, actor, "auth.login", user.id(), Map.of());
        });
        return token;
    }

    /** Whose session it is; empty if there is none, or it has ended. Counts as use. */
    Optional<Caller> find(SessionToken token) {
        var now = clock.instant();
        var sha256 = token.sha256();
        var live = db.read(handle -> handle.attach(SessionDao.class).find(sha256, now, now.minus(IDLE)));
        live.filter(session -> !session.lastUsedAt().plus(NOTE_USE_EVERY).isAfter(now))
                .ifPresent(stale -> db.note(tx -> tx.attach(SessionDao.class).used(sha256, now)));
        return live.map(session -> new Caller(session.userId(), session.username(), Optional.empty()));
    }

    /** Harmless if there is no such session. */
    void end(Actor actor, Caller caller, SessionToken token) {
        db.change(tx -> {
            if (tx.attach(SessionDao.class).end(token.sha256()) > 0) {
                audit.record(tx, actor, "auth.logout", caller.userId(), Map.of());
            }
        });
    }
}
