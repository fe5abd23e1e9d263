package io.resticfleet.server.job;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.protocol.JobTrigger;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.RotateKey;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.repository.Repositories;
import java.time.InstantSource;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Jobs that are steps of a change of a repository's password. */
public final class KeyJobs {

    private final Database db;
    private final Repositories repositories;
    private final Dispatcher dispatcher;
    private final InstantSource clock;

    public KeyJobs(Database db, Repositories repositories, Dispatcher dispatcher, InstantSource clock) {
        this.db = db;
        this.repositories = repositories;
        this.dispatcher = dispatcher;
        this.clock = clock;
    }

    /**
     * Adds a job; send it after the commit.
     *
     * @param requestedBy user name; absent if the server itself goes on
     */
    public JobId add(
            Handle tx, Optional<String> requestedBy, HostId hostId, RepositoryId repositoryId, RotateKey step) {
        var job = new NewJob(
                new JobId(db.newId()),
                hostId,
                Optional.empty(),
                JobKind.ROTATE_KEY,
                JobStatus.QUEUED,
                requestedBy.isPresent() ? JobTrigger.MANUAL : JobTrigger.AUTO,
                Optional.empty(),
                clock.instant(),
                requestedBy,
                repositories.pick(tx, hostId, Optional.of(repositoryId)));
        tx.attach(JobDao.class).insert(job);
        tx.attach(JobDao.class).options(job.id(), JobOptions.write(step));
        return job.id();
    }

    /** Sends the jobs of a host that were added. */
    public void send(HostId hostId) {
        dispatcher.freed(hostId);
    }

    public Optional<Job> find(Handle handle, JobId id) {
        return handle.attach(JobDao.class).find(id);
    }
}
