package io.resticfleet.server;

import io.javalin.Javalin;
import io.resticfleet.protocol.Dispatch;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.SnapshotsOffer;
import io.resticfleet.protocol.SnapshotsPiece;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.audit.AuditRoutes;
import io.resticfleet.server.auth.ApiTokenRoutes;
import io.resticfleet.server.auth.ApiTokens;
import io.resticfleet.server.auth.AuthGate;
import io.resticfleet.server.auth.AuthRoutes;
import io.resticfleet.server.auth.Bootstrap;
import io.resticfleet.server.auth.Sessions;
import io.resticfleet.server.auth.SignIn;
import io.resticfleet.server.auth.SignInFlow;
import io.resticfleet.server.auth.Users;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Change;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.divergence.Decisions;
import io.resticfleet.server.divergence.DivergenceRoutes;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.enrollment.EnrollmentRoutes;
import io.resticfleet.server.enrollment.EnrollmentTokens;
import io.resticfleet.server.enrollment.InstallLine;
import io.resticfleet.server.enrollment.Invitations;
import io.resticfleet.server.host.Clones;
import io.resticfleet.server.host.HostPolicies;
import io.resticfleet.server.host.HostUsage;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.ScheduleVersions;
import io.resticfleet.server.job.Acceptances;
import io.resticfleet.server.job.AgentJobs;
import io.resticfleet.server.job.Dispatcher;
import io.resticfleet.server.job.JobLeases;
import io.resticfleet.server.job.JobLogs;
import io.resticfleet.server.job.JobRoutes;
import io.resticfleet.server.job.JobStream;
import io.resticfleet.server.job.JobSummaries;
import io.resticfleet.server.job.Jobs;
import io.resticfleet.server.job.KeyJobs;
import io.resticfleet.server.job.LockOwners;
import io.resticfleet.server.job.MaintainerGrants;
import io.resticfleet.server.job.MissedRows;
import io.resticfleet.server.job.MissedRuns;
import io.resticfleet.server.job.ReadParts;
import io.resticfleet.server.job.ReportedJobs;
import io.resticfleet.server.job.RepositoryJobRoutes;
import io.resticfleet.server.job.RepositoryLockRoutes;
import io.resticfleet.server.job.RepositoryLocks;
import io.resticfleet.server.job.RepositoryOperations;
import io.resticfleet.server.job.RepositoryQueue;
import io.resticfleet.server.job.RepositoryQueueRoutes;
import io.resticfleet.server.job.RunningProgress;
import io.resticfleet.server.job.TimeZones;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.link.AgentSocket;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.live.ChangeSignal;
import io.resticfleet.server.page.Pages;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.recovery.DatabaseCopies;
import io.resticfleet.server.recovery.RecordedSettings;
import io.resticfleet.server.recovery.SecretKeyCheck;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.repository.KeyRotations;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryCatalog;
import io.resticfleet.server.repository.RepositoryChanges;
import io.resticfleet.server.repository.RepositoryFindings;
import io.resticfleet.server.repository.RepositoryRoutes;
import io.resticfleet.server.repository.SshAccessRoutes;
import io.resticfleet.server.retention.ClockWatch;
import io.resticfleet.server.retention.Copies;
import io.resticfleet.server.retention.Retention;
import io.resticfleet.server.retention.RetentionDecisions;
import io.resticfleet.server.retention.RetentionLedger;
import io.resticfleet.server.retention.RetentionOverview;
import io.resticfleet.server.retention.RetentionPlans;
import io.resticfleet.server.retention.RetentionRoutes;
import io.resticfleet.server.retention.ShrinkGuard;
import io.resticfleet.server.retention.ShrinkGuards;
import io.resticfleet.server.rotation.PasswordRotations;
import io.resticfleet.server.rotation.RotationRoutes;
import io.resticfleet.server.rotation.RotationSteps;
import io.resticfleet.server.schedule.ScheduleAdoption;
import io.resticfleet.server.schedule.ScheduleRoutes;
import io.resticfleet.server.schedule.ScheduleWarnings;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.snapshot.SnapshotReports;
import io.resticfleet.server.snapshot.SnapshotRoutes;
import io.resticfleet.server.snapshot.Snapshots;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.HostRoutes;
import io.resticfleet.server.tls.SelfSignedCertificate;
import io.resticfleet.server.tls.ServerCertificate;
import io.resticfleet.server.tls.Tls;
import io.resticfleet.server.upgrade.BundledAgent;
import io.resticfleet.server.upgrade.UpgradeRoutes;
import io.resticfleet.server.upgrade.Upgrades;
import io.resticfleet.server.web.Access;
import io.resticfleet.server.web.ClientAddress;
import io.resticfleet.server.web.Problem;
import io.resticfleet.server.web.Route;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Site;
import io.resticfleet.server.web.StorageGate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The server: creates and connects all its parts. The only class that knows every feature.
 */
public final class App implements AutoCloseable {

    /** Time for open event streams to end when the server stops. */
    private static final Duration MAX_STREAM_END = Duration.ofSeconds(2);

    private final ServerConfig config;
    private final Database db;
    private final Javalin http;
    private final List<Route> routes;
    private final Maintenance maintenance;
    private final ChangeSignal changes;
    private final Questions questions;
    private final Parts parts;

    private App(
            ServerConfig config,
            Database db,
            Javalin http,
            List<Route> routes,
            Maintenance maintenance,
            ChangeSignal changes,
            Questions questions,
            Parts parts) {
        this.config = config;
        this.db = db;
        this.http = http;
        this.routes = routes;
        this.maintenance = maintenance;
        this.changes = changes;
        this.questions = questions;
        this.parts = parts;
    }

    /** The parts below HTTP and the timers, for tests that drive them step by step. */
    record Parts(
            Database db,
            Hosts hosts,
            Repositories repositories,
            Schedules schedules,
            Divergences divergences,
            Decisions decisions,
            Dispatcher dispatcher,
            Agents agents,
            Fleet fleet,
            AgentSocket socket) {}

    /**
     * Starts a server; returns when it answers requests. Tries its address first, so that nothing is created if the address
     * is in use.
     *
     * @param opening opens the database; it is closed with the server
     * @param nanoTime monotonic clock, in nanoseconds
     * @param uptime of the machine, with the time in which it was suspended
     * @param bundled the agent that this server offers; absent if it was built without one
     * @throws OperatorError for a problem that the operator can fix
     */
    public static App start(
            ServerConfig config,
            Supplier<Database> opening,
            InstantSource clock,
            LongSupplier nanoTime,
            Supplier<Duration> uptime,
            Optional<BundledAgent> bundled) {
        Listening.requireFree(config.listen());
        var app = wire(config, opening.get(), clock, nanoTime, uptime, bundled);
        app.listen();
        app.maintenance.start();
        return app;
    }

    /** The same server, without HTTP and timers. */
    static App wire(
            ServerConfig config,
            Database db,
            InstantSource clock,
            LongSupplier nanoTime,
            Supplier<Duration> uptime,
            Optional<BundledAgent> bundled) {
        var secrets = SecretKeyCheck.open(config, db);
        config.tls()
                .filter(files -> files.maker() == ServerConfig.TlsFiles.Maker.THIS_SERVER)
                .ifPresent(files -> SelfSignedCertificate.prepare(config, files, clock.instant()));
        var certificate = config.tls().map(ServerCertificate::open);
        RecordedSettings.note(db, config);
        var site = config.site();
        var changes = new ChangeSignal(db);
        var agents =
                new Agents(nanoTime, clock, hostId -> changes.signal(Change.of("connection", hostId)), new Clones(db));
        var audit = new Audit(db, clock);

        var users = new Users(db, audit, clock);
        var sessions = new Sessions(db, audit, clock);
        var apiTokens = new ApiTokens(db, audit, clock);
        var bootstrap = Bootstrap.open(config.dataDir(), config.bootstrapToken(), users, clock, System.out::println);
        var signIn = new SignIn(db, audit, users, sessions, clock);
        var signInFlow = new SignInFlow(site, bootstrap, signIn, sessions);

        var hosts = new Hosts(db, agents, audit, clock);
        var repositories = new Repositories(db, secrets, clock);
        repositories.upgrade();
        var scheduleVersions = new ScheduleVersions(db);
        var divergences = Divergences.open(db, hosts, scheduleVersions, clock);
        var missedRows = new MissedRows(db, agents, clock);
        var schedules = new Schedules(db, hosts, scheduleVersions, divergences, missedRows, agents, audit, clock);
        var enrollment = new EnrollmentTokens(db, hosts, repositories, secrets, schedules, audit, clock);
        var installLine = new InstallLine(config.tls().flatMap(Tls::pin));
        var invitations = new Invitations(enrollment, installLine, hosts, repositories);
        var progress = new RunningProgress(changes);
        var repositoryChanges = new RepositoryChanges(db, secrets);
        var findings = new RepositoryFindings(db, repositories, audit, clock);
        var readParts = new ReadParts(hosts, findings, clock);
        var leases = new JobLeases(nanoTime);
        var queue = new RepositoryQueue(
                db, hosts, schedules, repositories, repositoryChanges, readParts, agents, leases, clock);
        var usage = new HostUsage(db, audit, config.quota(), clock);
        var reported = new ReportedJobs(hosts, schedules, usage, clock);
        var dispatcher = new Dispatcher(db, hosts, schedules, repositories, agents, audit, queue, clock);
        var agentJobs = new AgentJobs(db, schedules, repositories, agents, queue, leases, reported, clock);
        var operations = new RepositoryOperations(db, repositories, dispatcher, agents);
        var jobs = new Jobs(db, hosts, dispatcher, progress, reported, usage, findings, leases, clock);
        var grants = new MaintainerGrants(db, jobs, repositories, audit);
        var jobLogs = new JobLogs(db, usage, clock);
        var missedRuns = new MissedRuns(db, hosts, schedules, missedRows, agents, clock);
        var policies = new HostPolicies(db);
        var scheduleWarnings = new ScheduleWarnings(policies, agents);
        var snapshots = new Snapshots(db, hosts, repositories);
        var snapshotReports = new SnapshotReports(db, hosts, repositories, jobs);
        var catalog = new RepositoryCatalog(db, hosts, repositories, snapshots, repositoryChanges, audit);
        var unusual = ShrinkGuard.Limits.of(
                config.unusual().lossPercent(), config.unusual().dataBytes());
        var shrinkGuards = new ShrinkGuards(db, jobs, snapshots, schedules, new ShrinkGuard(unusual));
        var retentionLedger = new RetentionLedger(db, repositories, agents, clock);
        retentionLedger.started();
        var retentionPlans =
                new RetentionPlans(db, hosts, schedules, repositories, policies, shrinkGuards, retentionLedger, clock);
        var retention = new Retention(db, jobs, dispatcher, agents, retentionLedger, retentionPlans, clock);
        var retentionOverview = new RetentionOverview(db, hosts, schedules, repositories, retentionPlans, shrinkGuards);
        var retentionDecisions =
                new RetentionDecisions(db, hosts, schedules, repositories, retentionLedger, audit, clock);
        var copies = new Copies(db, hosts, repositories, retentionLedger, clock);
        jobs.onBackup((hostId, scheduleId) -> {
            shrinkGuards.changed(hostId, scheduleId);
            retention.backedUp(hostId, scheduleId);
        });
        snapshotReports.onListed(
                (hostId, repositoryId) -> {
                    shrinkGuards.listed(hostId);
                    retention.listed(hostId, repositoryId);
                },
                retention::listedAgain);
        var acceptances = new Acceptances(db, schedules, shrinkGuards);
        var configs = new HostConfigs(
                db,
                hosts,
                repositories,
                catalog,
                findings,
                divergences,
                snapshots,
                repositoryChanges,
                dispatcher,
                agents,
                audit,
                clock);
        jobs.onProbe(configs::probed, configs::pushSharing);
        var keyRotations = new KeyRotations(repositories, repositoryChanges, secrets);
        var keyJobs = new KeyJobs(db, repositories, dispatcher, clock);
        var rotations = new PasswordRotations(
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
        var questions = new Questions(agents, nanoTime);
        var repositoryLocks = new RepositoryLocks(operations, questions, new LockOwners(db, hosts, agents), clock);
        var decisions = new Decisions(db, hosts, scheduleVersions, divergences, agents, audit, push);
        var upgrades = new Upgrades(db, hosts, agents, audit, bundled, clock, nanoTime);
        var adoption =
                new ScheduleAdoption(db, hosts, schedules, repositories, scheduleVersions, divergences, audit, push);
        var summaries = new JobSummaries();
        var fleet = new Fleet(db, hosts, scheduleVersions, schedules, summaries, agents, clock, nanoTime);
        var pages = new Pages(
                new Pages.Features(
                        db,
                        signInFlow,
                        apiTokens,
                        hosts,
                        repositories,
                        catalog,
                        operations,
                        repositoryLocks,
                        queue,
                        findings,
                        rotations,
                        retentionPlans,
                        retentionOverview,
                        retentionDecisions,
                        copies,
                        policies,
                        usage,
                        schedules,
                        scheduleWarnings,
                        enrollment,
                        invitations,
                        installLine,
                        dispatcher,
                        jobs,
                        acceptances,
                        jobLogs,
                        summaries,
                        snapshots,
                        fleet,
                        configs,
                        repositoryChanges,
                        divergences,
                        decisions,
                        upgrades,
                        questions,
                        audit),
                site,
                changes,
                clock,
                nanoTime);

        var fromAgents = Dispatch.<AgentConnection, ToServer>of(ToServer.class)
                .on(Hello.class, (agent, hello) -> agent.send(new ToAgent.Error("said_already", "hello")))
                .on(ToServer.Heartbeat.class, (agent, beat) -> {
                    hosts.heard(agent.hostId(), beat.wallClock());
                    agentJobs.heard(agent, beat);
                })
                .on(ToServer.PolicyReport.class, policies::reported)
                .on(ToServer.ScheduleAck.class, schedules::acked)
                .on(ToServer.ScheduleHeld.class, adoption::onScheduleHeld)
                .on(ToServer.ScheduleFire.class, agentJobs::fired)
                .on(ToServer.JobStarted.class, jobs::started)
                .on(ToServer.JobProgress.class, jobs::progressed)
                .on(ToServer.LogStream.class, jobLogs::streamed)
                .on(ToServer.JobFinished.class, jobs::finished)
                .on(ToServer.JobMissed.class, jobs::missed)
                .on(ToServer.Unstorable.class, jobs::ignored)
                .on(ToServer.SnapshotsReport.class, snapshotReports::reported)
                .on(SnapshotsOffer.class, snapshotReports::offered)
                .on(SnapshotsPiece.class, snapshotReports::piece)
                .on(ToServer.CredentialsAsk.class, grants::asked)
                .on(ToServer.RetentionAsk.class, retention::asked)
                .on(ToServer.UpgradeReport.class, upgrades::reported)
                .on(ToServer.Answer.class, questions::answered)
                .on(ToServer.Error.class, AgentSessions::errorReported)
                .build();
        var socket = new AgentSocket(
                agents,
                new AgentSessions(
                        hosts,
                        configs,
                        divergences,
                        schedules,
                        dispatcher,
                        agentJobs,
                        upgrades,
                        agents.clones(),
                        questions,
                        new TimeZones(db, schedules, missedRows, clock),
                        snapshotReports,
                        retentionLedger,
                        rotations),
                fromAgents,
                ClientAddress::of,
                Site::exposed,
                ServerVersion.text(),
                () -> certificate.map(ServerCertificate::pins),
                clock,
                nanoTime);

        var table = new Routes[1];
        var http = Javalin.create(javalin -> {
            HttpSetup.configure(javalin, site, () -> table[0].table());
            javalin.jetty.modifyWebSocketServletFactory(socket::install);
            Listening.configure(javalin, config.listen(), site, certificate);
            Problem.install(javalin.routes, pages.problems());
            var routes = new Routes(javalin.routes, new StorageGate(db, new AuthGate(site, sessions, apiTokens)));
            new SystemRoutes(db).install(routes);
            new AuthRoutes(signInFlow, apiTokens).install(routes);
            new ApiTokenRoutes(apiTokens).install(routes);
            new EnrollmentRoutes(enrollment, invitations, site).install(routes);
            new HostRoutes(
                            hosts,
                            usage,
                            configs,
                            repositories,
                            repositoryChanges,
                            policies,
                            scheduleVersions,
                            jobs,
                            agents)
                    .install(routes);
            new RepositoryRoutes(catalog, configs).install(routes);
            new SshAccessRoutes(hosts, questions).install(routes);
            new RotationRoutes(rotations).install(routes);
            new RepositoryJobRoutes(operations, findings).install(routes);
            new RepositoryLockRoutes(repositoryLocks).install(routes);
            new RepositoryQueueRoutes(hosts, repositories, queue, db, clock).install(routes);
            new ScheduleRoutes(schedules, scheduleWarnings).install(routes);
            new RetentionRoutes(retentionPlans, retentionDecisions, copies).install(routes);
            new DivergenceRoutes(divergences, decisions).install(routes);
            new UpgradeRoutes(upgrades).install(routes);
            var jobStream = new JobStream(jobs, jobLogs, changes, nanoTime);
            new JobRoutes(jobs, dispatcher, jobLogs, jobStream, acceptances).install(routes);
            new SnapshotRoutes(snapshots).install(routes);
            new AuditRoutes(audit).install(routes);
            pages.install(routes);
            routes.webSocket(Protocol.WEBSOCKET_PATH, Access.AGENT, "WebSocket for agents", endpoint -> {});
            table[0] = routes;
        });
        var maintenance = new Maintenance(
                db,
                socket,
                questions,
                agentJobs,
                missedRuns,
                jobs,
                jobLogs,
                usage,
                enrollment,
                upgrades,
                retentionOverview,
                new DatabaseCopies(db, clock),
                certificate,
                rotations,
                new ClockWatch(db, clock, uptime));
        var parts = new Parts(
                db, hosts, repositories, schedules, divergences, decisions, dispatcher, agents, fleet, socket);
        return new App(config, db, http, table[0].table(), maintenance, changes, questions, parts);
    }

    private void listen() {
        try {
            http.start();
        } catch (RuntimeException e) {
            db.close();
            throw new OperatorError(
                    "cannot listen on " + config.listen() + ": " + rootCause(e).getMessage(), e);
        }
    }

    /** The address on this machine, such as {@code http://127.0.0.1:8080}. */
    public String url() {
        return (config.tls().isPresent() ? "https://" : "http://")
                + config.listen().withPort(http.port());
    }

    /** All routes, with the access each requires. */
    List<Route> routes() {
        return routes;
    }

    /** The periodic tasks; for tests, which move the clock and run them at once. */
    Maintenance maintenance() {
        return maintenance;
    }

    /** The parts below HTTP. */
    Parts parts() {
        return parts;
    }

    @Override
    public void close() {
        maintenance.stop();
        questions.close();
        changes.stop(MAX_STREAM_END); // streams send their last event before HTTP stops
        http.stop();
        db.close();
    }

    private static Throwable rootCause(Throwable e) {
        return e.getCause() == null ? e : rootCause(e.getCause());
    }
}
