package io.resticfleet.server;

import io.resticfleet.protocol.HostId;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.auth.ApiTokens;
import io.resticfleet.server.auth.Bootstrap;
import io.resticfleet.server.auth.FailedSignIns;
import io.resticfleet.server.auth.Sessions;
import io.resticfleet.server.auth.SignIn;
import io.resticfleet.server.auth.SignInFlow;
import io.resticfleet.server.auth.Users;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Change;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.divergence.Decisions;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.drill.Drills;
import io.resticfleet.server.drill.Recoveries;
import io.resticfleet.server.drill.WeeklyDrills;
import io.resticfleet.server.enrollment.EnrollmentTokens;
import io.resticfleet.server.enrollment.InstallLine;
import io.resticfleet.server.enrollment.Invitations;
import io.resticfleet.server.enrollment.ReplacementLines;
import io.resticfleet.server.enrollment.Replacements;
import io.resticfleet.server.host.Clones;
import io.resticfleet.server.host.Expectations;
import io.resticfleet.server.host.HostDisks;
import io.resticfleet.server.host.HostPolicies;
import io.resticfleet.server.host.HostSilences;
import io.resticfleet.server.host.HostUsage;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.Pauses;
import io.resticfleet.server.host.ReplacedAgents;
import io.resticfleet.server.host.ScheduleVersions;
import io.resticfleet.server.job.Acceptances;
import io.resticfleet.server.job.AgentJobs;
import io.resticfleet.server.job.AutomaticJobs;
import io.resticfleet.server.job.Dispatcher;
import io.resticfleet.server.job.JobLeases;
import io.resticfleet.server.job.JobLogs;
import io.resticfleet.server.job.JobSummaries;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.job.KeyJobs;
import io.resticfleet.server.job.LockOwners;
import io.resticfleet.server.job.MaintainerGrants;
import io.resticfleet.server.job.MissedRows;
import io.resticfleet.server.job.MissedRuns;
import io.resticfleet.server.job.ReadParts;
import io.resticfleet.server.job.ReportedJobs;
import io.resticfleet.server.job.RepositoryLocks;
import io.resticfleet.server.job.RepositoryOperations;
import io.resticfleet.server.job.RepositoryQueue;
import io.resticfleet.server.job.RunningProgress;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.live.ChangeSignal;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.recovery.RecordedSettings;
import io.resticfleet.server.recovery.SecretKeyCheck;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.repository.KeyRotations;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryCatalog;
import io.resticfleet.server.repository.RepositoryChanges;
import io.resticfleet.server.repository.RepositoryFindings;
import io.resticfleet.server.repository.TestedChanges;
import io.resticfleet.server.restore.Restores;
import io.resticfleet.server.retention.Copies;
import io.resticfleet.server.retention.Retention;
import io.resticfleet.server.retention.RetentionDecisions;
import io.resticfleet.server.retention.RetentionLedger;
import io.resticfleet.server.retention.RetentionOverview;
import io.resticfleet.server.retention.RetentionPlans;
import io.resticfleet.server.retention.ShrinkGuard;
import io.resticfleet.server.retention.ShrinkGuards;
import io.resticfleet.server.rotation.PasswordRotations;
import io.resticfleet.server.rotation.RotationSteps;
import io.resticfleet.server.schedule.ScheduleAdoption;
import io.resticfleet.server.schedule.ScheduleWarnings;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.secret.Secrets;
import io.resticfleet.server.snapshot.SnapshotReports;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.tls.SelfSignedCertificate;
import io.resticfleet.server.tls.ServerCertificate;
import io.resticfleet.server.tls.Tls;
import io.resticfleet.server.transfer.Transfers;
import io.resticfleet.server.tree.TreeFeature;
import io.resticfleet.server.upgrade.BundledAgent;
import io.resticfleet.server.upgrade.Upgrades;
import io.resticfleet.server.web.Site;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** All features, created and connected; without HTTP, agents' messages and timers. */
final class Features {

    final Secrets secrets;
    final Optional<ServerCertificate> certificate;
    final Site site;
    final ChangeSignal changes;
    final Agents agents;
    final Audit audit;
    final Sessions sessions;
    final ApiTokens apiTokens;
    final SignInFlow signInFlow;
    final FailedSignIns failedSignIns;
    final Hosts hosts;
    final Expectations expectations;
    final HostSilences silences;
    final Pauses pauses;
    final HostDisks disks = new HostDisks();
    final Repositories repositories;
    final ScheduleVersions scheduleVersions;
    final Divergences divergences;
    final MissedRows missedRows;
    final Schedules schedules;
    final EnrollmentTokens enrollment;
    final InstallLine installLine;
    final Invitations invitations;
    final Replacements replacements;
    final ReplacementLines replacementLines;
    final RepositoryChanges repositoryChanges;
    final RepositoryFindings findings;
    final RepositoryQueue queue;
    final HostUsage usage;
    final Dispatcher dispatcher;
    final AgentJobs agentJobs;
    final RepositoryOperations operations;
    final Jobs jobs;
    final MaintainerGrants grants;
    final JobLogs jobLogs;
    final MissedRuns missedRuns;
    final HostPolicies policies;
    final ScheduleWarnings scheduleWarnings;
    final Snapshots snapshots;
    final SnapshotReports snapshotReports;
    final RepositoryCatalog catalog;
    final RetentionLedger retentionLedger;
    final RetentionPlans retentionPlans;
    final Retention retention;
    final RetentionOverview retentionOverview;
    final RetentionDecisions retentionDecisions;
    final Copies copies;
    final Acceptances acceptances;
    final HostConfigs configs;
    final PasswordRotations rotations;
    final Questions questions;
    final RepositoryLocks repositoryLocks;
    final Restores restores;
    final Transfers transfers;
    final TreeFeature trees;
    final Decisions decisions;
    final Upgrades upgrades;
    final ScheduleAdoption adoption;
    final JobSummaries summaries;
    final Fleet fleet;
    final Drills drills;
    final Recoveries recoveries;
    final WeeklyDrills weeklyDrills;

    /**
     * @param nanoTime monotonic clock, in nanoseconds
     * @param bundled the agent that this server offers; absent if it was built without one
     * @throws OperatorError for a problem that the operator can fix
     */
    Features(
            ServerConfig config,
            Database db,
            InstantSource clock,
            LongSupplier nanoTime,
            Optional<BundledAgent> bundled) {
        secrets = SecretKeyCheck.open(config, db);
        config.tls()
                .filter(files -> files.maker() == ServerConfig.TlsFiles.Maker.THIS_SERVER)
                .ifPresent(files -> SelfSignedCertificate.prepare(config, files, clock.instant()));
        certificate = config.tls().map(ServerCertificate::open);
        RecordedSettings.note(db, config);
        site = config.site();
        changes = new ChangeSignal(db);
        agents = new Agents(nanoTime, clock, hostId -> changes.signal(Change.of("connection", hostId)), new Clones(db));
        audit = new Audit(db, clock);

        var users = new Users(db, audit, clock);
        sessions = new Sessions(db, audit, clock);
        apiTokens = new ApiTokens(db, audit, clock);
        var bootstrap = Bootstrap.open(config.dataDir(), config.bootstrapToken(), users, clock, System.out::println);
        var signIn = new SignIn(db, audit, users, sessions, clock);
        failedSignIns = signIn.failedSignIns();
        signInFlow = new SignInFlow(site, bootstrap, signIn, sessions);

        var replacedAgents = new ReplacedAgents(db, clock);
        hosts = new Hosts(db, agents, replacedAgents, audit, clock);
        repositories = new Repositories(db, secrets, clock);
        repositories.upgrade();
        scheduleVersions = new ScheduleVersions(db);
        divergences = Divergences.open(db, hosts, scheduleVersions, clock);
        expectations = new Expectations(db, hosts, audit);
        silences = new HostSilences(db, hosts, audit, clock);
        pauses = new Pauses(db, hosts, audit, clock);
        missedRows = new MissedRows(db, pauses, agents, clock);
        schedules = new Schedules(db, hosts, scheduleVersions, divergences, missedRows, agents, audit, clock);
        var progress = new RunningProgress(changes);
        repositoryChanges = new RepositoryChanges(db, secrets);
        findings = new RepositoryFindings(db, repositories, audit, clock);
        var readParts = new ReadParts(hosts, findings, clock);
        var leases = new JobLeases(nanoTime);
        queue = new RepositoryQueue(
                db, hosts, schedules, repositories, repositoryChanges, readParts, agents, leases, clock);
        usage = new HostUsage(db, audit, config.quota(), clock);
        var reported = new ReportedJobs(hosts, schedules, pauses, usage, clock);
        dispatcher = new Dispatcher(db, hosts, schedules, repositories, agents, audit, queue, clock);
        agentJobs = new AgentJobs(db, schedules, pauses, repositories, agents, queue, leases, reported, clock);
        var automaticJobs = new AutomaticJobs(db, schedules, pauses, repositories, dispatcher, agents, clock);
        operations = new RepositoryOperations(db, repositories, dispatcher, agents);
        jobs = new Jobs(db, hosts, dispatcher, progress, reported, usage, findings, leases, clock);
        grants = new MaintainerGrants(db, jobs, repositories, audit);
        jobLogs = new JobLogs(db, usage, clock);
        missedRuns = new MissedRuns(db, hosts, schedules, missedRows, agents, clock);
        policies = new HostPolicies(db);
        scheduleWarnings = new ScheduleWarnings(policies, agents);
        snapshots = new Snapshots(db, hosts, repositories);
        snapshotReports = new SnapshotReports(db, hosts, repositories, jobs);
        replacements = new Replacements(
                db, hosts, replacedAgents, scheduleVersions, divergences, agentJobs, snapshotReports, audit, clock);
        enrollment = new EnrollmentTokens(db, hosts, repositories, secrets, schedules, replacements, audit, clock);
        installLine = new InstallLine(config.tls().flatMap(Tls::pin));
        invitations = new Invitations(enrollment, installLine, hosts, repositories);
        replacementLines = new ReplacementLines(db, enrollment, repositories, installLine);
        catalog = new RepositoryCatalog(db, hosts, repositories, snapshots, repositoryChanges, audit, clock);
        var unusual = ShrinkGuard.Limits.of(
                config.unusual().lossPercent(), config.unusual().dataBytes());
        var shrinkGuards = new ShrinkGuards(db, jobs, snapshots, schedules, new ShrinkGuard(unusual));
        retentionLedger = new RetentionLedger(db, repositories, agents, clock);
        retentionLedger.started();
        retentionPlans =
                new RetentionPlans(db, hosts, schedules, repositories, policies, shrinkGuards, retentionLedger, clock);
        retention = new Retention(db, jobs, automaticJobs, agents, retentionLedger, retentionPlans, clock);
        retentionOverview = new RetentionOverview(db, hosts, schedules, repositories, retentionPlans, shrinkGuards);
        retentionDecisions = new RetentionDecisions(db, hosts, schedules, repositories, retentionLedger, audit, clock);
        copies = new Copies(db, hosts, repositories, retentionLedger, clock);
        jobs.onBackup((hostId, scheduleId) -> {
            shrinkGuards.changed(hostId, scheduleId);
            retention.backedUp(hostId, scheduleId);
        });
        questions = new Questions(agents, nanoTime);
        transfers = new Transfers(nanoTime);
        trees = TreeFeature.open(
                config.dataDir(),
                config.indexBytes(),
                new TreeFeature.Needs(
                        db, audit, hosts, policies, repositories, snapshots, agents, questions, transfers, nanoTime));
        snapshotReports.onListed(
                (hostId, repositoryId) -> {
                    shrinkGuards.listed(hostId);
                    retention.listed(hostId, repositoryId);
                    trees.indexer().listed(repositoryId);
                },
                retention::listedAgain);
        acceptances = new Acceptances(db, schedules, shrinkGuards);
        var testedChanges =
                new TestedChanges(repositories, catalog, findings, repositoryChanges, dispatcher, audit, clock);
        configs = new HostConfigs(
                db,
                hosts,
                pauses,
                repositories,
                catalog,
                testedChanges,
                divergences,
                snapshots,
                repositoryChanges,
                dispatcher,
                agents,
                audit);
        jobs.onProbe(testedChanges::probed, configs::pushSharing);
        var keyRotations = new KeyRotations(repositories, repositoryChanges, secrets);
        var keyJobs = new KeyJobs(db, repositories, dispatcher, clock);
        rotations = new PasswordRotations(
                db,
                repositories,
                keyRotations,
                configs,
                keyJobs,
                agents,
                new RotationSteps(hosts, repositories, keyRotations, divergences, keyJobs, agents, audit, clock),
                audit,
                clock);
        jobs.onKeyStep(rotations::ended, rotations::afterEnd);
        grants.onKeyStep(rotations::grant);
        Consumer<HostId> push = hostId -> {
            configs.push(hostId);
            schedules.push(hostId);
        };
        repositoryLocks = new RepositoryLocks(operations, questions, new LockOwners(db, hosts, agents), clock);
        restores = new Restores(db, hosts, repositories, dispatcher, agents, questions, audit);
        decisions = new Decisions(db, hosts, scheduleVersions, divergences, agents, audit, push);
        upgrades = new Upgrades(db, hosts, agents, audit, bundled, clock, nanoTime);
        adoption = new ScheduleAdoption(db, hosts, schedules, repositories, scheduleVersions, divergences, audit, push);
        drills = new Drills(db, hosts, schedules, audit, clock);
        jobs.onEnd(drills::ended);
        recoveries = new Recoveries(db);
        weeklyDrills = new WeeklyDrills(db, schedules, automaticJobs, agents, clock);
        summaries = new JobSummaries();
        fleet = new Fleet(
                db, hosts, expectations, pauses, scheduleVersions, schedules, summaries, agents, clock, nanoTime);
    }
}
