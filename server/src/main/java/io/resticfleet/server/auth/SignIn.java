package io.resticfleet.server.auth;

import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.ClientAddress;
import io.resticfleet.server.web.Problem;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Optional;

/** Verifies passwords and limits failed attempts. Safe for use by many threads. */
public final class SignIn {

    private final Database db;
    private final Audit audit;
    private final Users users;
    private final Sessions sessions;
    private final LoginLimiter limiter;
    private final FailedSignIns failed;
    private final PasswordQueue queue;

    public SignIn(Database db, Audit audit, Users users, Sessions sessions, InstantSource clock) {
        this.db = db;
        this.audit = audit;
        this.users = users;
        this.sessions = sessions;
        this.limiter = new LoginLimiter(clock);
        this.failed = new FailedSignIns(clock);
        this.queue = new PasswordQueue(audit.recentAddresses(Sessions.LOGIN).stream()
                .map(ClientAddress::new)
                .toList());
    }

    /** The sign-ins that failed. */
    public FailedSignIns failedSignIns() {
        return failed;
    }

    /** A new session and its user. */
    record SignedIn(User user, SessionToken session) {}

    /**
     * Signs a user in.
     *
     * @throws TooManyAttempts saying when to come back
     * @throws Problem 401 {@code bad_credentials}
     */
    SignedIn login(ClientAddress address, String username, String password) {
        var verified = queue.run(address, () -> {
            limit(username, address);
            return users.verify(username, password);
        });
        var actor = new Actor(
                verified.map(known -> known.user().username()).orElse("nobody"), Optional.of(address.value()));
        if (verified.isEmpty()) {
            failed(actor, username);
            throw badCredentials();
        }
        limiter.succeeded(username, address);
        queue.succeeded(address);
        return new SignedIn(verified.get().user(), sessions.begin(actor, verified.get()));
    }

    /**
     * Changes the caller's own password.
     *
     * @param session the caller's, which stays; the user's other sessions end
     * @throws TooManyAttempts saying when to come back
     * @throws Problem 401 {@code bad_credentials} if {@code current} is wrong
     */
    void changePassword(
            Actor actor, ClientAddress address, Caller caller, String current, NewPassword next, SessionToken session) {
        boolean changed = queue.run(address, () -> {
            limit(caller.username(), address);
            return users.changePassword(actor, caller, current, next, session);
        });
        if (!changed) {
            failed(actor, caller.username());
            throw Problem.unauthenticated("bad_credentials", "the current password is wrong");
        }
        limiter.succeeded(caller.username(), address);
        queue.succeeded(address);
    }

    /**
     * Checks the caller's own password again.
     *
     * @throws TooManyAttempts saying when to come back
     * @throws Problem 401 {@code bad_credentials}
     */
    void confirm(Actor actor, ClientAddress address, Caller caller, String password) {
        boolean right = queue.run(address, () -> {
            limit(caller.username(), address);
            return users.verify(caller.username(), password).isPresent();
        });
        if (!right) {
            failed(actor, caller.username());
            throw Problem.unauthenticated("bad_credentials", "the password is wrong");
        }
        limiter.succeeded(caller.username(), address);
        queue.succeeded(address);
    }

    static Problem badCredentials() {
        return Problem.unauthenticated("bad_credentials", "username or password is wrong");
    }

    private void limit(String username, ClientAddress address) {
        limiter.attempt(username, address).ifPresent(wait -> {
            failed.add();
            throw new TooManyAttempts(wait);
        });
    }

    private void failed(Actor actor, String username) {
        failed.add();
        limiter.note().ifPresent(leftOut -> {
            var detail = new HashMap<String, Object>();
            // Other text may be a password, typed into the wrong field.
            detail.put("username", Username.isValid(username) ? username : "(not a username)");
            if (leftOut > 0) {
                detail.put("left_out_before", leftOut);
            }
            db.change(tx -> audit.record(tx, actor, "auth.login_failed", detail));
        });
    }
}
