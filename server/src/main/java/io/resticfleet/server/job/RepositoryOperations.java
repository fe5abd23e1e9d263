package io.resticfleet.server.job;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobSpec;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.web.Problem;
import java.util.Optional;
import java.util.stream.Stream;

/** Starts operations on whole repositories, each on the host that looks after it. */
public final class RepositoryOperations {

    private final Database db;
    private final Repositories repositories;
    private final Dispatcher dispatcher;
    private final Agents agents;

    public RepositoryOperations(Database db, Repositories repositories, Dispatcher dispatcher, Agents agents) {
        this.db = db;
        this.repositories = repositories;
        this.dispatcher = dispatcher;
        this.agents = agents;
    }

    /**
     * Runs an operation now.
     *
     * @return the job's id
     * @throws Problem 404, or 409 {@code repository_unused}, {@code host_offline}, {@code agent_too_old} or {@code
     *     unknown_repository}
     */
    public JobId run(Actor actor, RepositoryId id, JobSpec spec) {
        var hostId = keeper(id);
        needed(spec).ifPresent(other -> refuseUnused(hostId, other));
        boolean tooOld = spec.feature()
                .filter(feature -> agents.connected(hostId) && !agents.supports(hostId, feature))
                .isPresent();
        if (tooOld) {
            throw Problem.conflict(
                    "agent_too_old", "the agent of host " + hostId + " is too old for this; upgrade it first");
        }
        return dispatcher.request(
                actor,
                hostId,
                spec.kind(),
                Optional.empty(),
                tx -> repositories.pick(tx, hostId, Optional.of(id)),
                (tx, jobId) -> tx.attach(JobDao.class).options(jobId, JobOptions.write(spec)));
    }

    /**
     * The host that looks after a repository.
     *
     * @throws Problem 404, or 409 {@code repository_unused}
     */
    HostId keeper(RepositoryId id) {
        return db.read(handle -> {
            repositories.get(handle, id);
            return repositories
                    .keeper(handle, id)
                    .orElseThrow(() -> Problem.conflict(
                            "repository_unused", "no host uses repository " + id + "; have a host use it first"));
        });
    }

    /**
     * A host that uses a repository and is connected, the one that looks after it if possible.
     *
     * @throws Problem 404, or 409 {@code repository_unused} or {@code host_offline}
     */
    HostId connected(RepositoryId id) {
        var keeper = keeper(id);
        return Stream.concat(Stream.of(keeper), db.read(handle -> repositories.hosts(handle, id)).stream())
                .filter(agents::connected)
                .findFirst()
                .orElseThrow(
                        () -> Problem.conflict("host_offline", "no host that uses repository " + id + " is connected"));
    }

    private void refuseUnused(HostId hostId, RepositoryId other) {
        if (db.read(handle -> repositories.pick(handle, hostId, Optional.of(other)))
                .isEmpty()) {
            throw Problem.conflict(
                    "unknown_repository",
                    "host " + hostId + ", which would do this, does not use repository " + other
                            + "; have it use that one, too");
        }
    }

    /** The other repository that an operation needs. */
    private static Optional<RepositoryId> needed(JobSpec spec) {
        if (spec instanceof JobSpec.Copy copy) {
            return Optional.of(copy.to());
        }
        return spec instanceof JobSpec.Init init ? init.chunkerOf() : Optional.empty();
    }
}
