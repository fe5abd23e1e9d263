package io.resticfleet.server.job;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.Repository;
import io.resticfleet.protocol.RepositoryId;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryRow;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Gives the credentials of a repository's maintainer to a job that needs them: only to the maintainer, only while the job has
 * not ended.
 */
public final class MaintainerGrants {

    private final Database db;
    private final Jobs jobs;
    private final Repositories repositories;
    private final Audit audit;

    /** The last job that was given the credentials of a repository, so that one that asks again adds no audit entry. */
    private final Map<RepositoryId, JobId> granted = new ConcurrentHashMap<>();

    private Function<Job, ToAgent.CredentialsGrant> keySteps =
            job -> new ToAgent.CredentialsGrant(job.id(), Optional.empty(), Optional.empty());

    public MaintainerGrants(Database db, Jobs jobs, Repositories repositories, Audit audit) {
        this.db = db;
        this.jobs = jobs;
        this.repositories = repositories;
        this.audit = audit;
    }

    /**
     * Call it once, before agents connect.
     *
     * @param grants the answer to a job that is a step of a change of a password, and has not ended
     */
    public void onKeyStep(Function<Job, ToAgent.CredentialsGrant> grants) {
        keySteps = grants;
    }

    /** Answers an agent that is about to run a job. */
    public void asked(AgentConnection connection, ToServer.CredentialsAsk ask) {
        var job = jobs.find(ask.jobId())
                .filter(found -> found.hostId().equals(connection.hostId())
                        && !found.status().ended());
        var repository = job.flatMap(Job::repositoryId).flatMap(repositories::find);
        if (repository.isEmpty()) {
            connection.send(refused(ask, "the server knows no such job that has not ended"));
            return;
        }
        if (job.get().kind() == JobKind.ROTATE_KEY) {
            connection.send(keySteps.apply(job.get()));
            return;
        }
        var maintainer = repository.get().maintainerHostId();
        if (!job.get().kind().removes() || maintainer.isEmpty()) {
            connection.send(new ToAgent.CredentialsGrant(ask.jobId(), Optional.empty(), Optional.empty()));
        } else if (!maintainer.get().equals(connection.hostId())) {
            connection.send(refused(
                    ask,
                    "another machine looks after repository " + repository.get().name()));
        } else {
            connection.send(new ToAgent.CredentialsGrant(
                    ask.jobId(), granted(connection.hostId(), job.get(), repository.get()), Optional.empty()));
        }
    }

    private Optional<Repository> granted(HostId hostId, Job job, RepositoryRow repository) {
        var credentials = db.read(handle -> repositories.maintainer(handle, repository.id()));
        if (credentials.isPresent() && !job.id().equals(granted.put(repository.id(), job.id()))) {
            db.change(tx -> audit.record(
                    tx,
                    Actor.local("server"),
                    "repository.grant",
                    hostId,
                    job.id(),
                    Map.of("repository", repository.name(), "kind", job.kind().word())));
        }
        return credentials;
    }

    private static ToAgent.CredentialsGrant refused(ToServer.CredentialsAsk ask, String reason) {
        return new ToAgent.CredentialsGrant(ask.jobId(), Optional.empty(), Optional.of(reason));
    }
}
