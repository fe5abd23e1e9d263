package io.resticfleet.server.page;

import io.resticfleet.server.alert.Alerts;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.auth.ApiTokens;
import io.resticfleet.server.auth.SignInFlow;
import io.resticfleet.server.channel.Channels;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.divergence.Decisions;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.drill.Drills;
import io.resticfleet.server.drill.Recoveries;
import io.resticfleet.server.enrollment.EnrollmentTokens;
import io.resticfleet.server.enrollment.InstallLine;
import io.resticfleet.server.enrollment.Invitations;
import io.resticfleet.server.enrollment.ReplacementLines;
import io.resticfleet.server.enrollment.Replacements;
import io.resticfleet.server.host.Expectations;
import io.resticfleet.server.host.HostPolicies;
import io.resticfleet.server.host.HostSilences;
import io.resticfleet.server.host.HostUsage;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.Pauses;
import io.resticfleet.server.job.Acceptances;
import io.resticfleet.server.job.Dispatcher;
import io.resticfleet.server.job.JobLogs;
import io.resticfleet.server.job.JobSummaries;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.job.RepositoryLocks;
import io.resticfleet.server.job.RepositoryOperations;
import io.resticfleet.server.job.RepositoryQueue;
import io.resticfleet.server.live.ChangeSignal;
import io.resticfleet.server.live.LivePages;
import io.resticfleet.server.page.account.AuditPages;
import io.resticfleet.server.page.account.SettingsPages;
import io.resticfleet.server.page.account.SignInPages;
import io.resticfleet.server.page.addhost.AddHostPages;
import io.resticfleet.server.page.alert.AlertPages;
import io.resticfleet.server.page.alert.ChannelPages;
import io.resticfleet.server.page.alert.FeedPages;
import io.resticfleet.server.page.alert.WatchdogPages;
import io.resticfleet.server.page.dashboard.DashboardPages;
import io.resticfleet.server.page.files.AllFilePages;
import io.resticfleet.server.page.frame.CommonFragments;
import io.resticfleet.server.page.frame.Frames;
import io.resticfleet.server.page.frame.ProblemPages;
import io.resticfleet.server.page.host.DivergencePages;
import io.resticfleet.server.page.host.HostCards;
import io.resticfleet.server.page.host.HostFrames;
import io.resticfleet.server.page.host.HostHistories;
import io.resticfleet.server.page.hostrepository.HostRepositoryPages;
import io.resticfleet.server.page.hostrepository.HostRepositoryUsePages;
import io.resticfleet.server.page.hostrepository.HostRepositoryUses;
import io.resticfleet.server.page.hostsettings.DrillPages;
import io.resticfleet.server.page.hostsettings.HostSettingsPages;
import io.resticfleet.server.page.hostsettings.QuietPages;
import io.resticfleet.server.page.hostsettings.ReplacePages;
import io.resticfleet.server.page.hostsettings.TrustPages;
import io.resticfleet.server.page.hostsettings.UpgradePages;
import io.resticfleet.server.page.job.JobActionPages;
import io.resticfleet.server.page.job.JobLines;
import io.resticfleet.server.page.job.JobListPages;
import io.resticfleet.server.page.job.JobPages;
import io.resticfleet.server.page.repository.AllRepositoryPages;
import io.resticfleet.server.page.schedule.CalendarPages;
import io.resticfleet.server.page.schedule.PathChecks;
import io.resticfleet.server.page.schedule.SchedulePages;
import io.resticfleet.server.page.schedule.ScheduleRepositories;
import io.resticfleet.server.page.schedule.ScheduleRetentionPages;
import io.resticfleet.server.page.snapshot.SnapshotPages;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryCatalog;
import io.resticfleet.server.repository.RepositoryChanges;
import io.resticfleet.server.repository.RepositoryFindings;
import io.resticfleet.server.restore.Restores;
import io.resticfleet.server.retention.Copies;
import io.resticfleet.server.retention.RetentionDecisions;
import io.resticfleet.server.retention.RetentionOverview;
import io.resticfleet.server.retention.RetentionPlans;
import io.resticfleet.server.rotation.PasswordRotations;
import io.resticfleet.server.schedule.ScheduleWarnings;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.summary.SharedLinks;
import io.resticfleet.server.tree.Trees;
import io.resticfleet.server.upgrade.Upgrades;
import io.resticfleet.server.watchdog.Watchdog;
import io.resticfleet.server.web.Assets;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.ProblemPage;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Site;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** Wires all pages. */
public final class Pages {

    /** The features that pages show and change. */
    public record Features(
            Database db,
            SignInFlow signInFlow,
            ApiTokens tokens,
            Hosts hosts,
            Expectations expectations,
            HostSilences silences,
            Pauses pauses,
            Repositories repositories,
            RepositoryCatalog catalog,
            RepositoryOperations operations,
            RepositoryLocks locks,
            RepositoryQueue queue,
            RepositoryFindings findings,
            PasswordRotations rotations,
            RetentionPlans retentionPlans,
            RetentionOverview retention,
            RetentionDecisions retentionDecisions,
            Copies copies,
            HostPolicies policies,
            HostUsage usage,
            Schedules schedules,
            ScheduleWarnings scheduleWarnings,
            EnrollmentTokens enrollment,
            Invitations invitations,
            Replacements replacements,
            ReplacementLines replacementLines,
            InstallLine installLine,
            Dispatcher dispatcher,
            Jobs jobs,
            Acceptances acceptances,
            JobLogs logs,
            JobSummaries summaries,
            Snapshots snapshots,
            Trees trees,
            Restores restores,
            Fleet fleet,
            Drills drills,
            Recoveries recoveries,
            HostConfigs configs,
            RepositoryChanges repositoryChanges,
            Divergences divergences,
            Decisions decisions,
            Upgrades upgrades,
            Questions questions,
            Alerts alerts,
            Channels channels,
            Watchdog watchdog,
            SharedLinks links,
            Audit audit) {}

    private final Html html = new Html(Pages.class.getPackageName());
    private final Assets assets = new Assets();
    private final Features all;
    private final InstantSource clock;
    private final Frames frames;
    private final LivePages livePages;

    public Pages(Features all, Site site, ChangeSignal changes, InstantSource clock, LongSupplier nanoTime) {
        this.all = all;
        this.clock = clock;
        var common = new CommonFragments(all.db, all.alerts);
        this.frames = new Frames(common, assets, site, clock);
        this.livePages = new LivePages(html, common, changes, nanoTime);
    }

    /** The error pages. */
    public ProblemPage problems() {
        return new ProblemPages(html, frames, all.signInFlow);
    }

    public void install(Routes routes) {
        var divergences = new DivergencePages(all.divergences, all.decisions);
        var upgrades = new UpgradePages(all.upgrades, all.installLine);
        var cards = new HostCards(new HostHistories(all.db, all.summaries), all.jobs);
        var lines = new JobLines(all.db, all.hosts, all.schedules);
        var hostFrames =
                new HostFrames(frames, cards, all.fleet, divergences, all.retention, all.replacements, all.silences);

        assets.install(routes);
        new SignInPages(html, frames, all.signInFlow).install(routes);
        new DashboardPages(
                        livePages,
                        frames,
                        all.fleet,
                        cards,
                        all.jobs,
                        divergences,
                        all.catalog,
                        all.retention,
                        all.recoveries)
                .install(routes);
        divergences.install(routes);
        upgrades.install(routes);
        // Its path /hosts/new must precede /hosts/{host}.
        new AddHostPages(html, livePages, frames, all.invitations, all.enrollment, all.catalog, all.hosts, all.fleet)
                .install(routes);
        new SnapshotPages(livePages, hostFrames, all.snapshots, all.repositories, all.recoveries).install(routes);
        // Its path …/schedules/paths must precede …/schedules/{schedule}.
        new PathChecks(html, hostFrames, all.questions).install(routes);
        new CalendarPages(html, hostFrames, all.schedules, all.retentionPlans, clock).install(routes);
        var scheduleRepositories = new ScheduleRepositories(all.db, all.repositories, all.schedules);
        new SchedulePages(
                        html,
                        livePages,
                        hostFrames,
                        all.schedules,
                        all.policies,
                        all.scheduleWarnings,
                        scheduleRepositories,
                        all.retention)
                .install(routes);
        new ScheduleRetentionPages(livePages, hostFrames, all.schedules, all.retention, all.retentionDecisions)
                .install(routes);
        var uses = new HostRepositoryUses(all.db, all.repositories, all.catalog);
        new HostRepositoryPages(
                        html,
                        livePages,
                        hostFrames,
                        all.configs,
                        all.repositories,
                        all.repositoryChanges,
                        all.jobs,
                        lines,
                        uses)
                .install(routes);
        new HostRepositoryUsePages(html, livePages, hostFrames, uses, all.catalog, all.configs).install(routes);
        new AllRepositoryPages(
                        html,
                        livePages,
                        frames,
                        all.catalog,
                        all.repositories,
                        all.repositoryChanges,
                        all.configs,
                        all.hosts,
                        all.snapshots,
                        all.jobs,
                        lines,
                        all.fleet,
                        all.operations,
                        all.locks,
                        all.queue,
                        all.findings,
                        all.rotations,
                        all.retention,
                        all.retentionDecisions,
                        all.copies,
                        all.questions)
                .install(routes);
        var trust = new TrustPages(all.retention, all.retentionDecisions, clock);
        trust.install(routes);
        var drills = new DrillPages(all.drills);
        drills.install(routes);
        new QuietPages(html, all.expectations, all.silences, all.pauses, all.configs, clock).install(routes);
        new HostSettingsPages(
                        html, livePages, hostFrames, all.configs, all.policies, all.usage, upgrades, trust, drills)
                .install(routes);
        new ReplacePages(html, livePages, hostFrames, all.signInFlow, all.replacementLines).install(routes);
        new JobListPages(livePages, frames, hostFrames, all.jobs, lines).install(routes);
        new AllFilePages(
                        html,
                        livePages,
                        frames,
                        hostFrames,
                        all.snapshots,
                        all.catalog,
                        all.fleet,
                        all.jobs,
                        all.trees,
                        all.restores)
                .install(routes);
        var acceptances = all.acceptances;
        new JobPages(livePages, frames, all.fleet, all.jobs, all.logs, lines, all.repositories, acceptances)
                .install(routes);
        new JobActionPages(html, all.dispatcher, all.jobs, acceptances, lines).install(routes);
        new SettingsPages(html, frames, all.db, all.signInFlow, all.tokens, upgrades, clock).install(routes);
        new WatchdogPages(all.watchdog).install(routes);
        // Its path /alerts/feed must precede /alerts/{alert}.
        new FeedPages(html, frames, all.links).install(routes);
        new AlertPages(html, livePages, frames, all.alerts, all.channels, all.fleet, clock).install(routes);
        new ChannelPages(html, livePages, frames, all.channels, all.fleet, all.watchdog).install(routes);
        new AuditPages(html, frames, all.audit, all.hosts).install(routes);
    }
}
