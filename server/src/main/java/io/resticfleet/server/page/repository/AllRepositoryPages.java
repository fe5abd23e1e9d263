package io.resticfleet.server.page.repository;

import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.job.RepositoryLocks;
import io.resticfleet.server.job.RepositoryOperations;
import io.resticfleet.server.job.RepositoryQueue;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.page.job.JobLines;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryCatalog;
import io.resticfleet.server.repository.RepositoryChanges;
import io.resticfleet.server.repository.RepositoryFindings;
import io.resticfleet.server.retention.Copies;
import io.resticfleet.server.retention.RetentionDecisions;
import io.resticfleet.server.retention.RetentionOverview;
import io.resticfleet.server.rotation.PasswordRotations;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Routes;

/** Wires the pages of repositories. */
public final class AllRepositoryPages {

    private final RepositoryListPages list;
    private final RepositoryPages one;
    private final RepositorySettingsPages settings;
    private final RepositoryUpkeepPages upkeep;
    private final SshPages ssh;
    private final PasswordPages password;
    private final LockPages locks;
    private final RepositoryRetentionPages retention;

    public AllRepositoryPages(
            Html html,
            LivePages livePages,
            Frames frames,
            RepositoryCatalog catalog,
            Repositories repositories,
            RepositoryChanges changes,
            HostConfigs configs,
            Hosts hosts,
            Snapshots snapshots,
            Jobs jobs,
            JobLines lines,
            Fleet fleet,
            RepositoryOperations operations,
            RepositoryLocks locks,
            RepositoryQueue queue,
            RepositoryFindings findings,
            PasswordRotations rotations,
            RetentionOverview retention,
            RetentionDecisions retentionDecisions,
            Copies copies,
            Questions questions) {
        var frame = new RepositoryFrames(frames, catalog, changes, configs, hosts, jobs, fleet);
        list = new RepositoryListPages(html, livePages, frames, catalog, fleet, findings);
        one = new RepositoryPages(
                html, livePages, frame, catalog, configs, snapshots, jobs, lines, queue, fleet, findings, rotations,
                copies);
        settings = new RepositorySettingsPages(html, livePages, frame, catalog, repositories, changes, configs, fleet);
        password = new PasswordPages(html, livePages, frame, rotations);
        upkeep = new RepositoryUpkeepPages(html, operations, findings);
        ssh = new SshPages(html, frame, repositories, configs, questions);
        this.locks = new LockPages(html, frame, locks);
        this.retention = new RepositoryRetentionPages(html, frame, retention, retentionDecisions);
    }

    /** The path of the form of a new one precedes that of one repository. */
    public void install(Routes routes) {
        list.install(routes);
        one.install(routes);
        settings.install(routes);
        upkeep.install(routes);
        ssh.install(routes);
        password.install(routes);
        locks.install(routes);
        retention.install(routes);
    }
}
