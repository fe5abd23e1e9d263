package io.resticfleet.server;

import io.javalin.Javalin;
import io.resticfleet.protocol.Dispatch;
import io.resticfleet.protocol.Hello;
import io.resticfleet.protocol.Protocol;
import io.resticfleet.protocol.SnapshotsOffer;
import io.resticfleet.protocol.SnapshotsPiece;
import io.resticfleet.protocol.ToAgent;
import io.resticfleet.protocol.ToServer;
import io.resticfleet.server.alert.Alerts;
import io.resticfleet.server.audit.AuditRoutes;
import io.resticfleet.server.auth.ApiTokenRoutes;
import io.resticfleet.server.auth.AuthGate;
import io.resticfleet.server.auth.AuthRoutes;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.config.ServerVersion;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.OperatorError;
import io.resticfleet.server.divergence.Decisions;
import io.resticfleet.server.divergence.DivergenceRoutes;
import io.resticfleet.server.divergence.Divergences;
import io.resticfleet.server.enrollment.EnrollmentRoutes;
import io.resticfleet.server.enrollment.ReplacementRoutes;
import io.resticfleet.server.host.HostSilences;
import io.resticfleet.server.host.Hosts;
import io.resticfleet.server.host.Pauses;
import io.resticfleet.server.job.Dispatcher;
import io.resticfleet.server.job.JobRoutes;
import io.resticfleet.server.job.JobStream;
import io.resticfleet.server.job.RepositoryJobRoutes;
import io.resticfleet.server.job.RepositoryLockRoutes;
import io.resticfleet.server.job.RepositoryQueueRoutes;
import io.resticfleet.server.job.TimeZones;
import io.resticfleet.server.link.AgentConnection;
import io.resticfleet.server.link.AgentSocket;
import io.resticfleet.server.link.Agents;
import io.resticfleet.server.live.ChangeSignal;
import io.resticfleet.server.page.Pages;
import io.resticfleet.server.question.Questions;
import io.resticfleet.server.recovery.DatabaseCopies;
import io.resticfleet.server.repository.HostConfigs;
import io.resticfleet.server.repository.Repositories;
import io.resticfleet.server.repository.RepositoryRoutes;
import io.resticfleet.server.repository.SshAccessRoutes;
import io.resticfleet.server.restore.RestoreRoutes;
import io.resticfleet.server.retention.ClockWatch;
import io.resticfleet.server.retention.RetentionRoutes;
import io.resticfleet.server.rotation.RotationRoutes;
import io.resticfleet.server.schedule.ScheduleRoutes;
import io.resticfleet.server.schedule.Schedules;
import io.resticfleet.server.snapshot.SnapshotRoutes;
import io.resticfleet.server.status.Fleet;
import io.resticfleet.server.status.HostRoutes;
import io.resticfleet.server.tls.ServerCertificate;
import io.resticfleet.server.transfer.TransferRoutes;
import io.resticfleet.server.tree.DownloadRoutes;
import io.resticfleet.server.tree.TreeFeature;
import io.resticfleet.server.tree.TreeRoutes;
import io.resticfleet.server.upgrade.BundledAgent;
import io.resticfleet.server.upgrade.UpgradeRoutes;
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
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The server: gives all {@link Features} their HTTP routes, the agents' messages and the timers.
 */
public final class App implements AutoCloseable {

    /** Time for open event streams to end when the server stops. */
    private static final Duration MAX_STREAM_END = Duration.ofSeconds(2);

    private final ServerConfig config;
    private final Database db;
    private final Javalin http;
    private final List<Route> routes;
    private final Maintenance maintenance;
    private final Alerting alerting;
    private final ChangeSignal changes;
    private final Questions questions;
    private final TreeFeature trees;
    private final Parts parts;

    private App(
            ServerConfig config,
            Database db,
            Javalin http,
            List<Route> routes,
            Maintenance maintenance,
            Alerting alerting,
            ChangeSignal changes,
            Questions questions,
            TreeFeature trees,
            Parts parts) {
        this.config = config;
        this.db = db;
        this.http = http;
        this.routes = routes;
        this.maintenance = maintenance;
        this.alerting = alerting;
        this.changes = changes;
        this.questions = questions;
        this.trees = trees;
        this.parts = parts;
    }

    /** The parts below HTTP and the timers, for tests that drive them step by step. */
    record Parts(
            Database db,
            Hosts hosts,
            HostSilences silences,
            Pauses pauses,
            HostConfigs configs,
            Repositories repositories,
            Schedules schedules,
            Divergences divergences,
            Decisions decisions,
            Dispatcher dispatcher,
            Agents agents,
            Fleet fleet,
            Alerts alerts,
            AgentSocket socket,
            Features all,
            Alerting alerting) {}

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
        var app = wire(config, opening.get(), clock, nanoTime, uptime, bundled, Sending.overNetwork(clock));
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
            Optional<BundledAgent> bundled,
            Sending sending) {
        var all = new Features(config, db, clock, nanoTime, bundled);
        var alerting = new Alerting(all, config, db, sending, clock, nanoTime);
        var pages = new Pages(PageFeatures.of(db, all, alerting), all.site, all.changes, clock, nanoTime);

        var fromAgents = Dispatch.<AgentConnection, ToServer>of(ToServer.class)
                .on(Hello.class, (agent, hello) -> agent.send(new ToAgent.Error("said_already", "hello")))
                .on(ToServer.Heartbeat.class, (agent, beat) -> {
                    all.hosts.heard(agent.hostId(), beat.wallClock());
                    all.disks.heard(agent.hostId(), beat.disk());
                    all.agentJobs.heard(agent, beat);
                })
                .on(ToServer.PolicyReport.class, all.policies::reported)
                .on(ToServer.ScheduleAck.class, all.schedules::acked)
                .on(ToServer.ScheduleHeld.class, all.adoption::onScheduleHeld)
                .on(ToServer.ScheduleFire.class, all.agentJobs::fired)
                .on(ToServer.JobStarted.class, all.jobs::started)
                .on(ToServer.JobProgress.class, all.jobs::progressed)
                .on(ToServer.LogStream.class, all.jobLogs::streamed)
                .on(ToServer.JobFinished.class, all.jobs::finished)
                .on(ToServer.JobMissed.class, all.jobs::missed)
                .on(ToServer.Unstorable.class, all.jobs::ignored)
                .on(ToServer.SnapshotsReport.class, all.snapshotReports::reported)
                .on(SnapshotsOffer.class, all.snapshotReports::offered)
                .on(SnapshotsPiece.class, all.snapshotReports::piece)
                .on(ToServer.CredentialsAsk.class, all.grants::asked)
                .on(ToServer.RetentionAsk.class, all.retention::asked)
                .on(ToServer.UpgradeReport.class, all.upgrades::reported)
                .on(ToServer.Answer.class, all.questions::answered)
                .on(ToServer.TreeFailed.class, all.trees.indexer()::failed)
                .on(ToServer.Error.class, AgentSessions::errorReported)
                .build();
        var socket = new AgentSocket(
                all.agents,
                new AgentSessions(
                        all.hosts,
                        all.configs,
                        all.divergences,
                        all.schedules,
                        all.dispatcher,
                        all.agentJobs,
                        all.upgrades,
                        all.agents.clones(),
                        all.questions,
                        new TimeZones(db, all.schedules, all.missedRows, clock),
                        all.snapshotReports,
                        all.retentionLedger,
                        all.rotations),
                fromAgents,
                ClientAddress::of,
                Site::exposed,
                ServerVersion.text(),
                () -> all.certificate.map(ServerCertificate::pins),
                clock,
                nanoTime);

        var table = new Routes[1];
        var http = Javalin.create(javalin -> {
            HttpSetup.configure(javalin, all.site, () -> table[0].table());
            javalin.jetty.modifyWebSocketServletFactory(socket::install);
            Listening.configure(javalin, config.listen(), all.site, all.certificate);
            Problem.install(javalin.routes, pages.problems());
            var gate = new AuthGate(all.site, all.sessions, all.apiTokens, config.localPrograms());
            var routes = new Routes(javalin.routes, new StorageGate(db, gate));
            new SystemRoutes(db).install(routes);
            new AuthRoutes(all.signInFlow, all.apiTokens).install(routes);
            new ApiTokenRoutes(all.apiTokens).install(routes);
            new EnrollmentRoutes(all.enrollment, all.invitations, all.site).install(routes);
            new ReplacementRoutes(all.hosts, all.signInFlow, all.replacements, all.replacementLines, all.site)
                    .install(routes);
            new HostRoutes(
                            db,
                            all.hosts,
                            all.expectations,
                            all.silences,
                            all.pauses,
                            all.usage,
                            all.configs,
                            all.repositories,
                            all.repositoryChanges,
                            all.policies,
                            all.scheduleVersions,
                            all.jobs,
                            all.agents,
                            all.drills,
                            all.recoveries,
                            alerting::badgeUrl,
                            clock)
                    .install(routes);
            new RepositoryRoutes(all.catalog, all.configs).install(routes);
            new SshAccessRoutes(all.hosts, all.questions).install(routes);
            new RotationRoutes(all.rotations).install(routes);
            new RepositoryJobRoutes(all.operations, all.findings).install(routes);
            new RepositoryLockRoutes(all.repositoryLocks).install(routes);
            new RepositoryQueueRoutes(all.hosts, all.repositories, all.queue, db, clock).install(routes);
            new ScheduleRoutes(all.schedules, all.scheduleWarnings).install(routes);
            new RetentionRoutes(all.retentionPlans, all.retentionDecisions, all.copies).install(routes);
            new DivergenceRoutes(all.divergences, all.decisions).install(routes);
            new UpgradeRoutes(all.upgrades).install(routes);
            var jobStream = new JobStream(all.jobs, all.jobLogs, all.changes, nanoTime);
            new JobRoutes(all.jobs, all.dispatcher, all.jobLogs, jobStream, all.acceptances).install(routes);
            new SnapshotRoutes(all.snapshots).install(routes);
            new RestoreRoutes(all.snapshots, all.restores).install(routes);
            new TransferRoutes(all.transfers).install(routes);
            new TreeRoutes(all.trees.trees()).install(routes);
            new DownloadRoutes(all.trees.downloads(), nanoTime).install(routes);
            new AuditRoutes(all.audit).install(routes);
            alerting.install(routes);
            pages.install(routes);
            routes.webSocket(Protocol.WEBSOCKET_PATH, Access.AGENT, "WebSocket for agents", endpoint -> {});
            table[0] = routes;
        });
        var maintenance = new Maintenance(
                db,
                socket,
                all.questions,
                all.agentJobs,
                all.missedRuns,
                all.jobs,
                all.jobLogs,
                all.usage,
                all.enrollment,
                all.upgrades,
                all.retentionOverview,
                new DatabaseCopies(db, clock),
                all.certificate,
                all.rotations,
                all.trees.indexer(),
                new ClockWatch(db, clock, uptime),
                all.weeklyDrills,
                alerting);
        var parts = new Parts(
                db,
                all.hosts,
                all.silences,
                all.pauses,
                all.configs,
                all.repositories,
                all.schedules,
                all.divergences,
                all.decisions,
                all.dispatcher,
                all.agents,
                all.fleet,
                alerting.alerts,
                socket,
                all,
                alerting);
        return new App(
                config,
                db,
                http,
                table[0].table(),
                maintenance,
                alerting,
                all.changes,
                all.questions,
                all.trees,
                parts);
    }

    private void listen() {
        try {
            http.start();
        } catch (RuntimeException e) {
            trees.close();
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
        alerting.close();
        questions.close();
        changes.stop(MAX_STREAM_END); // streams send their last event before HTTP stops
        http.stop();
        trees.close();
        db.close();
    }

    private static Throwable rootCause(Throwable e) {
        return e.getCause() == null ? e : rootCause(e.getCause());
    }
}
