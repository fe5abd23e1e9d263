package io.resticfleet.server.job;

import io.resticfleet.protocol.Drill;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Pauses;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.repository.HostRepository;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.schedule.Schedules;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/** Jobs that nobody requested, and no schedule of a host is due for. */
public final class AutomaticJobs {

    /** After that, a drill of a host that is away holds up no others. */
    private static final Duration LONGEST_AWAY = Duration.ofHours(6);

    private final Database db;
    private final Schedules schedules;
    private final Pauses pauses;
    private final Repositories repositories;
    private final Dispatcher dispatcher;
    private final Agents agents;
    private final InstantSource clock;

    public AutomaticJobs(
            Database db,
            Schedules schedules,
            Pauses pauses,
            Repositories repositories,
            Dispatcher dispatcher,
            Agents agents,
            InstantSource clock) {
        this.db = db;
        this.schedules = schedules;
        this.pauses = pauses;
        this.repositories = repositories;
        this.dispatcher = dispatcher;
        this.agents = agents;
        this.clock = clock;
    }

    /** Starts a forget of what retention no longer keeps, unless the host is paused, or has one at the repository that has not ended. */
    public void forget(HostId hostId, RepositoryId repositoryId) {
        boolean added = db.write(tx -> {
            var dao = tx.attach(JobDao.class);
            var repository = repositories.pick(tx, hostId, Optional.of(repositoryId));
            if (repository.isEmpty()
                    || pauses.find(tx, hostId).isPresent()
                    || isForgetting(dao, hostId, repositoryId)) {
                return false;
            }
            dao.insert(job(hostId, JobKind.FORGET, repository));
            return true;
        });
        if (added) {
            dispatcher.freed(hostId);
        }
    }

    /**
     * Starts a drill, unless the host is paused or has another job, or its repository another drill that may still run.
     *
     * @param repositoryId absent for the host's first
     * @param added called in the transaction that adds the job
     * @return whether it was added
     */
    public boolean drill(HostId hostId, Drill spec, Optional<RepositoryId> repositoryId, Consumer<Handle> added) {
        boolean isNew = db.write(tx -> {
            var dao = tx.attach(JobDao.class);
            var repository = repositories.pick(tx, hostId, repositoryId);
            if (repository.isEmpty()
                    || pauses.find(tx, hostId).isPresent()
                    || schedules.waitsSince(tx, hostId).isPresent()
                    || !dao.openOfHost(hostId).isEmpty()
                    || isDrilling(dao, repository.get().id())) {
                return false;
            }
            var job = job(hostId, JobKind.DRILL, repository);
            dao.insert(job);
            dao.options(job.id(), JobOptions.write(spec));
            added.accept(tx);
            return true;
        });
        if (isNew) {
            dispatcher.freed(hostId);
        }
        return isNew;
    }

    private NewJob job(HostId hostId, JobKind kind, Optional<HostRepository> repository) {
        return new NewJob(
                new JobId(db.newId()),
                hostId,
                Optional.empty(),
                kind,
                JobStatus.QUEUED,
                JobTrigger.AUTO,
                Optional.empty(),
                clock.instant(),
                Optional.empty(),
                repository);
    }

    private boolean isDrilling(JobDao dao, RepositoryId repositoryId) {
        var since = clock.instant().minus(LONGEST_AWAY);
        return dao.open().stream()
                .anyMatch(job -> job.kind() == JobKind.DRILL
                        && job.repositoryId().equals(Optional.of(repositoryId))
                        && (agents.connected(job.hostId()) || job.createdAt().isAfter(since)));
    }

    private static boolean isForgetting(JobDao dao, HostId hostId, RepositoryId repositoryId) {
        return dao.openOfHost(hostId).stream()
                .anyMatch(job ->
                        job.kind() == JobKind.FORGET && job.repositoryId().equals(Optional.of(repositoryId)));
    }
}
