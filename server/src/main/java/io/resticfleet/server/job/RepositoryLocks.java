package io.resticfleet.server.job;

import io.resticfleet.protocol.Ask;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.LocksReport;
import io.resticfleet.protocol.Reply;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RepositoryLock;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.web.Problem;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/** The locks of a repository, as a host that uses it finds them now. Safe for use by many threads. */
public final class RepositoryLocks {

    private final RepositoryOperations operations;
    private final Questions questions;
    private final LockOwners owners;
    private final InstantSource clock;

    public RepositoryLocks(
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
    public record Lock(
            String id,
            boolean exclusive,
            String host,
            Optional<HostId> hostId,
            String username,
            long pid,
            Optional<Instant> refreshedAt,
            Optional<Long> ageSeconds,
            String alive) {}

    /**
     * Asks a host, and waits for its answer.
     *
     * @param asker id of the user who asks
     * @throws Problem 404, or 409 {@code repository_unused}, {@code host_offline}, or with the code of the agent's failure
     */
    public List<Lock> find(RepositoryId id, String asker) {
        var reply = questions
                .ask(operations.connected(id), asker, List.of(new Ask.Locks(Optional.of(id))))
                .get(0);
        if (reply instanceof LocksReport report) {
            return report.locks().stream().map(lock -> view(id, lock)).toList();
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
