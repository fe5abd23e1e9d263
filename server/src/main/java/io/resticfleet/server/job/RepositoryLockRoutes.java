package io.resticfleet.server.job;

import io.javalin.http.Context;
import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.LocksReport;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryLock;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Caller;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/** The API of a repository's locks, as a machine that uses it finds them now. */
public final class RepositoryLockRoutes {

    private final RepositoryOperations operations;
    private final Questions questions;
    private final LockOwners owners;
    private final InstantSource clock;

    public RepositoryLockRoutes(
            RepositoryOperations operations, Questions questions, LockOwners owners, InstantSource clock) {
        this.operations = operations;
        this.questions = questions;
        this.owners = owners;
        this.clock = clock;
    }

    /**
     * A lock.
     *
     * @param exclusive whether its holder needs the repository alone
     * @param host the name of its holder's machine
     * @param hostId the host with this name; null if there is none, or several
     * @param refreshedAt when it was taken or last refreshed, by its holder's clock; null if it is not readable
     * @param ageSeconds since then; negative if that clock is ahead
     * @param alive whether its holder is at work: yes, no or unknown
     */
    record Lock(
            String id,
            boolean exclusive,
            String host,
            Optional<HostId> hostId,
            String username,
            long pid,
            Optional<Instant> refreshedAt,
            Optional<Long> ageSeconds,
            String alive) {}

    public void install(Routes routes) {
        routes.get(
                        "/api/repositories/{repository}/locks",
                        Access.USER,
                        "Locks of the repository now; more than ten are not looked up",
                        this::locks)
                .answersPageOf(Lock.class);
    }

    private void locks(Context ctx) {
        var id = Requests.repository(ctx);
        var reply = questions
                .ask(operations.connected(id), Caller.of(ctx).userId(), List.of(new Ask.Locks(Optional.of(id))))
                .get(0);
        if (reply instanceof LocksReport report) {
            ctx.json(new Page<>(
                    report.locks().stream().map(lock -> view(id, lock)).toList(), Optional.empty()));
        } else if (reply instanceof Reply.Failure failure) {
            throw Problem.conflict(failure.code(), failure.detail());
        } else {
            throw Problem.conflict("failed", "the machine's agent answered something else");
        }
    }

    private Lock view(RepositoryId id, RepositoryLock lock) {
        var at = time(lock.time());
        var owner = owners.of(id, lock.hostname());
        return new Lock(
                lock.id(),
                lock.exclusive(),
                lock.hostname(),
                owner.hostId(),
                lock.username(),
                lock.pid(),
                at,
                at.map(refreshed -> Duration.between(refreshed, clock.instant()).toSeconds()),
                owner.alive());
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
