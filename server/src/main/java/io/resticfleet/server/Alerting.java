package io.resticfleet.server;

import io.javalin.http.Context;
import io.resticfleet.protocol.HostId;
import io.resticfleet.server.alert.AlertListener;
import io.resticfleet.server.alert.AlertRoutes;
import io.resticfleet.server.alert.Alerts;
import io.resticfleet.server.alert.ConditionSource;
import io.resticfleet.server.alert.Silences;
import io.resticfleet.server.channel.ChannelRoutes;
import io.resticfleet.server.channel.ChannelRules;
import io.resticfleet.server.channel.Channels;
import io.resticfleet.server.channel.Courier;
import io.resticfleet.server.channel.HttpSender;
import io.resticfleet.server.channel.Outbox;
import io.resticfleet.server.channel.RunPings;
import io.resticfleet.server.config.ServerConfig;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.digest.DigestFacts;
import io.resticfleet.server.digest.Digests;
import io.resticfleet.server.metrics.Metrics;
import io.resticfleet.server.metrics.MetricsRoutes;
import io.resticfleet.server.page.Pages;
import io.resticfleet.server.page.digest.DigestMails;
import io.resticfleet.server.rule.AgentReports;
import io.resticfleet.server.rule.AgentRules;
import io.resticfleet.server.rule.HostCare;
import io.resticfleet.server.rule.HostRules;
import io.resticfleet.server.rule.RepositoryRules;
import io.resticfleet.server.rule.ScheduleRules;
import io.resticfleet.server.rule.ServerRules;
import io.resticfleet.server.rule.WatchedHosts;
import io.resticfleet.server.summary.SharedLinks;
import io.resticfleet.server.summary.Summaries;
import io.resticfleet.server.summary.SummaryRoutes;
import io.resticfleet.server.watchdog.OwnChecks;
import io.resticfleet.server.watchdog.Watchdog;
import io.resticfleet.server.watchdog.WatchdogRoutes;
import io.resticfleet.server.web.Html;
import io.resticfleet.server.web.Routes;
import io.resticfleet.server.web.Site;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/** The features that tell people what is wrong, created and connected: they read all others, and none of those knows them. */
final class Alerting implements AutoCloseable {

    /** How long the end of what is being sent is waited for. */
    private static final Duration MAX_END = Duration.ofSeconds(5);

    final Alerts alerts;
    final HttpSender http;
    final Outbox outbox;
    final Channels channels;
    final Summaries summaries;
    final Watchdog watchdog;
    final OwnChecks ownChecks;
    final SharedLinks links;
    private final Digests digests;
    private final MetricsRoutes metrics;
    private final Site site;
    private final Sending sending;
    private final Courier courier;
    private final RunPings runPings;
    private final ScheduledExecutorService thread = Maintenance.thread("alerts");
    private final ScheduledExecutorService courierThread = Maintenance.thread("courier");
    private final ScheduledExecutorService watchdogThread = Maintenance.thread("watchdog");

    Alerting(
            Features all,
            ServerConfig config,
            Database db,
            Sending sending,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.sending = sending;
        site = all.site;
        var serverUrl = site.publicUrl()
                .map(URI::toString)
                .orElse((config.tls().isPresent() ? "https://" : "http://") + config.listen())
                .replaceAll("/+$", "");
        http = sending.http();
        outbox = new Outbox(db, serverUrl, clock);
        channels = new Channels(db, all.secrets, all.audit, outbox, clock);
        courier = new Courier(
                db, channels, outbox, all.jobLogs::tail, sending.sender(), clock, sending.fast(), sending.slow());
        runPings = new RunPings(db, outbox, clock);
        Silences silences = all.silences::silent;
        var watched = new WatchedHosts(db, all.fleet, all.summaries);
        HostCare.Source care = status -> new HostCare(
                status.expected().comesAndGoes(),
                status.expected().staleAfterDays(),
                status.pause().map(pause -> new HostCare.Paused(pause.at(), pause.by(), pause.reason())));
        var zone = ZoneId.systemDefault();
        List<ConditionSource> sources = List.of(
                new ScheduleRules(watched, care, all.agents, zone),
                new HostRules(watched, care, all.agents, zone),
                new AgentRules(
                        watched,
                        care,
                        new AgentReports(db, all.agents, all.usage, all.disks, all.upgrades.offer()),
                        zone),
                new RepositoryRules(db, watched, zone),
                new ServerRules(db, all.divergences, all.certificate, all.failedSignIns, clock.instant(), zone),
                new ChannelRules(db));
        List<AlertListener> listeners = List.of(outbox);
        alerts = new Alerts(db, all.audit, silences, sources, listeners, clock);
        metrics = new MetricsRoutes(new Metrics(db, all.fleet, all.agents, alerts::counts, outbox::undelivered, clock));
        links = new SharedLinks(db, all.secrets, all.audit, clock);
        summaries = new Summaries(db, all.fleet, alerts, links);
        ownChecks = new OwnChecks(db, clock, nanoTime);
        watchdog = new Watchdog(db, all.secrets, all.audit, ownChecks, http::send, clock, nanoTime);
        digests = new Digests(
                db,
                channels,
                outbox,
                new DigestFacts(db, all.fleet, alerts, all.recoveries),
                new DigestMails(new Html(Pages.class.getPackageName()), serverUrl, zone)::message,
                zone,
                clock);
    }

    void install(Routes routes) {
        new AlertRoutes(alerts, site).install(routes);
        new ChannelRoutes(channels).install(routes);
        new SummaryRoutes(summaries, links, alerts, site).install(routes);
        new WatchdogRoutes(watchdog).install(routes);
        metrics.install(routes);
    }

    /** The address of a host's badge, with its key; empty if there is none at present. */
    Optional<String> badgeUrl(Context ctx, HostId hostId) {
        return summaries.badgePath(hostId).map(path -> site.url(ctx) + path);
    }

    List<Maintenance.Task> tasks() {
        return List.of(
                new Maintenance.Task("alerts", thread, Alerts.EVERY, this::checkAlerts),
                new Maintenance.Task("alert-expiry", thread, Duration.ofHours(1), alerts::expire),
                new Maintenance.Task("run-pings", courierThread, RunPings.EVERY, runPings::check),
                new Maintenance.Task("courier", courierThread, Courier.EVERY, courier::check),
                new Maintenance.Task("delivery-expiry", courierThread, Duration.ofHours(1), courier::expire),
                new Maintenance.Task("digests", courierThread, Digests.EVERY, digests::check),
                new Maintenance.Task("watchdog", watchdogThread, Watchdog.EVERY, watchdog::check));
    }

    private void checkAlerts() {
        alerts.check();
        ownChecks.lookedForAlerts();
    }

    /** Call it after the tasks have ended, and before the database is closed. */
    @Override
    public void close() {
        courier.close();
        sending.close();
    }
}
