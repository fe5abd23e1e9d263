package io.resticfleet.server.auth;

import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Problem;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** Users and their passwords. */
public final class Users {

    private final Database db;
    private final Audit audit;
    private final InstantSource clock;
    private final Passwords passwords = new Passwords();

    public Users(Database db, Audit audit, InstantSource clock) {
        this.db = db;
        this.audit = audit;
        this.clock = clock;
    }

    boolean any() {
        return db.read(handle -> handle.attach(UserDao.class).any());
    }

    /**
     * Adds the first user, who may do everything.
     *
     * @throws Problem 409 {@code already_bootstrapped} if a user exists
     */
    User addFirst(Actor actor, Username username, NewPassword password) {
        var hash = passwords.hash(password.value());
        return db.write(tx -> {
            var dao = tx.attach(UserDao.class);
            if (dao.any()) {
                throw alreadyBootstrapped();
            }
            var now = clock.instant();
            var id = db.newId();
            dao.insert(id, username.value(), now);
            dao.setPassword(id, hash, now);
            audit.record(tx, actor, "user.create", id, Map.of("username", username.value(), "first", true));
            return new User(id, username.value(), now);
        });
    }

    /** A user whose password was verified, and the hash it matched. */
    record Verified(User user, String passwordHash) {}

    /**
     * Verifies a name and a password. An unknown name, or a user without a password, takes as long as a wrong password.
     */
    Optional<Verified> verify(String username, String password) {
        var known = db.read(handle -> {
            var dao = handle.attach(UserDao.class);
            return dao.findByName(username)
                    .flatMap(user -> dao.passwordHash(user.id()).map(hash -> new Verified(user, hash)));
        });
        return passwords.verify(password, known.map(Verified::passwordHash)) ? known : Optional.empty();
    }

    /**
     * Sets a new password, and ends the user's other sessions.
     *
     * @param session the session that stays
     * @return false if {@code current} is not the password; then nothing has changed
     */
    boolean changePassword(Actor actor, Caller caller, String current, NewPassword next, SessionToken session) {
        if (verify(caller.username(), current).isEmpty()) {
            return false;
        }
        var hash = passwords.hash(next.value());
        db.change(tx -> {
            tx.attach(UserDao.class).setPassword(caller.userId(), hash, clock.instant());
            int ended = tx.attach(SessionDao.class).endOthers(caller.userId(), session.sha256());
            audit.record(tx, actor, "user.password_change", caller.userId(), Map.of("sessions_ended", ended));
        });
        return true;
    }

    /**
     * Sets a new password for a user who has lost it, and ends all their sessions. API tokens stay.
     *
     * @param password at least 8 characters
     * @return false if there is no such user
     * @throws IllegalArgumentException if the password is too short or too long
     */
    public boolean resetPassword(Actor actor, String username, String password) {
        var hash = passwords.hash(new NewPassword(password).value());
        return db.write(tx -> {
            var user = tx.attach(UserDao.class).findByName(username);
            user.ifPresent(found -> {
                tx.attach(UserDao.class).setPassword(found.id(), hash, clock.instant());
                int ended = tx.attach(SessionDao.class).endAll(found.id());
                audit.record(tx, actor, "user.password_reset", found.id(), Map.of("sessions_ended", ended));
            });
            return user.isPresent();
        });
    }

    static Problem alreadyBootstrapped() {
        return Problem.conflict("already_bootstrapped", "the first user exists; sign in instead");
    }
}
