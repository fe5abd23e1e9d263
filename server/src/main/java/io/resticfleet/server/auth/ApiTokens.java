package io.resticfleet.server.auth;

import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.secret.Tokens;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** Tokens for programs. They last until they are deleted. Safe for use by many threads. */
public final class ApiTokens {

    private static final String PREFIX = "rf_";
    private static final Duration NOTE_USE_EVERY = Duration.ofMinutes(1);

    private final Database db;
    private final Audit audit;
    private final InstantSource clock;

    public ApiTokens(Database db, Audit audit, InstantSource clock) {
        this.db = db;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * A token just made.
     *
     * @param token what the program sends; shown this once
     */
    public record Minted(String id, String name, Instant createdAt, String token) {
        @Override
        public String toString() {
            return "Minted[" + id + " " + name + "]";
        }
    }

    /**
     * Makes a token.
     *
     * @param wanted its name: one line of 1 to 100 characters
     * @throws Problem 400 {@code invalid_name}
     */
    public Minted create(Actor actor, Caller caller, String wanted) {
        var name = Requests.valid("name", "invalid_name", TokenName::new, wanted);
        var now = clock.instant();
        var id = db.newId();
        var token = Tokens.mint(PREFIX);
        db.change(tx -> {
            tx.attach(ApiTokenDao.class).insert(id, caller.userId(), name.value(), Tokens.sha256(token), now);
            audit.record(tx, actor, "token.create", id, Map.of("name", name.value()));
        });
        return new Minted(id, name.value(), now, token);
    }

    /** In the order in which they were made. */
    public Page<ApiToken> list(Caller caller, Page.Request page) {
        var tokens = db.read(handle -> handle.attach(ApiTokenDao.class)
                .list(caller.userId(), page.cursor().orElse(""), page.limit() + 1));
        return Page.of(tokens, page, ApiToken::id);
    }

    /** @throws Problem 404 if the caller has no such token */
    public void delete(Actor actor, Caller caller, String id) {
        db.change(tx -> {
            var dao = tx.attach(ApiTokenDao.class);
            var token = dao.find(id, caller.userId()).orElseThrow(() -> Problem.notFound("token " + id));
            dao.delete(id);
            audit.record(tx, actor, "token.delete", id, Map.of("name", token.name()));
        });
    }

    /** Whose token it is; empty if it is none of ours, or deleted. Counts as use. */
    Optional<Caller> find(String token) {
        var now = clock.instant();
        var known = db.read(handle -> handle.attach(ApiTokenDao.class).findByToken(Tokens.sha256(token)));
        known.filter(found -> found.lastUsedAt()
                        .filter(used -> used.plus(NOTE_USE_EVERY).isAfter(now))
                        .isEmpty())
                .ifPresent(stale -> db.note(tx -> tx.attach(ApiTokenDao.class).used(stale.id(), now)));
        return known.map(found -> new Caller(found.userId(), found.username(), Optional.of(found.name())));
    }
}
