package io.resticfleet.server.enrollment;

import io.resticfleet.protocol.Enrollment;
import io.resticfleet.protocol.HelloProof;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.secret.Secrets;
import io.resticfleet.server.secret.Tokens;
import io.resticfleet.server.web.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Enrolment tokens: each enrols one machine, once, within an hour. */
public final class EnrollmentTokens {

    private static final Logger log = LoggerFactory.getLogger(EnrollmentTokens.class);

    private static final Duration LIFETIME = Duration.ofHours(1);

    /** A subset of what restic accepts as {@code --host}, easy to type. */
    static final Pattern HOSTNAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,62})");

    private final Database db;
    private final Hosts hosts;
    private final Repositories repositories;
    private final Secrets secrets;
    private final Schedules schedules;
    private final Replacements replacements;
    private final Audit audit;
    private final InstantSource clock;

    public EnrollmentTokens(
            Database db,
            Hosts hosts,
            Repositories repositories,
            Secrets secrets,
            Schedules schedules,
            Replacements replacements,
            Audit audit,
            InstantSource clock) {
        this.db = db;
        this.hosts = hosts;
        this.repositories = repositories;
        this.secrets = secrets;
        this.schedules = schedules;
        this.replacements = replacements;
        this.audit = audit;
        this.clock = clock;
    }

    /** A new token; the only time that its text is available. */
    record Minted(String id, String token, Instant expiresAt) {

        @Override
        public String toString() {
            return "Minted[expiresAt=" + expiresAt + "]";
        }
    }

    /**
     * Creates a token.
     *
     * @param hostname host name of the machine's snapshots; if absent, the one that the agent reports
     * @param initialPaths paths of a manual backup schedule that is created with the host; none if empty
     */
    Minted mint(Actor actor, Optional<String> hostname, TokenTarget target, List<String> initialPaths) {
        var now = clock.instant();
        var id = db.newId();
        var token = Tokens.mint("rfe_");
        db.change(tx -> {
            var kept = target.repository();
            var repositoryId = target.id();
            if (repositoryId.isEmpty() && kept.orElseThrow().url().localPath().isEmpty()) {
                repositoryId = Optional.of(repositories.prepare(tx, kept.get()));
                kept = Optional.empty();
            }
            tx.attach(EnrollmentTokenDao.class)
                    .insert(new EnrollmentTokenDao.Row(
                            id,
                            Tokens.sha256(token),
                            hostname,
                            initialPaths.isEmpty() ? Optional.empty() : Optional.of(initialPaths),
                            actor.name(),
                            now,
                            now.plus(LIFETIME),
                            Optional.empty(),
                            Optional.empty(),
                            repositoryId,
                            Optional.empty()));
            kept.ifPresent(repository -> secrets.put(tx, owner(id), repository));
            audit.record(
                    tx,
                    actor,
                    "enrollment_token.create",
                    id,
                    Map.of(
                            "hostname",
                            hostname.orElse(""),
                            "repository",
                            target.repository()
                                    .map(repository -> repository.url().value())
                                    .or(() -> target.id().map(RepositoryId::value))
                                    .orElse("")));
        });
        return new Minted(id, token, now.plus(LIFETIME));
    }

    /**
     * Creates a token for the machine that takes the place of a host's present one. Ends earlier ones of this host.
     *
     * @throws Problem 404
     */
    Minted mintReplacement(Actor actor, HostId hostId) {
        var now = clock.instant();
        var id = db.newId();
        var token = Tokens.mint("rfe_");
        db.change(tx -> {
            var host = hosts.get(tx, hostId);
            tx.attach(EnrollmentTokenDao.class).endReplacing(hostId, now.minusMillis(1));
            tx.attach(EnrollmentTokenDao.class)
                    .insert(new EnrollmentTokenDao.Row(
                            id,
                            Tokens.sha256(token),
                            Optional.of(host.hostname()),
                            Optional.empty(),
                            actor.name(),
                            now,
                            now.plus(LIFETIME),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of(hostId)));
            audit.record(tx, actor, "host.replacement_token", hostId, hostId, Map.of("name", host.name()));
        });
        return new Minted(id, token, now.plus(LIFETIME));
    }

    /**
     * A token without its secrets.
     *
     * @param hostId the host that enrolled with it; absent until then
     */
    public record Pending(String id, Optional<String> hostname, Instant expiresAt, Optional<HostId> hostId) {}

    /** @throws Problem 404 */
    public Pending get(String id) {
        return db.read(handle -> handle.attach(EnrollmentTokenDao.class).findById(id))
                .map(row -> new Pending(row.id(), row.hostname(), row.expiresAt(), row.hostId()))
                .orElseThrow(() -> Problem.notFound("enrolment token " + id));
    }

    /**
     * Enrols a machine: adds a host, or gives a host another machine.
     *
     * @throws Problem 401 {@code bad_token} with the reason, 409 {@code already_enrolled} or {@code key_used}, or 400 {@code
     *     invalid_public_key} or {@code invalid_hostname}
     */
    Enrollment.Answer enroll(Actor actor, Enrollment.Request request) {
        var sha256 = Tokens.sha256(request.token());
        if (db.read(handle -> handle.attach(EnrollmentTokenDao.class).find(sha256))
                .isEmpty()) {
            throw badToken(
                    "this enrolment token is unknown"); // checked on a reader, so that guessing takes no write lock
        }
        check(request);
        var entry = db.write(tx -> {
            var now = clock.instant();
            var row = tx.attach(EnrollmentTokenDao.class)
                    .find(sha256)
                    .orElseThrow(() -> badToken("this enrolment token is unknown"));
            var retried = row.hostId()
                    .flatMap(hosts::find)
                    .filter(host -> host.publicKey().equals(request.publicKey()));
            if (retried.isPresent()) { // the same agent, which did not get the response
                return entry(retried.get(), row, Optional.empty());
            }
            var known = request.replaces().filter(id -> !row.replacesHostId().equals(Optional.of(id)));
            known.flatMap(hosts::find).ifPresent(present -> {
                throw Problem.conflict(
                        "already_enrolled",
                        "this machine is enrolled already, as " + present.name()
                                + "; to enrol it again, delete it on the server first");
            });
            if (row.usedAt().isPresent()) {
                throw badToken("this enrolment token has already been used; create a new one");
            }
            if (now.isAfter(row.expiresAt())) {
                throw badToken("this enrolment token has expired; create a new one");
            }
            var by = new Actor(row.createdBy() + " (enrolment token)", actor.address());
            if (row.replacesHostId().isPresent()) {
                var host = hosts.get(tx, row.replacesHostId().get());
                var taken = replacements.takeOver(tx, by, row.createdBy(), host, request);
                tx.attach(EnrollmentTokenDao.class).used(row.id(), host.id(), now);
                tx.attach(EnrollmentTokenDao.class).endReplacing(host.id(), now.minusMillis(1));
                return entry(host, row, Optional.of(taken));
            }
            var host = hosts.add(tx, request, row.hostname().orElse(request.hostname()));
            use(tx, host.id(), row);
            audit.record(tx, by, "host.enroll", host.id(), host.id(), Map.of("hostname", host.hostname()));
            row.initialPaths().ifPresent(paths -> schedules.createInitial(tx, by, host.id(), paths));
            tx.attach(EnrollmentTokenDao.class).used(row.id(), host.id(), now);
            secrets.remove(tx, owner(row.id()));
            return entry(host, row, Optional.empty());
        });
        entry.taken().ifPresent(replacements::committed);
        var answer = entry.answer();
        log.info(
                "host {} host={} hostname={}",
                answer.replacement() ? "has another machine" : "enrolled",
                answer.hostId(),
                answer.hostname());
        return answer;
    }

    /** @param taken absent if no host has another machine from now on */
    private record Entry(Enrollment.Answer answer, Optional<Replacements.Taken> taken) {}

    private static Entry entry(Host host, EnrollmentTokenDao.Row row, Optional<Replacements.Taken> taken) {
        return new Entry(
                new Enrollment.Answer(
                        host.id(), host.hostname(), row.replacesHostId().isPresent()),
                taken);
    }

    private void use(Handle tx, HostId hostId, EnrollmentTokenDao.Row row) {
        var own = secrets.find(tx, owner(row.id()), Repository.class);
        row.repositoryId()
                .map(id -> repositories.get(tx, id))
                .ifPresentOrElse(
                        repository -> {
                            repositories.join(tx, hostId, repository, 1);
                            own.ifPresent(opened -> repositories.open(tx, hostId, repository.id(), opened));
                        },
                        () -> repositories.assign(tx, hostId, own.orElseThrow()));
    }

    /** Deletes the secrets of tokens that expired unused. */
    public void expire() {
        db.change(tx -> tx.attach(EnrollmentTokenDao.class)
                .expired(clock.instant())
                .forEach(id -> secrets.remove(tx, owner(id))));
    }

    private static void check(Enrollment.Request request) {
        if (!HOSTNAME.matcher(request.hostname()).matches()) {
            throw Problem.invalid(
                    "invalid_hostname",
                    "the machine's host name must be 1 to 63 letters, digits, dots, dashes"
                            + " or underscores; set another one when you create the token");
        }
        try {
            HelloProof.publicKey(request.publicKey());
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("invalid_public_key", "public_key is not an Ed25519 key");
        }
    }

    private static Problem badToken(String detail) {
        return Problem.unauthenticated("bad_token", detail);
    }

    private static String owner(String id) {
        return "enrollment_tokens/" + id;
    }
}
