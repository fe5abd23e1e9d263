package io.resticfleet.server.job;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.JobId;
import io.resticfleet.protocol.JobKind;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Requests;
import io.resticfleet.server.web.Routes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The API of a repository's queue: who uses it, and who waits for whom. */
public final class RepositoryQueueRoutes {

    private final Hosts hosts;
    private final Repositories repositories;
    private final RepositoryQueue queue;
    private final Database db;
    private final InstantSource clock;

    public RepositoryQueueRoutes(
            Hosts hosts, Repositories repositories, RepositoryQueue queue, Database db, InstantSource clock) {
        this.hosts = hosts;
        this.repositories = repositories;
        this.queue = queue;
        this.db = db;
        this.clock = clock;
    }

    record QueueHost(HostId id, String name) {}

    /** The job that another one waits for. */
    record Holder(JobId jobId, QueueHost host, JobKind kind) {}

    /**
     * A job in the queue.
     *
     * @param state running, sent (its agent has it and has not started it) or waiting
     * @param exclusive whether it needs the repository alone
     * @param since when it started, was sent, or began to wait
     * @param waitsFor null if it does not wait for a job
     * @param leaseUntil until when others wait for it, unless its agent confirms it until then; null if they do not
     */
    record QueuedJob(
            JobId jobId,
            QueueHost host,
            JobKind kind,
            String state,
            boolean exclusive,
            Instant since,
            Optional<Holder> waitsFor,
            Optional<Instant> leaseUntil) {}

    public void install(Routes routes) {
        routes.get(
                        "/api/repositories/{repository}/queue",
                        Access.USER,
                        "Jobs that use the repository or wait for it, in their order",
                        this::queue)
                .answersPageOf(QueuedJob.class);
    }

    private void queue(Context ctx) {
        var id = Requests.repository(ctx);
        db.read(handle -> repositories.get(handle, id));
        var items = queue.items(id);
        var names = db.read(handle -> hosts.names(
                handle, items.stream().map(item -> item.job().hostId()).collect(Collectors.toSet())));
        ctx.json(new Page<>(items.stream().map(item -> view(item, names)).toList(), Optional.empty()));
    }

    private QueuedJob view(RepositoryQueue.Item item, Map<HostId, String> names) {
        var job = item.job();
        return new QueuedJob(
                job.id(),
                host(job, names),
                job.kind(),
                job.status() == JobStatus.RUNNING ? "running" : item.isStarted() ? "sent" : "waiting",
                job.kind().exclusive(),
                job.startedAt().or(job::sentAt).or(job::waitingSince).orElse(job.createdAt()),
                item.waitsFor().map(other -> new Holder(other.id(), host(other, names), other.kind())),
                item.lease().map(clock.instant()::plus));
    }

    private static QueueHost host(Job job, Map<HostId, String> names) {
        return new QueueHost(
                job.hostId(), names.getOrDefault(job.hostId(), job.hostId().value()));
    }
}
