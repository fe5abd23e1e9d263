package io.resticfleet.server;

import io.resticfleet.server.db.Database;
import io.resticfleet.server.page.Pages;

/** The features that pages show and change. */
final class PageFeatures {

    private PageFeatures() {}

    static Pages.Features of(Database db, Features all, Alerting alerting) {
        return new Pages.Features(
                db,
                all.signInFlow,
                all.apiTokens,
                all.hosts,
                all.expectations,
                all.silences,
                all.pauses,
                all.repositories,
                all.catalog,
                all.operations,
                all.repositoryLocks,
                all.queue,
                all.findings,
                all.rotations,
                all.retentionPlans,
                all.retentionOverview,
                all.retentionDecisions,
                all.copies,
                all.policies,
                all.usage,
                all.schedules,
                all.scheduleWarnings,
                all.enrollment,
                all.invitations,
                all.replacements,
                all.replacementLines,
                all.installLine,
                all.dispatcher,
                all.jobs,
                all.acceptances,
                all.jobLogs,
                all.summaries,
                all.snapshots,
                all.trees.trees(),
                all.restores,
                all.fleet,
                all.drills,
                all.recoveries,
                all.configs,
                all.repositoryChanges,
                all.divergences,
                all.decisions,
                all.upgrades,
                all.questions,
                alerting.alerts,
                alerting.channels,
                alerting.watchdog,
                alerting.links,
                all.audit);
    }
}
