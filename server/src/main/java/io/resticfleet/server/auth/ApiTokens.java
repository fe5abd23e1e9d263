package io.resticfleet.server.auth;

import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StoredJson;
import io.resticfleet.server.secret.Tokens;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Scope;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** API tokens of programs, valid until they expire or are deleted. Safe for use by many threads. */
public final class ApiTokens {

    private static final String PREFIX = "rf_";
    private static final Duration RECORD_USE_INTERVAL = Duration.ofMinutes(1);

    private final Database db;
    private final Audit audit;
    private final InstantSource clock;

    public ApiTokens(Database db, Audit audit, InstantSource clock) {
        this.db = db;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * A new token.
     *
     * @param scopes what it may be used for
     * @param expiresAt when it stops working; null for never
     * @param token the secret that the program sends; shown only here
     */
    public record Minted(
            String id, String name, Instant createdAt, List<Scope> scopes, Optional<Instant> expiresAt, String token) {
        @Override
        public String toString() {
            return "Minted[" + id + " " + name + "]";
        }
    }

    /**
     * A token to be created.
     *
     * @param name what it is for
     * @param scopes names of what it may be used for, at least one; absent for all that the caller may
     * @param expiresAt when it stops working; absent for never, or for when the caller's own token expires
     */
    public record Wanted(String name, Optional<List<String>> scopes, Optional<Instant> expiresAt) {}

    /**
     * Creates a token, which can neither do more nor last longer than the one that asks for it.
     *
     * @param wanted with its name: one line of 1 to 100 characters
     * @throws Problem 400 {@code invalid_name}, {@code invalid_scopes} or {@code invalid_expires_at}; 403 {@code
     *     scope_missing}
     */
    public Minted create(Actor actor, Caller caller, Wanted wanted) {
        var name = Requests.valid("name", "invalid_name", TokenName::new, wanted.name());
        var now = clock.instant();
        var rights = TokenRights.of(wanted, caller, now);
        var id = db.newId();
        var token = Tokens.mint(PREFIX);
        db.change(tx -> {
            tx.attach(ApiTokenDao.class)
                    .insert(
                            id,
                            caller.userId(),
                            name.value(),
                            Tokens.sha256(token),
                            now,
                            StoredJson.write(rights.scopes()),
                            rights.expiresAt());
            audit.record(tx, actor, "token.create", id, rights.detail(name.value()));
        });
        return new Minted(id, name.value(), now, rights.scopes(), rights.expiresAt(), token);
    }

    /** Oldest first. */
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

    /** All tokens of a user, oldest first; empty also for an unknown user. */
    public List<ApiToken> of(String username) {
        return db.read(handle -> handle.attach(ApiTokenDao.class).ofUser(username));
    }

    /** Deletes all tokens of a user, as after a change of a password that others may know. */
    public void deleteAll(Actor actor, String username) {
        db.change(tx -> {
            var dao = tx.attach(ApiTokenDao.class);
            dao.ofUser(username).forEach(token -> {
                dao.delete(token.id());
                audit.record(tx, actor, "token.delete", token.id(), Map.of("name", token.name()));
            });
        });
    }

    /** The user of a token; empty if it is unknown, deleted or has expired. Counts as use. */
    Optional<Caller> find(String token) {
        var now = clock.instant();
        var known = db.read(handle -> handle.attach(ApiTokenDao.class).findByToken(Tokens.sha256(token)))
                .filter(found ->
                        found.expiresAt().filter(end -> !end.isAfter(now)).isEmpty());
        known.filter(found -> found.lastUsedAt()
                        .filter(used -> used.plus(RECORD_USE_INTERVAL).isAfter(now))
                        .isEmpty())
                .ifPresent(stale -> db.note(tx -> tx.attach(ApiTokenDao.class).used(stale.id(), now)));
        return known.map(found -> new Caller(
                found.userId(),
                found.username(),
                Optional.of(found.name()),
                Set.copyOf(found.scopes()),
                found.expiresAt()));
    }
}
