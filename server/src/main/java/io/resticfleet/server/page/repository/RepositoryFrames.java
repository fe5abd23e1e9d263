package io.resticfleet.server.page.repository;

import io.javalin.http.Context;
import io.resticfleet.protocol.JobStatus;
import io.resticfleet.server.host.Host;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.job.Job;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.live.Fragment;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.repository.RepositoryCatalog;
import io.resticfleet.server.repository.RepositoryChanges;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.Presence;
import io.resticfleet.server.web.Requests;

/** Makes the frame of a repository's pages, and the banner about its pending change. */
final class RepositoryFrames {

    private final Frames frames;
    private final RepositoryCatalog catalog;
    private final RepositoryChanges changes;
    private final HostConfigs configs;
    private final Hosts hosts;
    private final Jobs jobs;
    private final Fleet fleet;

    RepositoryFrames(
            Frames frames,
            RepositoryCatalog catalog,
            RepositoryChanges changes,
            HostConfigs configs,
            Hosts hosts,
            Jobs jobs,
            Fleet fleet) {
        this.frames = frames;
        this.catalog = catalog;
        this.changes = changes;
        this.configs = configs;
        this.hosts = hosts;
        this.jobs = jobs;
        this.fleet = fleet;
    }

    /**
     * The frame for the repository in the request's path.
     *
     * @throws io.resticfleet.server.web.Problem 404
     */
    RepositoryFrame of(Context ctx, String tab) {
        var repository = catalog.get(Requests.repository(ctx));
        var frame = frames.of(ctx, "repositories", repository.name(), "/api/repositories/" + repository.id());
        return new RepositoryFrame(frame, tab, repository);
    }

    Fragment<PendingChange> pending(RepositoryFrame frame) {
        var id = frame.repository().id();
        var pending = changes.find(id).map(this::pending);
        return new Fragment<>(
                "pending",
                "repository/pending.jte",
                new PendingChange(id, pending),
                frame.frame().viewer());
    }

    private PendingChange.Pending pending(RepositoryChanges.Pending change) {
        var probe = jobs.find(change.jobId());
        return new PendingChange.Pending(
                change.url(),
                change.test(),
                change.jobId(),
                probe.filter(job -> job.status().ended()).isPresent(),
                probe.filter(job -> job.status() == JobStatus.SUCCEEDED).isPresent(),
                probe.flatMap(Job::error)
                        .or(() -> probe.flatMap(Job::waitingFor))
                        .orElse(""),
                change.hostId(),
                hosts.find(change.hostId()).map(Host::name).orElse(""),
                fleet.get(change.hostId()).presence() == Presence.ONLINE);
    }
}
